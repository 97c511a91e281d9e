using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Tenants;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Repositories;

/// <summary>
/// The other objects of this cluster that name a repository, read afresh. Asked for when a repository is about to be taken, or
/// seems to be another's: in the life of a repository that is once or never.
/// </summary>
internal sealed class Neighbourhood(ResourceStore<ECRRepository> store, ResourceStore<AWSProvider> providers, IGrainFactory grains, IOptions<OperatorOptions> options)
{
    /// <summary>Finds them.</summary>
    /// <param name="key">The object that asks.</param>
    /// <param name="provider">Its provider.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="repositoryName">The repository's name.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="KubernetesApiException">The objects cannot be read, so nothing may be taken.</exception>
    public async Task<ImmutableArray<Neighbour>> FindAsync(ResourceKey key, IProviderGrain provider, ObservedRepository repository, string repositoryName, CancellationToken cancellationToken)
    {
        var found = ImmutableArray.CreateBuilder<Neighbour>();
        var chosen = new Dictionary<IProviderGrain, string?>();
        foreach (var other in await ListAsync(repositoryName, cancellationToken))
        {
            var (metadata, spec) = (other.Metadata, other.Spec);
            var otherKey = new ResourceKey(key.Cluster, metadata.Namespace, metadata.Name);
            if (otherKey == key || DesiredRepository.OnlyObserves(spec))
            {
                continue;
            }

            var owned = Owned.From(other.Status);
            found.Add(new(
                otherKey,
                metadata.CreationTimestamp ?? DateTimeOffset.MaxValue,
                Holds: owned.Origin is not null && owned.Means(repository),
                MayTake: !metadata.IsDeleting && !metadata.IsPaused && spec.AdoptionPolicy != nameof(AdoptionPolicy.Create)
                    && Tenancy.Of(metadata.Namespace, options.Value).Includes(repositoryName, AwsPlace.Of(repository.Arn))
                    && await IsInPlaceAsync(otherKey, other, owned),
                metadata.IsDeleting));
        }

        return found.ToImmutable();

        async Task<string?> ChosenEndpointAsync(IProviderGrain asked)
        {
            if (!chosen.TryGetValue(asked, out var endpoint))
            {
                var named = await FindProviderAsync(ResourceKey.Parse(asked.GetPrimaryKeyString()), cancellationToken);
                endpoint = named is null || ProviderIdentity.IsTrusted(named.Spec, options.Value) ? null : named.Spec.Endpoint;
                chosen.Add(asked, endpoint);
            }

            return endpoint;
        }

        // The same name in another account or region is another repository. What an endpoint tells of accounts and repositories that a tenant
        // chose counts for those alone who chose it too: else whoever answers there could keep a repository from everybody.
        async Task<bool> IsInPlaceAsync(ResourceKey otherKey, ECRRepository other, Owned owned) =>
            (owned.Arn is not { } arn || arn == repository.Arn)
            && RepositoryReconciler.ProviderOf(grains, otherKey, other) is { } another
            && (another.Equals(provider)
                || (await another.Locate().WaitAsync(cancellationToken) == AwsPlace.Of(repository.Arn)
                    && (await ChosenEndpointAsync(another) is not { } endpoint || endpoint == await ChosenEndpointAsync(provider))));
    }

    private async Task<AWSProvider?> FindProviderAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await providers.FindAsync(key, cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.Forbidden)
        {
            // In a namespace that is not served.
            return null;
        }
    }

    private async Task<IReadOnlyList<ECRRepository>> ListAsync(string repositoryName, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ListAsync("spec.repositoryName", repositoryName, cancellationToken).ToListAsync(cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.Invalid)
        {
            // A server that cannot select by this field.
            return await store.ListAsync(cancellationToken).Where(repository => repository.Spec.RepositoryName == repositoryName).ToListAsync(cancellationToken);
        }
    }
}
