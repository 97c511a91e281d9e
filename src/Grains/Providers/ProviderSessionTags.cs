using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Aws;

namespace InfraOperator.Grains.Providers;

/// <summary>The tags by which IAM tells providers apart whose sessions are of one role.</summary>
internal static class ProviderSessionTags
{
    private const string Cluster = "infra-operator-cluster";
    private const string Namespace = "infra-operator-namespace";
    private const string Provider = "infra-operator-provider";

    public static SessionTags For(ResourceKey key) => new(ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, string> { [Cluster] = key.Cluster, [Namespace] = key.Namespace, [Provider] = key.Name }));
}
