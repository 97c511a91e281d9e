using InfraOperator.Grains.Status;

namespace InfraOperator.Grains;

/// <summary>When to try again, with jitter, so that what failed together does not come back together.</summary>
internal static class RetryDelay
{
    private const int SlownessForPersons = 15;

    /// <summary>The wait before the attempt after <paramref name="attempt"/> failed ones.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="attempt">How many attempts failed, at least one.</param>
    /// <param name="mend">Who can mend it: what waits for a person is tried slowly.</param>
    public static TimeSpan After(OperatorOptions options, int attempt, Mend mend)
    {
        var slowness = mend == Mend.Person ? SlownessForPersons : 1;
        var delay = Math.Min(
            options.MaxRetryDelay.TotalMilliseconds * (mend == Mend.Person ? 2 : 1),
            options.MinRetryDelay.TotalMilliseconds * slowness * Math.Pow(2, Math.Min(attempt - 1, 20)));
        return TimeSpan.FromMilliseconds(delay * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    /// <summary>A period, give or take a tenth.</summary>
    /// <param name="period">The period.</param>
    public static TimeSpan Jittered(TimeSpan period) => period * (0.9 + (Random.Shared.NextDouble() / 5));

    /// <summary>
    /// A delay made longer so that it ends together with others' of the same group: what many ask at the same time takes no more calls than what one asks.
    /// </summary>
    /// <param name="delay">The least delay.</param>
    /// <param name="period">How far apart the moments are at which delays end; what a delay is made longer by is less.</param>
    /// <param name="group">The group. Others' moments are others, so that not all come together.</param>
    /// <param name="now">The time. Where clocks differ, so do the moments.</param>
    public static TimeSpan Together(TimeSpan delay, TimeSpan period, uint group, DateTimeOffset now)
    {
        var own = period * (group / (double)uint.MaxValue);
        return delay + TimeSpan.FromTicks((period.Ticks - ((now + delay - own).Ticks % period.Ticks)) % period.Ticks);
    }
}
