using System.Collections.Immutable;

namespace InfraOperator.Abstractions;

/// <summary>One write to AWS, as a value: the planner makes it, the provider's grain carries it out. A closed set.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.EcrAction")]
public abstract record EcrAction
{
    private protected EcrAction()
    {
    }

    /// <summary>The repository that is written to.</summary>
    [Id(0)] public required string RepositoryName { get; init; }
}

/// <summary>Creates the repository, with its tags and configuration in the same call.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.CreateRepository")]
public sealed record CreateRepository : EcrAction
{
    /// <summary>The mutability; null: AWS's default.</summary>
    [Id(0)] public string? ImageTagMutability { get; init; }

    /// <summary>The exclusions from the mutability.</summary>
    [Id(1)] public ImmutableArray<string> ExclusionFilters { get; init; } = [];

    /// <summary>Whether images are scanned when pushed; null: AWS's default.</summary>
    [Id(2)] public bool? ScanOnPush { get; init; }

    /// <summary>The encryption; null: AWS's default.</summary>
    [Id(3)] public EncryptionConfiguration? Encryption { get; init; }

    /// <summary>All tags, the owner tag among them.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Sets the mutability and its exclusions.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.PutImageTagMutability")]
public sealed record PutImageTagMutability : EcrAction
{
    /// <summary>The mutability.</summary>
    [Id(0)] public required string ImageTagMutability { get; init; }

    /// <summary>The exclusions; empty where the mode has none.</summary>
    [Id(1)] public ImmutableArray<string> ExclusionFilters { get; init; } = [];
}

/// <summary>Sets scanning.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.PutImageScanningConfiguration")]
public sealed record PutImageScanningConfiguration : EcrAction
{
    /// <summary>Whether images are scanned when pushed.</summary>
    [Id(0)] public required bool ScanOnPush { get; init; }
}

/// <summary>Sets the lifecycle policy.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.PutLifecyclePolicy")]
public sealed record PutLifecyclePolicy : EcrAction
{
    /// <summary>The policy's JSON.</summary>
    [Id(0)] public required string PolicyText { get; init; }

    /// <summary>
    /// Whether to read the policy after the put, because this one was put before and AWS shows another. What is read then is
    /// what AWS makes of it; the put's own answer may only repeat what was sent.
    /// </summary>
    [Id(1)] public bool ReadBack { get; init; }
}

/// <summary>Removes the lifecycle policy.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.DeleteLifecyclePolicy")]
public sealed record DeleteLifecyclePolicy : EcrAction;

/// <summary>Sets the repository policy.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.SetRepositoryPolicy")]
public sealed record SetRepositoryPolicy : EcrAction
{
    /// <summary>The policy's JSON.</summary>
    [Id(0)] public required string PolicyText { get; init; }

    /// <summary>
    /// Whether to read the policy after the put, because this one was put before and AWS shows another. What is read then is
    /// what AWS makes of it; the put's own answer may only repeat what was sent.
    /// </summary>
    [Id(1)] public bool ReadBack { get; init; }
}

/// <summary>Removes the repository policy.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.DeleteRepositoryPolicy")]
public sealed record DeleteRepositoryPolicy : EcrAction;

/// <summary>Sets tags; others stay.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.TagResource")]
public sealed record TagResource : EcrAction
{
    /// <summary>The repository's ARN.</summary>
    [Id(0)] public required string RepositoryArn { get; init; }

    /// <summary>The tags to set.</summary>
    [Id(1)] public required ImmutableSortedDictionary<string, string> Tags { get; init; }
}

/// <summary>Removes tags.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.UntagResource")]
public sealed record UntagResource : EcrAction
{
    /// <summary>The repository's ARN.</summary>
    [Id(0)] public required string RepositoryArn { get; init; }

    /// <summary>The keys to remove.</summary>
    [Id(1)] public required ImmutableArray<string> TagKeys { get; init; }
}

/// <summary>
/// Deletes the repository. It is carried out only with a proof that is fresh: the object read again from the API server, the
/// repository read again from AWS.
/// </summary>
[GenerateSerializer, Immutable, Alias("infra.v1.DeleteRepository")]
public sealed record DeleteRepository : EcrAction
{
    /// <summary>Whether the images go with it.</summary>
    [Id(0)] public required bool Force { get; init; }

    /// <summary>The value that the owner tag must have; null: none, because owner tags are switched off, or AWS does not show the repository yet.</summary>
    [Id(1)] public string? OwnerTag { get; init; }

    /// <summary>The ARN that the repository must have.</summary>
    [Id(2)] public required string RepositoryArn { get; init; }

    /// <summary>The creation date that the repository must have; null where AWS does not show the repository yet.</summary>
    [Id(3)] public DateTimeOffset? CreationDate { get; init; }
}
