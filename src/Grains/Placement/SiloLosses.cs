using Microsoft.Extensions.Hosting;

namespace InfraOperator.Grains.Placement;

/// <summary>
/// Ends the wait for answers that may never come. A call that was on its way to a silo, or to where that silo kept record of grains,
/// when it was lost is told of no end before its own timeout, which is minutes for a call that waits for AWS. So what began before a
/// loss and has not ended soon after is to be broken off and begun again.
/// </summary>
internal sealed class SiloLosses(IClusterMembershipService membership, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private CancellationTokenSource _next = Endless(time);

    /// <summary>Cancelled soon after the next loss of a silo.</summary>
    public CancellationToken Next => Volatile.Read(ref _next).Token;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HashSet<SiloAddress> active = [];
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                // One that left in order has answered, or refused, what it was asked.
                var isLoss = active.Any(silo => snapshot.GetSiloStatus(silo) == SiloStatus.Dead);
                active = [.. ActiveSilos.Of(snapshot)];
                if (isLoss)
                {
                    Interlocked.Exchange(ref _next, Endless(time)).CancelAfter(Patience);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As asked.
        }
    }

    private static CancellationTokenSource Endless(TimeProvider time) => new(Timeout.InfiniteTimeSpan, time);
}
