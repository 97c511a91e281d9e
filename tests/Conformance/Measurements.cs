using System.Diagnostics.Metrics;

namespace InfraOperator.Conformance;

/// <summary>Makes meters, and keeps what is measured by them.</summary>
public sealed class Measurements : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];
    private readonly List<(string Name, Dictionary<string, object?> Labels, double Value)> _all = [];

    public Measurements()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    /// <summary>The labels of what an instrument measured, as <c>name=value</c>, and the values, in order.</summary>
    public IReadOnlyList<(string Labels, double Value)> Of(string instrument)
    {
        lock (_all)
        {
            return [.. _all.Where(measured => measured.Name == instrument)
                .Select(measured => (string.Join(' ', measured.Labels.Select(label => $"{label.Key}={label.Value}")), measured.Value))];
        }
    }

    /// <summary>The sum of what a counter counted, by its labels.</summary>
    public Dictionary<string, double> Totals(string counter) => Of(counter).GroupBy(measured => measured.Labels).ToDictionary(group => group.Key, group => group.Sum(measured => measured.Value));

    /// <summary>What a gauge says now, by its labels.</summary>
    public Dictionary<string, double> Read(string gauge)
    {
        lock (_all)
        {
            _all.RemoveAll(measured => measured.Name == gauge);
        }

        _listener.RecordObservableInstruments();
        return Totals(gauge);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var named = new Dictionary<string, object?>(labels.ToArray());
        lock (_all)
        {
            _all.RemoveAll(measured => instrument.IsObservable && measured.Name == instrument.Name && Same(measured.Labels, named));
            _all.Add((instrument.Name, named, value));
        }
    }

    private static bool Same(Dictionary<string, object?> one, Dictionary<string, object?> other) => one.Count == other.Count && one.All(label => Equals(other.GetValueOrDefault(label.Key), label.Value));
}
