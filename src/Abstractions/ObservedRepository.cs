using System.Collections.Immutable;

namespace InfraOperator.Abstractions;

/// <summary>A repository as AWS describes it, at one moment.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ObservedRepository")]
public sealed record ObservedRepository
{
    /// <summary>The repository's ARN.</summary>
    [Id(0)] public required string Arn { get; init; }

    /// <summary>The repository's URI.</summary>
    [Id(1)] public required string Uri { get; init; }

    /// <summary>The registry, which is the account's id.</summary>
    [Id(2)] public required string RegistryId { get; init; }

    /// <summary>When AWS created it.</summary>
    [Id(3)] public DateTimeOffset CreationDate { get; init; }

    /// <summary>The mutability.</summary>
    [Id(4)] public string ImageTagMutability { get; init; } = "MUTABLE";

    /// <summary>The exclusions from the mutability.</summary>
    [Id(5)] public ImmutableArray<string> ExclusionFilters { get; init; } = [];

    /// <summary>Whether images are scanned when pushed.</summary>
    [Id(6)] public bool ScanOnPush { get; init; }

    /// <summary>The encryption.</summary>
    [Id(7)] public string EncryptionType { get; init; } = "AES256";

    /// <summary>The key; null without KMS.</summary>
    [Id(8)] public string? KmsKey { get; init; }

    /// <summary>The tags; null where they were not read.</summary>
    [Id(9)] public ImmutableSortedDictionary<string, string>? Tags { get; init; }

    /// <summary>The lifecycle policy.</summary>
    [Id(10)] public PolicyReading LifecyclePolicy { get; init; } = PolicyReading.NotRead;

    /// <summary>The repository policy.</summary>
    [Id(11)] public PolicyReading RepositoryPolicy { get; init; } = PolicyReading.NotRead;

    /// <summary>The images; null where they were not counted.</summary>
    [Id(12)] public ImageCount? Images { get; init; }
}

/// <summary>What reading a policy gave.</summary>
/// <param name="WasRead">Whether AWS answered; false where it was not asked or refused.</param>
/// <param name="Text">The policy; null where there is none.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.PolicyReading")]
public sealed record PolicyReading([property: Id(0)] bool WasRead, [property: Id(1)] string? Text)
{
    /// <summary>It is not known whether there is a policy.</summary>
    public static PolicyReading NotRead { get; } = new(false, null);

    /// <summary>There is no policy.</summary>
    public static PolicyReading None { get; } = new(true, null);
}

/// <summary>The images in a repository.</summary>
/// <param name="Count">Distinct digests.</param>
/// <param name="SizeBytes">Their size in bytes.</param>
/// <param name="IsAtLeast">Whether there are more than were counted.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.ImageCount")]
public sealed record ImageCount([property: Id(0)] long Count, [property: Id(1)] long SizeBytes, [property: Id(2)] bool IsAtLeast);
