using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Reads the labels of all that the control plane measures and the spans of its process, and keeps what holds a secret.</summary>
public sealed class SecretWatch : IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _labels = new();
    private readonly ConcurrentQueue<string> _found = new();
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _spans;
    private int _spansRead;

    public SecretWatch()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("InfraOperator", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, _, labels, _) => Read(instrument, labels));
        _meters.SetMeasurementEventCallback<int>((instrument, _, labels, _) => Read(instrument, labels));
        _meters.SetMeasurementEventCallback<double>((instrument, _, labels, _) => Read(instrument, labels));
        _meters.Start();
        _spans = new()
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Read,
        };
        ActivitySource.AddActivityListener(_spans);
    }

    /// <summary>The labels and spans that hold a secret.</summary>
    public IReadOnlyList<string> Found
    {
        get
        {
            _meters.RecordObservableInstruments();
            return [.. _found];
        }
    }

    /// <summary>How many different labels, and how many spans, were read.</summary>
    public (int Labels, int Spans) Seen => (_labels.Count, _spansRead);

    public void Dispose()
    {
        _meters.Dispose();
        _spans.Dispose();
    }

    private void Read(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        foreach (var (name, value) in labels)
        {
            var label = $"{instrument.Name} {name}={value}";
            if (_labels.TryAdd(label, true))
            {
                Keep(label);
            }
        }
    }

    private void Read(Activity span)
    {
        Interlocked.Increment(ref _spansRead);
        var events = span.Events.SelectMany(static one => one.Tags.Select(tag => $"{one.Name} {tag.Key}={tag.Value}"));
        Keep($"{span.Source.Name} {span.OperationName} {span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}").Concat(events).Concat(span.Baggage.Select(static item => $"{item.Key}={item.Value}")))}");
    }

    private void Keep(string text)
    {
        if (PlantedSecrets.FoundIn(text).Any())
        {
            _found.Enqueue(text);
        }
    }
}
