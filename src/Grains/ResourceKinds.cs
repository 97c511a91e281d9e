using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains;

/// <summary>The two kinds, as the Kubernetes room knows them.</summary>
internal static class ResourceKinds
{
    public static readonly ResourceKind ECRRepository = new(ApiNames.Group, ApiNames.Version, Abstractions.ECRRepository.Plural, Abstractions.ECRRepository.Kind);

    public static readonly ResourceKind AWSProvider = new(ApiNames.Group, ApiNames.Version, Abstractions.AWSProvider.Plural, Abstractions.AWSProvider.Kind);

    public static readonly WatchedKind<ECRRepository> WatchedRepositories = new(ECRRepository, ResourceJson.ECRRepository, static repository => Identify(repository.Metadata));

    public static readonly WatchedKind<AWSProvider> WatchedProviders = new(AWSProvider, ResourceJson.AWSProvider, static provider => Identify(provider.Metadata));

    private static ObjectReference Identify(ResourceMetadata metadata) => new(metadata.Namespace, metadata.Name, metadata.Uid, metadata.ResourceVersion);
}
