using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>What a confirmed write makes of a repository, without asking AWS again.</summary>
internal static class Observations
{
    public static ObservedRepository After(this ObservedRepository repository, EcrAction action, ActionOutcome outcome) => action switch
    {
        PutImageTagMutability put => repository with { ImageTagMutability = put.ImageTagMutability, ExclusionFilters = put.ExclusionFilters },
        PutImageScanningConfiguration put => repository with { ScanOnPush = put.ScanOnPush },
        PutLifecyclePolicy put => repository with { LifecyclePolicy = new(true, outcome.PolicyText ?? put.PolicyText) },
        DeleteLifecyclePolicy => repository with { LifecyclePolicy = PolicyReading.None },
        SetRepositoryPolicy set => repository with { RepositoryPolicy = new(true, outcome.PolicyText ?? set.PolicyText) },
        DeleteRepositoryPolicy => repository with { RepositoryPolicy = PolicyReading.None },
        TagResource tag => repository with { Tags = repository.Tags?.SetItems(tag.Tags) },
        UntagResource untag => repository with { Tags = repository.Tags?.RemoveRange(untag.TagKeys) },
        _ => repository,
    };
}
