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
}
