using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;

namespace InfraOperator.Grains.Providers;

/// <content>How the grain moves between silos, and comes to know again what it missed meanwhile.</content>
internal sealed partial class ProviderGrain
{
    private const string StateName = "provider";
    private const int HandOverBatch = 64;

    // How long an edit may wait for a move.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private readonly UnderWay _underWay = new(time);
    private bool _hasMoved;

    GrainId ILocalGrain.Id => this.GetGrainId();

    ResourceKey ILocalGrain.Key => _key;

    string ILocalGrain.Plural => AWSProvider.Plural;

    long? ILocalGrain.Round => _provider is null ? null : _round;

    /// <summary>Keys that may be in no Secret any longer still serve deletions, and would be lost.</summary>
    bool ILocalGrain.MayMove => MayWrite || _proof.Calls is null;

    /// <summary>Where a call waits for its turn, or AWS does not answer, everybody would wait for that one.</summary>
    bool ILocalGrain.IsBusy => _underWay.HasLasted(LongestDelay);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.Remove(this);
        metrics.Forget(_tracked);
        _proof.Calls?.Pace.Entrance.CallAll();
        if (silos.IsToBeLeft(reason))
        {
            MigrateOnIdle();
        }
        else if ((_provider is not null || _dependents.Count > 0) && Successors.AreCalledFor(reason))
        {
            var successor = grains.GetGrain<IProviderGrain>(_key.ToString());
            var known = Save();
            var moves = reason.ReasonCode == DeactivationReasonCode.Migrating;
            successors.Call(_key, async () =>
            {
                // Whether the other silo takes it shows only there.
                if (!moves || !await successor.HasMoved())
                {
                    await HandOverAsync(successor, known);
                }
            });
        }

        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext context) => context.TryAddValue(StateName, Save());

    public void OnRehydrate(IRehydrationContext context) => _moved = context.TryGetValue<ProviderGrainState>(StateName, out var state) ? state : null;

    private ProviderGrainState Save() => _dependents.Save(new() { Latest = _provider, Round = _round, Served = _served });

    // A successor that did not come by moving knows nobody, and repositories that are in order have nothing to ask it.
    private static async Task HandOverAsync(IProviderGrain successor, ProviderGrainState known)
    {
        await successor.Reread(onlyIfUnknown: true);
        var waiting = known.Waiting.ToHashSet();
        var seen = known.Served is { } served ? ProviderViews.VersionOf(served) : null;
        foreach (var batch in known.Dependents.Zip(known.RepositoryNames).Chunk(HandOverBatch))
        {
            await Task.WhenAll(batch.Select(each => successor.Register(each.First, waiting.Contains(each.First), seen, each.Second)));
        }
    }

    public Task<bool> HasMoved() => Task.FromResult(_hasMoved);

    public async Task Reread(bool onlyIfUnknown)
    {
        var before = _provider;
        if (onlyIfUnknown && before is not null)
        {
            return;
        }

        if (await providers.FindAsync(_key, CancellationToken.None) is { } found)
        {
            Accept(found);
        }
        else if (before is not null)
        {
            await Forget(before.Metadata.Uid);
        }
    }
}
