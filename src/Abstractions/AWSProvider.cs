using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InfraOperator.Abstractions;

/// <summary>An AWSProvider object: an identity in an account and region.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.AWSProvider")]
public sealed record AWSProvider
{
    /// <summary>The kind's name.</summary>
    public const string Kind = "AWSProvider";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "awsproviders";

    /// <summary>The object's metadata.</summary>
    [Id(0)] public ResourceMetadata Metadata { get; init; } = new();

    /// <summary>What is wanted.</summary>
    [Id(1)] public AWSProviderSpec Spec { get; init; } = new();

    /// <summary>What is; null where nothing was written yet.</summary>
    [Id(2)] public AWSProviderStatus? Status { get; init; }

    /// <summary>Why the object could not be read; null where it could. Only <see cref="Metadata"/> is filled then.</summary>
    [Id(3), JsonIgnore] public string? Malformed { get; init; }
}

/// <summary>Which identity to act as, where, and who may use it.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.AWSProviderSpec")]
public sealed record AWSProviderSpec
{
    /// <summary>The AWS region.</summary>
    [Id(0)] public string Region { get; init; } = "";

    /// <summary>IRSA: the role to assume with the pod's projected token.</summary>
    [Id(1)] public string? RoleARN { get; init; }

    /// <summary>Static keys: the access key id.</summary>
    [Id(2)] public SecretKeyReference? AccessKeyIDRef { get; init; }

    /// <summary>Static keys: the secret access key.</summary>
    [Id(3)] public SecretKeyReference? SecretAccessKeyRef { get; init; }

    /// <summary>Static keys: the session token.</summary>
    [Id(4)] public SecretKeyReference? SessionTokenRef { get; init; }

    /// <summary>Static keys, all from one Secret.</summary>
    [Id(5)] public SecretReference? CredentialsSecret { get; init; }

    /// <summary>A role to assume on top of the base identity.</summary>
    [Id(6)] public string? AssumeRoleARN { get; init; }

    /// <summary>The external id that <see cref="AssumeRoleARN"/> asks for.</summary>
    [Id(7)] public string? ExternalID { get; init; }

    /// <summary>An endpoint instead of AWS's own.</summary>
    [Id(8)] public string? Endpoint { get; init; }

    /// <summary>Tags under each repository's own.</summary>
    [Id(9)] public ImmutableSortedDictionary<string, string>? DefaultTags { get; init; }

    /// <summary>Other namespaces, by name or glob, whose repositories may name this provider.</summary>
    [Id(10)] public ImmutableArray<string>? AllowedNamespaces { get; init; }

    /// <summary>The accounts that the identity may resolve to.</summary>
    [Id(11)] public ImmutableArray<string>? AllowedAccountIDs { get; init; }

    /// <summary>Whether the sessions of <see cref="AssumeRoleARN"/> bear tags that name cluster, namespace and provider. Refused where true without that role.</summary>
    [Id(12)] public bool? SessionTags { get; init; }

    /// <summary>Whether repositories bear the owner tag; absent: as the operator's configuration says.</summary>
    [Id(13)] public bool? OwnerTag { get; init; }
}

/// <summary>Names a key of a Secret in the provider's own namespace.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.SecretKeyReference")]
public sealed record SecretKeyReference
{
    /// <summary>The Secret's name.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>The key in it.</summary>
    [Id(1)] public string Key { get; init; } = "";

    /// <summary>Refused where it is set: objects of the Go operator may bear it, and a Secret of another namespace is never read.</summary>
    [Id(2)] public string? Namespace { get; init; }
}

/// <summary>Names a Secret in the provider's own namespace.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.SecretReference")]
public sealed record SecretReference
{
    /// <summary>The Secret's name.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>Refused where it is set: objects of the Go operator may bear it, and a Secret of another namespace is never read.</summary>
    [Id(1)] public string? Namespace { get; init; }
}

/// <summary>What is known of a provider.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.AWSProviderStatus")]
public sealed record AWSProviderStatus
{
    /// <summary>Whether the identity that will be used for repositories has answered GetCallerIdentity.</summary>
    [Id(0)] public bool Ready { get; init; }

    /// <summary>The account of that identity.</summary>
    [Id(1)] public string? AccountID { get; init; }

    /// <summary>The ARN of that identity.</summary>
    [Id(2)] public string? CallerIdentity { get; init; }

    /// <summary>When the identity was last proven; written coarsely.</summary>
    [Id(3)] public DateTimeOffset? LastAuthenticationTime { get; init; }

    /// <summary>How many repositories name this provider; written coarsely.</summary>
    [Id(4)] public int? RepositoryCount { get; init; }

    /// <summary>The endpoint override in force; absent where AWS's own endpoints are used.</summary>
    [Id(5)] public string? Endpoint { get; init; }

    /// <summary>What a person should know.</summary>
    [Id(6)] public string? Message { get; init; }

    /// <summary>The generation that this status speaks of.</summary>
    [Id(7)] public long? ObservedGeneration { get; init; }

    /// <summary>The force-sync request that was handled last, as <c>bare|prefixed</c>.</summary>
    [Id(8)] public string? LastHandledForceSync { get; init; }

    /// <summary>The conditions, in a stable order.</summary>
    [Id(9)] public ImmutableArray<Condition>? Conditions { get; init; }

    /// <summary>The brake on deletions of repositories with images; absent where there were none.</summary>
    [Id(10)] public DeletionsStatus? Deletions { get; init; }

    /// <summary>When all repositories were last compared with AWS in one sweep; written coarsely.</summary>
    [Id(11)] public DateTimeOffset? LastSweepTime { get; init; }

    /// <summary>The region in which the identity was last proven.</summary>
    [Id(12)] public string? Region { get; init; }
}

/// <summary>How many repositories with images were deleted through a provider lately, and whether more are held.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.DeletionsStatus")]
public sealed record DeletionsStatus
{
    /// <summary>How many at most, counted ahead in tens, up to a little after <see cref="CountedAt"/>.</summary>
    [Id(0)] public int? Counted { get; init; }

    /// <summary>When <see cref="Counted"/> was written.</summary>
    [Id(1)] public DateTimeOffset? CountedAt { get; init; }

    /// <summary>Since when deletions are held; absent while none are.</summary>
    [Id(2)] public DateTimeOffset? HeldSince { get; init; }

    /// <summary>When a person last released deletions: those that were asked for by then are not held again.</summary>
    [Id(3)] public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>The value of the release annotation that was handled last.</summary>
    [Id(4)] public string? LastHandledRelease { get; init; }
}
