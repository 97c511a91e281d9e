using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InfraOperator.Abstractions;

/// <summary>An ECRRepository object.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ECRRepository")]
public sealed record ECRRepository
{
    /// <summary>The kind's name.</summary>
    public const string Kind = "ECRRepository";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "ecrrepositories";

    /// <summary>The object's metadata.</summary>
    [Id(0)] public ResourceMetadata Metadata { get; init; } = new();

    /// <summary>What is wanted.</summary>
    [Id(1)] public ECRRepositorySpec Spec { get; init; } = new();

    /// <summary>What is; null where the installed CRD gives no default.</summary>
    [Id(2)] public ECRRepositoryStatus? Status { get; init; }

    /// <summary>Why the object could not be read; null where it could. Only <see cref="Metadata"/> is filled then.</summary>
    [Id(3), JsonIgnore] public string? Malformed { get; init; }

    /// <summary>
    /// Whether there is something to do about a preview: one was asked for and has no result yet, or one is under way whose request
    /// was withdrawn.
    /// </summary>
    [JsonIgnore]
    public bool AwaitsPreview => Metadata.PreviewToken is { } token
        ? Status?.LifecyclePreview is not { IsFinished: true } preview || preview.Token != token
        : Status?.LifecyclePreview is { IsFinished: false };
}

/// <summary>What a person wants of a repository. Absent means AWS's default when we create, and "as it is" when we adopt.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ECRRepositorySpec")]
public sealed record ECRRepositorySpec
{
    /// <summary>The provider whose identity, account and region are used.</summary>
    [Id(0)] public ProviderReference ProviderRef { get; init; } = new();

    /// <summary>The repository's name in AWS.</summary>
    [Id(1)] public string RepositoryName { get; init; } = "";

    /// <summary><c>MUTABLE</c>, <c>IMMUTABLE</c>, <c>MUTABLE_WITH_EXCLUSION</c> or <c>IMMUTABLE_WITH_EXCLUSION</c>.</summary>
    [Id(2)] public string? ImageTagMutability { get; init; }

    /// <summary>The tags that a mode with exclusion excludes.</summary>
    [Id(3)] public ImmutableArray<ExclusionFilter>? ImageTagMutabilityExclusionFilters { get; init; }

    /// <summary>Whether an image is scanned when it is pushed.</summary>
    [Id(4)] public bool? ScanOnPush { get; init; }

    /// <summary>How images are encrypted. Cannot be changed.</summary>
    [Id(5)] public EncryptionConfiguration? EncryptionConfiguration { get; init; }

    /// <summary>Which images AWS expires.</summary>
    [Id(6)] public LifecyclePolicySpec? LifecyclePolicy { get; init; }

    /// <summary>Who may use the repository: an IAM policy document.</summary>
    [Id(7)] public string? RepositoryPolicyText { get; init; }

    /// <summary>The repository's tags, over the provider's default tags.</summary>
    [Id(8)] public ImmutableSortedDictionary<string, string>? Tags { get; init; }

    /// <summary><c>Delete</c> (default), <c>Retain</c> or <c>Orphan</c>.</summary>
    [Id(9)] public string? DeletionPolicy { get; init; }

    /// <summary>Whether images are deleted with the repository. Absent: yes for one that we created, no for one that we adopted.</summary>
    [Id(10)] public bool? ForceDelete { get; init; }

    /// <summary><c>AdoptOrCreate</c> (default), <c>Adopt</c> or <c>Create</c>.</summary>
    [Id(11)] public string? AdoptionPolicy { get; init; }

    /// <summary><c>Manage</c> (default) or <c>Observe</c>.</summary>
    [Id(12)] public string? ManagementPolicy { get; init; }

    /// <summary><c>Correct</c> (default) or <c>Report</c>.</summary>
    [Id(13)] public string? DriftPolicy { get; init; }
}

/// <summary>Names a provider.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ProviderReference")]
public sealed record ProviderReference
{
    /// <summary>The provider's name.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>The provider's namespace; absent: the repository's own.</summary>
    [Id(1)] public string? Namespace { get; init; }
}

/// <summary>Tags that a mutability mode does not apply to.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ExclusionFilter")]
public sealed record ExclusionFilter
{
    /// <summary>Only <c>WILDCARD</c>.</summary>
    [Id(0)] public string FilterType { get; init; } = "WILDCARD";

    /// <summary>The pattern.</summary>
    [Id(1)] public string Filter { get; init; } = "";
}

/// <summary>How images are encrypted.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.EncryptionConfiguration")]
public sealed record EncryptionConfiguration
{
    /// <summary><c>AES256</c>, <c>KMS</c> or <c>KMS_DSSE</c>.</summary>
    [Id(0)] public string EncryptionType { get; init; } = "";

    /// <summary>ARN, id or alias of the key; absent: AWS's own.</summary>
    [Id(1)] public string? KmsKey { get; init; }
}

/// <summary>A lifecycle policy.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.LifecyclePolicySpec")]
public sealed record LifecyclePolicySpec
{
    /// <summary>The policy's JSON.</summary>
    [Id(0)] public string PolicyText { get; init; } = "";
}
