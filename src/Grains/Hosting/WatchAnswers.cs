namespace InfraOperator.Grains.Hosting;

/// <summary>When this silo was last answered by every grain that watches.</summary>
/// <param name="time">The clock.</param>
public sealed class WatchAnswers(TimeProvider time)
{
    private long _last = -1;

    /// <summary>How long ago that was; null where it never was.</summary>
    public TimeSpan? SinceLast => Volatile.Read(ref _last) is >= 0 and var last ? time.GetElapsedTime(last) : null;

    internal void Note() => Volatile.Write(ref _last, time.GetTimestamp());
}
