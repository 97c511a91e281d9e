namespace InfraOperator.Benchmarks;

/// <summary>Waits for what nobody announces. Never used to take a time: what is timed is stamped where it happens.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new BenchmarkException($"Waited {Patience.TotalMinutes:0} minutes in vain for {what}.");
            }

            await Task.Delay(Period, cancellationToken);
        }
    }
}
