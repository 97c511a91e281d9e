using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Pace;

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
    private readonly ConcurrentDictionary<AccountPace, bool> _paces = [];
    private readonly Histogram<double> _paceWait;
    private readonly Counter<long> _handedBack;
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
        _paceWait = meter.CreateHistogram("infra_operator.pace.wait", "s", "How long a call to AWS waited for its turn, of those that had to.", advice: Seconds);
        _handedBack = meter.CreateCounter<long>("infra_operator.pace.handed_back", description: "Reconciles that were told to ask again later, since so many wait for their turn already.");
        meter.CreateObservableGauge("infra_operator.pace.rate", ObserveRates, description: "How many calls a second the account is let make, of accounts whose pace is decided on this silo.");
        meter.CreateObservableGauge("infra_operator.objects", CountObjects, description: "Objects whose grain is on this silo, by condition and its status.");
        meter.CreateObservableGauge("infra_operator.work.ready", CountReady, description: "Reconciles that are due or run, less those that wait for their turn with a provider on this silo.");
        meter.CreateObservableGauge("infra_operator.work.paced", () => Interlocked.Read(ref _paced), description: "Reconciles that wait for the turn of a call, with a provider on this silo.");
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

    /// <summary>Tells of an account's pace until it is forgotten.</summary>
    public void Track(AccountPace pace) => _paces.TryAdd(pace, true);

    /// <summary>Tells of an account's pace no longer.</summary>
    public void Forget(AccountPace pace) => _paces.TryRemove(pace, out _);

    /// <summary>Reconciles begin to wait for the turn of a call. They are under way, and more silos would not help them.</summary>
    public void BeginWait(int reconciles) => Interlocked.Add(ref _paced, reconciles);

    /// <summary>The wait is over.</summary>
    public void EndWait(int reconciles) => Interlocked.Add(ref _paced, -reconciles);

    /// <summary>A call had its turn after it waited.</summary>
    public void Waited(OperationClass @class, CallPriority priority, TimeSpan wait) =>
        _paceWait.Record(wait.TotalSeconds, new TagList { { "class", @class.ToString() }, { "priority", priority.ToString() } });

    /// <summary>A reconcile was told to ask again later.</summary>
    public void HandedBack(CallPriority priority) => _handedBack.Add(1, new KeyValuePair<string, object?>("priority", priority.ToString()));

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

    private IEnumerable<Measurement<double>> ObserveRates() => _paces.Keys.SelectMany(static pace => pace.Rates.Select(each => new Measurement<double>(
        each.Rate,
        new("account", pace.Account.Place.AccountId),
        new("region", pace.Account.Place.Region),
        new("class", each.Class.ToString()))));

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
