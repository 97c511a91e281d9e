using System.Collections.Immutable;

namespace InfraOperator.Abstractions;

/// <summary>What is known of a repository, and what of it is ours.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ECRRepositoryStatus")]
public sealed record ECRRepositoryStatus
{
    /// <summary>The repository's ARN.</summary>
    [Id(0)] public string? RepositoryArn { get; init; }

    /// <summary>Where images are pushed and pulled.</summary>
    [Id(1)] public string? RepositoryUri { get; init; }

    /// <summary>The registry, which is the account's id.</summary>
    [Id(2)] public string? RegistryId { get; init; }

    /// <summary>When AWS created the repository.</summary>
    [Id(3)] public DateTimeOffset? CreationDate { get; init; }

    /// <summary>The mutability in AWS.</summary>
    [Id(4)] public string? ImageTagMutability { get; init; }

    /// <summary>The encryption in AWS.</summary>
    [Id(5)] public string? EncryptionType { get; init; }

    /// <summary>The key in AWS; absent without KMS.</summary>
    [Id(6)] public string? KmsKey { get; init; }

    /// <summary>Scanning in AWS.</summary>
    [Id(7)] public ScanningStatus? ImageScanningConfiguration { get; init; }

    /// <summary>How many images (distinct digests) the repository holds; absent where it could not be counted.</summary>
    [Id(8)] public long? ImageCount { get; init; }

    /// <summary>The images' size in bytes, as far as counted.</summary>
    [Id(9)] public long? ImageSizeBytes { get; init; }

    /// <summary>Whether the Ready condition is True.</summary>
    [Id(10)] public bool Ready { get; init; }

    /// <summary>When the repository was last compared with AWS; written coarsely.</summary>
    [Id(11)] public DateTimeOffset? LastSyncTime { get; init; }

    /// <summary>What a person should know.</summary>
    [Id(12)] public string? Message { get; init; }

    /// <summary><c>Created</c> or <c>Adopted</c>.</summary>
    [Id(13)] public string? Origin { get; init; }

    /// <summary>The generation that this status speaks of.</summary>
    [Id(14)] public long? ObservedGeneration { get; init; }

    /// <summary>The last generation that holds in AWS as a whole.</summary>
    [Id(15)] public long? AppliedGeneration { get; init; }

    /// <summary>The force-sync request that was handled last, as <c>bare|prefixed</c>.</summary>
    [Id(16)] public string? LastHandledForceSync { get; init; }

    /// <summary>Where AWS differs from the spec.</summary>
    [Id(17)] public ImmutableArray<DriftItem>? Drift { get; init; }

    /// <summary>What we set and so may remove.</summary>
    [Id(18)] public OwnedRecord? Owned { get; init; }

    /// <summary>The conditions, in a stable order.</summary>
    [Id(19)] public ImmutableArray<Condition>? Conditions { get; init; }

    /// <summary>The answer to the annotation <see cref="ApiNames.LifecyclePreviewAnnotation"/>.</summary>
    [Id(20)] public LifecyclePreviewStatus? LifecyclePreview { get; init; }

    /// <summary>Finds a condition.</summary>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    /// <returns>The condition, or null where the status has none of that type.</returns>
    public Condition? Condition(string type) => Conditions?.FirstOrDefault(condition => condition.Type == type);
}

/// <summary>The values of <see cref="ECRRepositoryStatus.Origin"/>.</summary>
public static class Origins
{
    /// <summary>We made the repository.</summary>
    public const string Created = "Created";

    /// <summary>The repository was there before.</summary>
    public const string Adopted = "Adopted";
}

/// <summary>Scanning in AWS.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ScanningStatus")]
public sealed record ScanningStatus
{
    /// <summary>Whether an image is scanned when it is pushed.</summary>
    [Id(0)] public bool ScanOnPush { get; init; }
}

/// <summary>One difference between the spec and AWS. Values are cut at 256 characters.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.DriftItem")]
public sealed record DriftItem
{
    /// <summary>The field's path in the spec.</summary>
    [Id(0)] public string Field { get; init; } = "";

    /// <summary>What the spec says.</summary>
    [Id(1)] public string? Expected { get; init; }

    /// <summary>What AWS says.</summary>
    [Id(2)] public string? Actual { get; init; }
}

/// <summary>What we set in AWS, so that a value taken out of the spec is taken out of AWS, after a restart too.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.OwnedRecord")]
public sealed record OwnedRecord
{
    /// <summary>Spec fields that we set: <c>imageTagMutability</c>, <c>scanOnPush</c>.</summary>
    [Id(0)] public ImmutableArray<string>? Fields { get; init; }

    /// <summary>Tag keys that we set.</summary>
    [Id(1)] public ImmutableArray<string>? TagKeys { get; init; }

    /// <summary>The lifecycle policy that we set.</summary>
    [Id(2)] public PolicyRecord? LifecyclePolicy { get; init; }

    /// <summary>The repository policy that we set.</summary>
    [Id(3)] public PolicyRecord? RepositoryPolicy { get; init; }
}

/// <summary>A policy that we set, and what AWS made of it, as fingerprints. While both stay, nothing is to be done, however AWS spells it.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.PolicyRecord")]
public sealed record PolicyRecord
{
    /// <summary>The fingerprint of what was wanted.</summary>
    [Id(0)] public string Wanted { get; init; } = "";

    /// <summary>The fingerprint of what AWS holds.</summary>
    [Id(1)] public string Observed { get; init; } = "";
}
