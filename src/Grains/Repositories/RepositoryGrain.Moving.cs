using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;

namespace InfraOperator.Grains.Repositories;

/// <content>How the grain moves between silos.</content>
internal sealed partial class RepositoryGrain
{
    private const string StateName = "repository";

    GrainId ILocalGrain.Id => this.GetGrainId();

    ResourceKey ILocalGrain.Key => _key;

    string ILocalGrain.Plural => ECRRepository.Plural;

    long? ILocalGrain.Round => _round;

    bool ILocalGrain.MayMove => true;

    bool ILocalGrain.IsBusy => false;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.Remove(this);
        metrics.Forget(_tracked);
        if (silos.IsToBeLeft(reason))
        {
            MigrateOnIdle();
        }
        else if (_latest is not null && Successors.AreCalledFor(reason))
        {
            successors.Call(_key, () => grains.GetGrain<IRepositoryGrain>(_key.ToString()).Reread(onlyIfUnknown: true));
        }

        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext context)
    {
        if (_latest is not null)
        {
            context.TryAddValue(StateName, new RepositoryGrainState
            {
                Latest = _latest,
                Round = _round,
                DueIn = _due is { } due ? Max(time.GetElapsedTime(time.GetTimestamp(), due), TimeSpan.Zero) : null,
                Attempt = _attempt,
                ProviderChanged = _memory.HasChanged,
                ProviderSeen = _memory.Seen,
                Followers = [.. _followers],
            });
        }

        static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;
    }

    public void OnRehydrate(IRehydrationContext context)
    {
        if (context.TryGetValue<RepositoryGrainState>(StateName, out var state) && state is not null)
        {
            (_latest, _round, _dueAfterMove, _attempt) = (state.Latest, state.Round, state.DueIn, state.Attempt);
            (_memory.HasChanged, _memory.Seen) = (state.ProviderChanged, state.ProviderSeen);
            _followers.UnionWith(state.Followers);
        }
    }
}
