using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;

namespace InfraOperator.Grains.Providers;

/// <content>How the grain moves between silos, and comes to know again what it missed meanwhile.</content>
internal sealed partial class ProviderGrain
{
    private const string StateName = "provider";

    GrainId ILocalGrain.Id => this.GetGrainId();

    ResourceKey ILocalGrain.Key => _key;

    string ILocalGrain.Plural => AWSProvider.Plural;

    long? ILocalGrain.Round => _provider is null ? null : _round;

    /// <summary>Keys that may be in no Secret any longer still serve deletions, and would be lost.</summary>
    bool ILocalGrain.MayMove => MayWrite || _proof.Calls is null;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.Remove(this);
        metrics.Forget(_tracked);
        if (silos.IsToBeLeft(reason))
        {
            MigrateOnIdle();
        }

        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext context)
    {
        context.TryAddValue(StateName, _dependents.Save(new() { Latest = _provider, Round = _round, Served = _served }));
    }

    public void OnRehydrate(IRehydrationContext context) => _moved = context.TryGetValue<ProviderGrainState>(StateName, out var state) ? state : null;

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
