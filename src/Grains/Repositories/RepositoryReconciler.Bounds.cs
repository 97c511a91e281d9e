using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tenants;

namespace InfraOperator.Grains.Repositories;

/// <content>What keeps an object from its repository whatever its spec says: its provider, the place that it is in, and the tenancy rules.</content>
internal sealed partial class RepositoryReconciler
{
    /// <summary>Whether the tenancy rules keep an object from its repository, as far as that is known without its provider.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="repository">The newest version of the object.</param>
    public bool IsOutOfBounds(ResourceKey key, ECRRepository repository) =>
        !Tenancy.Of(key.Namespace, options.Value).Includes(repository.Spec.RepositoryName, AwsPlace.Of(repository.Status?.RepositoryArn));

    /// <summary>Who decides how many repositories an object's namespace may have.</summary>
    internal static ITenantGrain TenantOf(IGrainFactory grains, ResourceKey key) => grains.GetGrain<ITenantGrain>($"{key.Cluster}/{key.Namespace}");

    // What keeps an object from using its provider. Another namespace's provider obeys that namespace's rule, which may be wider than the object's own.
    private Problem? ProblemOf(ResourceKey key, Owned owned, ProviderView view) =>
        view.State == ProviderState.Ready ? AccountProblem(owned, view) ?? Tenancy.Of(key.Namespace, options.Value).RefusalOf(view.Place) : Problem.From(view);

    // Who has a repository on record keeps it, however many there are.
    private async Task<Problem?> OneTooManyAsync(ResourceKey key, ECRRepository repository, Owned owned, CancellationToken cancellationToken)
    {
        var tenancy = Tenancy.Of(key.Namespace, options.Value);
        if (tenancy.MaxRepositories is not { } most || owned.Origin is not null || DesiredRepository.OnlyObserves(repository.Spec))
        {
            return null;
        }

        var admission = await TenantOf(grains, key).Admit(key, repository.Metadata.Uid, most).WaitAsync(cancellationToken);
        return admission switch
        {
            { IsAdmitted: true } => null,
            { Unknown: { } why } => new(Reasons.KubernetesUnavailable, $"it cannot be told how many repositories the namespace has: {why}; tried again by itself", Mend.Time, Bearing.OnKnowledge),
            _ => tenancy.RefusalOfOneMore(admission.Others),
        };
    }

    // A repository stays in the account and region it was made in; a provider that now means another place gets nothing written.
    private static Problem? AccountProblem(Owned owned, ProviderView view)
    {
        if (AwsPlace.Of(owned.Arn) is not { } place || place == view.Place)
        {
            return null;
        }

        return new(
            Reasons.ProviderNotAllowed,
            $"the repository is '{owned.Arn}', and the provider now acts in account {view.AccountId}, region {view.Region}; name a provider of the repository's account and region",
            Mend.Person,
            Bearing.OnKnowledge);
    }

    internal static Problem NoProvider(ECRRepository repository) => new(
        Reasons.InvalidSpec,
        $"spec.providerRef: '{repository.Spec.ProviderRef.Namespace}/{repository.Spec.ProviderRef.Name}' names no object; write the name of an AWSProvider",
        Mend.Person,
        Bearing.OnKnowledge);
}
