namespace InfraOperator.Grains.Metrics;

/// <summary>
/// When the watch heard of what a call tells. It goes beside the call, from the watch's silo to the object's, and on to whatever else that call has
/// done at once; a silo that does not know of it passes it by.
/// </summary>
internal static class WatchNews
{
    private const string Key = "infra.heard";

    /// <summary>The calls that follow tell of what was heard then.</summary>
    public static void Tell(DateTimeOffset heard) => RequestContext.Set(Key, heard.UtcTicks);

    /// <summary>Remembers when that was, if this call tells of anything; the earliest counts.</summary>
    /// <param name="heard">Ticks; zero while there is nothing, and negative what was taken last.</param>
    public static void Note(ref long heard)
    {
        if (heard <= 0 && RequestContext.Get(Key) is long ticks && ticks > -heard)
        {
            heard = ticks;
        }
    }

    /// <summary>Takes what was remembered. The same news is not taken again: a timer runs with the context of the call that made it.</summary>
    /// <param name="heard">As of <see cref="Note"/>.</param>
    public static DateTimeOffset? Take(ref long heard)
    {
        if (heard <= 0)
        {
            return null;
        }

        var taken = new DateTimeOffset(heard, TimeSpan.Zero);
        heard = -heard;
        return taken;
    }
}
