namespace InfraOperator.Benchmarks;

/// <summary>Waits for what nobody announces. Never used to take a time: what is timed is stamped where it happens.</summary>
internal static class Until
{
    /// <summary>How long what should take seconds may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(Func<bool> condition, string what, CancellationToken cancellationToken) => TrueAsync(condition, what, Patience, cancellationToken);

    public static async Task TrueAsync(Func<bool> condition, string what, TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > patience)
            {
                throw new BenchmarkException($"Waited {patience.TotalMinutes:0} minutes in vain for {what}.");
            }

            await Task.Delay(Period, cancellationToken);
        }
    }
}
