using InfraOperator.Abstractions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Core.Internal;

namespace InfraOperator.Grains.Placement;

/// <summary>
/// Moves this silo's repositories to where they belong when silos have joined, with what they know, spread over time: a new silo is of
/// use for old objects too. What silos have left behind is not moved: it is announced again.
/// </summary>
internal sealed partial class Rebalancer(
    IClusterMembershipService membership, ActiveSilos silos, LocalGrains local, IGrainFactory grains, IOptions<OperatorOptions> options, TimeProvider time, ILogger<Rebalancer> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HashSet<SiloAddress> known = [];
        var (stop, moving) = (default(CancellationTokenSource), Task.CompletedTask);
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var active = ActiveSilos.Of(snapshot).ToHashSet();
                var hasGrown = known.Count > 0 && active.Except(known).Any();
                known = active;
                if (hasGrown)
                {
                    await EndAsync();
                    stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    moving = MoveAsync(stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As asked.
        }
        finally
        {
            await EndAsync();
        }

        async Task EndAsync()
        {
            stop?.Cancel();
            await moving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop?.Dispose();
            stop = null;
        }
    }

    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        var strangers = local.All.Where(BelongsElsewhere).Select(grain => grain.Id).ToArray();
        if (strangers.Length == 0)
        {
            return;
        }

        LogMoving(logger, strangers.Length, local.Count, options.Value.RebalancePeriod);
        Random.Shared.Shuffle(strangers);
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, time);
        for (var moved = 0; moved < strangers.Length && await timer.WaitForNextTickAsync(cancellationToken);)
        {
            var share = options.Value.RebalancePeriod > TimeSpan.Zero ? Math.Min(1, time.GetElapsedTime(started) / options.Value.RebalancePeriod) : 1;
            for (; moved < (int)Math.Ceiling(strangers.Length * share); moved++)
            {
                await MoveAsync(strangers[moved]);
            }
        }

        LogMoved(logger, strangers.Length, local.Count);
    }

    // How providers are spread, the ProviderBalancer decides.
    private bool BelongsElsewhere(ILocalGrain grain) => grain.Plural != AWSProvider.Plural && grain.MayMove && Rendezvous.Pick(grain.Id, silos.Current) is { } silo && !silo.Equals(silos.Own);

    private async Task MoveAsync(GrainId id)
    {
        if (local.Find(id) is not { } grain || !BelongsElsewhere(grain))
        {
            return;
        }

        try
        {
            await grains.GetGrain(id).AsReference<IGrainManagementExtension>().MigrateOnIdle();
        }
        catch (Exception exception)
        {
            LogNotMoved(logger, exception, grain.Key);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silos have joined: {Moving} of {Count} objects of this silo move to others within {Period}")]
    private static partial void LogMoving(ILogger logger, int moving, int count, TimeSpan period);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Moved} objects have moved to other silos; {Count} are here")]
    private static partial void LogMoved(ILogger logger, int moved, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not move {Key} to another silo; it is looked for again when silos come or go")]
    private static partial void LogNotMoved(ILogger logger, Exception exception, ResourceKey key);
}
