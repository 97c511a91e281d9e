using System.Collections.Immutable;
using System.IO.Enumeration;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Providers;

/// <summary>How a provider looks to the repositories of a namespace.</summary>
internal static class ProviderViews
{
    /// <summary>Tells one meaning of a provider's spec from another.</summary>
    public static string VersionOf(AWSProvider provider) => $"{provider.Metadata.Uid}/{provider.Metadata.Generation}";

    /// <summary>Whether a namespace's repositories may name the provider.</summary>
    public static bool Serves(ResourceKey key, AWSProvider provider, string ns) =>
        ns == key.Namespace || (provider.Spec.AllowedNamespaces ?? []).Any(glob => FileSystemName.MatchesSimpleExpression(glob, ns, ignoreCase: false));

    /// <summary>Makes the view.</summary>
    /// <param name="key">The provider's key.</param>
    /// <param name="provider">The provider; null where there is none.</param>
    /// <param name="findings">What is known of the identity that the provider's spec asks for; null while nothing is.</param>
    /// <param name="ns">The namespace of whoever looks.</param>
    /// <param name="options">The installation's defaults.</param>
    public static ProviderView Of(ResourceKey key, AWSProvider? provider, ProviderFindings? findings, string ns, OperatorOptions options)
    {
        if (provider is null)
        {
            return new() { State = ProviderState.NotFound, Message = $"AWSProvider '{key.Namespace}/{key.Name}' does not exist; create it, or name another in spec.providerRef" };
        }

        if (!Serves(key, provider, ns))
        {
            return new() { State = ProviderState.NotAllowed, Message = $"AWSProvider '{key.Namespace}/{key.Name}' does not let namespace '{ns}' use it; add the namespace to its spec.allowedNamespaces" };
        }

        return new()
        {
            State = findings is { IsReady: true } ? ProviderState.Ready : ProviderState.NotReady,
            Message = findings is { IsReady: true } ? "" : $"AWSProvider '{key.Namespace}/{key.Name}' is not ready: {findings?.Message ?? "its identity is being proven"}",
            AccountId = findings?.AccountId,
            Region = provider.Spec.Region,
            DefaultTags = provider.Spec.DefaultTags ?? ImmutableSortedDictionary<string, string>.Empty,
            OmitsOwnerTag = !(provider.Spec.OwnerTag ?? options.OwnerTag),
            Version = VersionOf(provider),
        };
    }
}
