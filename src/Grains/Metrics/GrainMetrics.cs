using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Metrics;

/// <summary>
/// What this silo's grains do and hold, as numbers. Labels name kinds, outcomes and conditions, never objects: their number must not
/// grow with what people create.
/// </summary>
internal sealed class GrainMetrics
{
    public const string MeterName = "InfraOperator";

    // A provider is not synced with anything.
    private static readonly (string Kind, string Condition)[] Conditions =
    [
        (ECRRepository.Kind, ConditionTypes.Ready), (ECRRepository.Kind, ConditionTypes.Synced), (ECRRepository.Kind, ConditionTypes.Reconciling), (ECRRepository.Kind, ConditionTypes.Stalled),
        (AWSProvider.Kind, ConditionTypes.Ready), (AWSProvider.Kind, ConditionTypes.Reconciling), (AWSProvider.Kind, ConditionTypes.Stalled),
    ];

    private static readonly string[] Statuses = [ConditionStatus.Unknown, ConditionStatus.True, ConditionStatus.False];

    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<TrackedGrain, bool> _grains = [];
    private readonly Counter<long> _reconciles;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _sweeps;
    private readonly Histogram<double> _sweepDuration;
    private long _paced;

    public GrainMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeterName);
        _reconciles = meter.CreateCounter<long>("infra_operator.reconciles", description: "Reconciles that ended, by what they came to.");
        _duration = meter.CreateHistogram("infra_operator.reconcile.duration", "s", "How long a reconcile took.", advice: Seconds);
        _lag = meter.CreateHistogram("infra_operator.reconcile.lag", "s", "From a change's being heard by the watch to the start of the reconcile that it called for.", advice: Seconds);
        _sweeps = meter.CreateCounter<long>("infra_operator.sweeps", description: "Sweeps of a provider's repositories that came to their end, or failed.");
        _sweepDuration = meter.CreateHistogram("infra_operator.sweep.duration", "s", "How long a sweep took.", advice: Seconds);
        meter.CreateObservableGauge("infra_operator.objects", CountObjects, description: "Objects whose grain is on this silo, by condition and its status.");
        meter.CreateObservableGauge("infra_operator.work.ready", CountReady, description: "Reconciles that are due or run, less those that wait for their turn with a provider on this silo.");
        meter.CreateObservableGauge("infra_operator.work.paced", () => Interlocked.Read(ref _paced), description: "Calls that wait for their turn with a provider on this silo.");
    }

    private static InstrumentAdvice<double> Seconds { get; } = new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] };

    /// <summary>Counts a grain until it is forgotten.</summary>
    public TrackedGrain Track(string kind)
    {
        var grain = new TrackedGrain(this, kind, _time);
        _grains.TryAdd(grain, true);
        return grain;
    }

    /// <summary>Counts a grain no longer.</summary>
    public void Forget(TrackedGrain grain) => _grains.TryRemove(grain, out _);

    /// <summary>A call begins to wait for its turn with a provider. The reconcile that it belongs to is under way, and more silos would not help it.</summary>
    public void BeginWait() => Interlocked.Increment(ref _paced);

    /// <summary>The wait is over.</summary>
    public void EndWait() => Interlocked.Decrement(ref _paced);

    /// <summary>A reconcile ended.</summary>
    public void Ended(string kind, string outcome, TimeSpan took)
    {
        _reconciles.Add(1, new TagList { { "kind", kind }, { "outcome", outcome } });
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
    }

    /// <summary>A sweep ended.</summary>
    public void Swept(string outcome, TimeSpan took)
    {
        _sweeps.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _sweepDuration.Record(took.TotalSeconds);
    }

    /// <summary>A reconcile begins this long after the change that called for it was heard of.</summary>
    public void Lagged(string kind, TimeSpan lag) => _lag.Record(Math.Max(0, lag.TotalSeconds), new KeyValuePair<string, object?>("kind", kind));

    private long CountReady()
    {
        var now = _time.GetTimestamp();
        return _grains.Keys.Count(grain => grain.IsReady(now)) - Interlocked.Read(ref _paced);
    }

    // All combinations, so that a series does not begin or end when its last object comes or goes.
    private IEnumerable<Measurement<long>> CountObjects()
    {
        var counts = new long[Conditions.Length, Statuses.Length];
        foreach (var grain in _grains.Keys.Where(grain => grain.HoldsObject))
        {
            for (var index = 0; index < Conditions.Length; index++)
            {
                if (Conditions[index].Kind == grain.Kind)
                {
                    counts[index, Math.Max(0, Array.IndexOf(Statuses, grain.StatusOf(Conditions[index].Condition)))]++;
                }
            }
        }

        for (var index = 0; index < Conditions.Length; index++)
        {
            for (var status = 0; status < Statuses.Length; status++)
            {
                yield return new(counts[index, status], new("kind", Conditions[index].Kind), new("condition", Conditions[index].Condition), new("status", Statuses[status]));
            }
        }
    }
}
