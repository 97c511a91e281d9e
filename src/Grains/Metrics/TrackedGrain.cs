using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Metrics;

/// <summary>What one activation counts as. Written on the activation's turns, read by whoever scrapes.</summary>
internal sealed class TrackedGrain(GrainMetrics metrics, string kind, TimeProvider time)
{
    private const long Never = long.MaxValue;

    // Null while the grain knows of no object.
    private volatile Held? _held;
    private long _due = Never;
    private volatile bool _running;
    private long _heard;

    public string Kind => kind;

    /// <summary>Whether the grain knows its object.</summary>
    public bool HoldsObject => _held is not null;

    /// <summary>The status of a condition of the object. Those that are only there while true are false where they are not; the others are unknown.</summary>
    public string StatusOf(string condition) =>
        (_held is { Conditions.IsDefaultOrEmpty: false } held ? held.Conditions.FirstOrDefault(candidate => candidate.Type == condition)?.Status : null)
        ?? (condition is ConditionTypes.Reconciling or ConditionTypes.Stalled ? ConditionStatus.False : ConditionStatus.Unknown);

    /// <summary>Whether a reconcile is under way, or could be. A grain that knows of no object has nothing to do when its timer is due.</summary>
    public bool IsReady(long now) => _running || (HoldsObject && Interlocked.Read(ref _due) <= now);

    /// <summary>The object is known, and these are its conditions.</summary>
    public void Holds(ImmutableArray<Condition>? conditions) => _held = new(conditions ?? []);

    /// <summary>There is no object any more.</summary>
    public void HoldsNothing() => _held = null;

    /// <summary>The grain's timer, with its due time known here.</summary>
    public IGrainTimer Follow(IGrainTimer timer) => new FollowedTimer(this, timer);

    /// <summary>A reconcile begins; it ends with what is returned.</summary>
    public Run Begin()
    {
        Interlocked.Exchange(ref _due, Never);
        _running = true;
        if (WatchNews.Take(ref _heard) is { } heard)
        {
            metrics.Lagged(kind, time.GetUtcNow() - heard);
        }

        return new(this, time.GetTimestamp());
    }

    private void DueIn(TimeSpan delay)
    {
        Interlocked.Exchange(ref _due, delay == Timeout.InfiniteTimeSpan ? Never : time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency));
        if (delay == TimeSpan.Zero)
        {
            WatchNews.Note(ref _heard);
        }
    }

    private sealed record Held(ImmutableArray<Condition> Conditions);

    /// <summary>A reconcile that is under way.</summary>
    internal sealed class Run(TrackedGrain grain, long started) : IDisposable
    {
        /// <summary>What it came to; a name from a closed set. The first that is set counts.</summary>
        public string? Outcome { get; set => field ??= value; }

        public void Dispose()
        {
            grain._running = false;
            grain.Metrics.Ended(grain.Kind, Outcome ?? Outcomes.Canceled, grain.Time.GetElapsedTime(started));
        }
    }

    private GrainMetrics Metrics => metrics;

    private TimeProvider Time => time;

    private sealed class FollowedTimer(TrackedGrain grain, IGrainTimer timer) : IGrainTimer
    {
        public void Change(TimeSpan dueTime, TimeSpan period)
        {
            grain.DueIn(dueTime);
            timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            grain.DueIn(Timeout.InfiniteTimeSpan);
            timer.Dispose();
        }
    }
}
