using InfraOperator.Abstractions;
using InfraOperator.Grains.Providers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Core.Internal;
using Orleans.Runtime.Placement;

namespace InfraOperator.Grains.Placement;

/// <summary>
/// Moves this silo's providers to silos that have fewer. They are too few for a hash to spread them evenly, and the slowest silo decides how
/// long all of them take. Where each silo is to have how many is found by each for itself, by a rule that comes to the same answer everywhere.
/// </summary>
internal sealed partial class ProviderBalancer(
    ActiveSilos silos,
    IClusterManifestProvider manifests,
    LocalGrains local,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<ProviderBalancer> logger) : BackgroundService
{
    // A quarter of what is too much goes each time: what other silos do meanwhile is seen before the rest goes, and nearly all is gone in the period.
    private const int PassesEachPeriod = 12;
    private const int Share = 4;

    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    // As Orleans names the class in its statistics.
    private static readonly string ProviderType = $"{typeof(ProviderGrain).FullName},{typeof(ProviderGrain).Assembly.GetName().Name}";

    private readonly Dictionary<ILocalGrain, long> _leaving = [];
    private (IReadOnlyList<SiloAddress> Silos, int Own, long At)? _even;
    private long? _stuckSince;

    // Where AWS is slow all are busy all the time, and only more silos help: then one that is busy goes too. And one that has not gone by then
    // may stay for good, and is no reason to move no other.
    private TimeSpan Patience => options.Value.RebalancePeriod;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = options.Value.RebalancePeriod / PassesEachPeriod;
        using var timer = new PeriodicTimer(pause < LeastPause ? LeastPause : pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await BalanceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As asked.
        }
    }

    private async Task BalanceAsync(CancellationToken cancellationToken)
    {
        var (own, all) = (local.All.Where(static grain => grain.Plural == AWSProvider.Plural).ToArray(), silos.Current);
        foreach (var gone in _leaving.Where(leaving => !own.Contains(leaving.Key) || time.GetElapsedTime(leaving.Value) >= Patience).Select(static leaving => leaving.Key).ToArray())
        {
            _leaving.Remove(gone);
        }

        // Nothing is placed on a silo that has joined before it has said what it runs: whatever is to move there would stay, without a word.
        var areKnown = all.All(manifests.Current.Silos.ContainsKey);

        // Where nothing has changed here, another silo may still have come to have fewer.
        var isKnownEven = _even is { } even && even.Silos == all && even.Own == own.Length && time.GetElapsedTime(even.At) < options.Value.RebalancePeriod;
        if (own.Length == 0 || all.Count < 2 || !areKnown || _leaving.Count > 0 || isKnownEven)
        {
            return;
        }

        try
        {
            var counts = await CountAsync(all).WaitAsync(cancellationToken);
            var targets = EvenSpread.Moves(counts, silos.Own);
            if (targets.Count == 0)
            {
                (_even, _stuckSince) = ((all, own.Length, time.GetTimestamp()), null);
                return;
            }

            _even = null;
            foreach (var target in targets.Take((targets.Count + Share - 1) / Share))
            {
                await MoveAsync(own, target, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A silo is coming or going, and the next pass sees what became of it.
            LogNotBalanced(logger, exception);
        }
    }

    // What Orleans counts includes grains that are being made or ended; whoever moves one too many for it gets one back later.
    private async Task<Dictionary<SiloAddress, int>> CountAsync(IReadOnlyList<SiloAddress> all)
    {
        var counts = all.ToDictionary(static silo => silo, static _ => 0);
        foreach (var count in await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics([.. all]))
        {
            if (count.GrainType == ProviderType)
            {
                counts[count.SiloAddress] += count.ActivationCount;
            }
        }

        return counts;
    }

    private async Task MoveAsync(ILocalGrain[] own, SiloAddress target, CancellationToken cancellationToken)
    {
        var (all, isUrgent) = (silos.Current, _stuckSince is { } since && time.GetElapsedTime(since) >= Patience);

        // Of those that are equal, the one that the hash has there: it is there already should the others be lost.
        var grain = own
            .Where(grain => grain.MayMove && !_leaving.ContainsKey(grain) && (isUrgent || !grain.IsBusy))
            .OrderBy(static grain => grain.IsBusy)
            .ThenByDescending(grain => target.Equals(Rendezvous.Pick(grain.Id, all)))
            .FirstOrDefault();
        if (grain is null)
        {
            _stuckSince ??= time.GetTimestamp();
            return;
        }

        _stuckSince = grain.IsBusy ? _stuckSince : null;
        _leaving[grain] = time.GetTimestamp();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        try
        {
            await grains.GetGrain(grain.Id).AsReference<IGrainManagementExtension>().MigrateOnIdle(cancellationToken);
            LogMoving(logger, grain.Key, target);
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Provider {Key} moves to silo {Silo}, which has fewer")]
    private static partial void LogMoving(ILogger logger, ResourceKey key, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Could not compare how many providers each silo has; trying again soon")]
    private static partial void LogNotBalanced(ILogger logger, Exception exception);
}
