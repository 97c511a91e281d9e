using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Tenants;

/// <inheritdoc cref="ITenantGrain"/>
/// <remarks>
/// One after the other is admitted, so two cannot take one place. What it forgets when its silo is lost is whom it admitted in the moments
/// before, and who does not bear the finalizer yet.
/// </remarks>
[RendezvousPlacement]
[GrainType("tenant")]
internal sealed class TenantGrain(ResourceStore<ECRRepository> repositories, IGrainFactory grains, TimeProvider time) : Grain, ITenantGrain
{
    private readonly TenantPlaces _places = new(time);
    private readonly OrderedDictionary<ResourceKey, int> _waiting = [];

    public async Task<Admission> Admit(ResourceKey repository, string uid, int most)
    {
        try
        {
            if (!_places.IsKnown || (_places.CountWithout(uid) >= most && !_places.IsFresh))
            {
                _places.Learn(await repositories.ListInAsync(repository.Namespace, CancellationToken.None).ToListAsync());
            }
        }
        catch (KubernetesApiException exception)
        {
            return new(false, 0, exception.Message);
        }

        var others = _places.CountWithout(uid);
        _waiting.Remove(repository);
        if (others >= most)
        {
            _waiting.Add(repository, most);
            return new(false, others);
        }

        _places.Admit(uid);
        WakeWaiting();
        return new(true, others);
    }

    public Task Release(ResourceKey repository, string uid)
    {
        _waiting.Remove(repository);
        if (_places.Release(uid))
        {
            WakeWaiting();
        }

        return Task.CompletedTask;
    }

    // As many as there is room for. One that does not come after all is no loss: the others ask again by themselves.
    private void WakeWaiting()
    {
        for (var woken = 0; _waiting.Count > 0 && _waiting.GetAt(0) is var (repository, most) && _places.Count + woken < most; woken++)
        {
            _waiting.RemoveAt(0);
            grains.GetGrain<IRepositoryGrain>(repository.ToString()).Wake().Ignore();
        }
    }
}
