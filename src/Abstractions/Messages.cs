using System.Collections.Immutable;

namespace InfraOperator.Abstractions;

/// <summary>Why an AWS call failed, in the words the control plane decides by.</summary>
public enum FailureKind
{
    /// <summary>AWS's answer fits none of the others.</summary>
    Unknown,

    /// <summary>Too many calls; the same call may succeed later.</summary>
    Throttled,

    /// <summary>No answer, or an error of AWS's own; the same call may succeed later.</summary>
    Unavailable,

    /// <summary>The identity may not do this.</summary>
    AccessDenied,

    /// <summary>The credentials are expired, unknown or revoked.</summary>
    CredentialsExpired,

    /// <summary>AWS refuses a value.</summary>
    InvalidParameter,

    /// <summary>AWS refuses a tag.</summary>
    InvalidTag,

    /// <summary>More tags than AWS allows.</summary>
    TooManyTags,

    /// <summary>A quota of the account is used up.</summary>
    QuotaExceeded,

    /// <summary>The KMS key cannot be used.</summary>
    KmsKeyNotUsable,

    /// <summary>There is no such repository.</summary>
    RepositoryNotFound,

    /// <summary>There is such a repository.</summary>
    RepositoryAlreadyExists,

    /// <summary>The repository holds images.</summary>
    RepositoryNotEmpty,

    /// <summary>The repository has no lifecycle policy.</summary>
    LifecyclePolicyNotFound,

    /// <summary>The repository has no repository policy.</summary>
    RepositoryPolicyNotFound,

    /// <summary>A safety check before the call no longer held, so the call was not made.</summary>
    ProofFailed,

    /// <summary>The provider cannot be used, so the call was not made.</summary>
    ProviderNotUsable,

    /// <summary>Too many repositories with images are being deleted at once, so the call was not made.</summary>
    DeletionHeld,

    /// <summary>Another preview of a lifecycle policy of this repository is under way.</summary>
    PreviewInProgress,

    /// <summary>The repository has no preview of a lifecycle policy.</summary>
    PreviewNotFound,

    /// <summary>So many calls wait for their turn already that the call was not made; it is to be asked for again in <see cref="CallFailure.After"/>.</summary>
    Paced,
}

/// <summary>A call that failed.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Operation">The AWS operation.</param>
/// <param name="Message">AWS's own words.</param>
/// <param name="OutcomeUnknown">Whether AWS may have acted all the same.</param>
/// <param name="After">In what time to ask again, of a call that is <see cref="FailureKind.Paced"/>; the provider calls whoever asked before, where there is room.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.CallFailure")]
public sealed record CallFailure(
    [property: Id(0)] FailureKind Kind,
    [property: Id(1)] string Operation,
    [property: Id(2)] string Message,
    [property: Id(3)] bool OutcomeUnknown = false,
    [property: Id(4)] TimeSpan After = default);

/// <summary>What came of an <see cref="EcrAction"/>.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ActionOutcome")]
public sealed record ActionOutcome
{
    /// <summary>The action was done and AWS said no more about it.</summary>
    public static ActionOutcome Done { get; } = new();

    /// <summary>Why the action failed; null where it was done.</summary>
    [Id(0)] public CallFailure? Failure { get; init; }

    /// <summary>The repository that <see cref="CreateRepository"/> made.</summary>
    [Id(1)] public ObservedRepository? Repository { get; init; }

    /// <summary>The policy as AWS now holds it, from the answer to a put.</summary>
    [Id(2)] public string? PolicyText { get; init; }
}

/// <summary>What to read of a repository. The configuration and the tags are always read.</summary>
/// <param name="RepositoryName">The repository.</param>
/// <param name="LifecyclePolicy">Whether to read the lifecycle policy.</param>
/// <param name="RepositoryPolicy">Whether to read the repository policy.</param>
/// <param name="Images">Whether to count the images, where the identity is not known to be denied it.</param>
/// <param name="IsHint">Whether what is read only tells if there is anything to do: it may then be read with many others, and from where it lags.</param>
/// <param name="Priority">Why.</param>
/// <param name="Continues">Whether it belongs to a pass that has written already, and so is not <see cref="FailureKind.Paced"/>.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.ObserveRequest")]
public sealed record ObserveRequest(
    [property: Id(0)] string RepositoryName,
    [property: Id(1)] bool LifecyclePolicy,
    [property: Id(2)] bool RepositoryPolicy,
    [property: Id(3)] bool Images,
    [property: Id(4)] bool IsHint = false,
    [property: Id(5)] CallPriority Priority = CallPriority.User,
    [property: Id(6)] bool Continues = false);

/// <summary>What a sweep saw of a repository: its configuration and, where they can be read many at a time, its tags.</summary>
/// <param name="Provider">The provider whose account was swept.</param>
/// <param name="Repository">The repository; null where AWS showed none.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.SweptRepository")]
public sealed record SweptRepository(
    [property: Id(0)] ProviderView Provider,
    [property: Id(1)] ObservedRepository? Repository);

/// <summary>What reading a repository gave.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.Observation")]
public sealed record Observation
{
    /// <summary>Why the repository could not be read at all; null where it was, or does not exist.</summary>
    [Id(0)] public CallFailure? Failure { get; init; }

    /// <summary>The repository; null where there is none, or it could not be read.</summary>
    [Id(1)] public ObservedRepository? Repository { get; init; }

    /// <summary>What could not be read of a repository that exists.</summary>
    [Id(2)] public ImmutableArray<CallFailure> PartialFailures { get; init; } = [];
}

/// <summary>An account and a region: what a repository's name means depends on both.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Region">The region.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.AwsPlace")]
public sealed record AwsPlace([property: Id(0)] string AccountId, [property: Id(1)] string Region)
{
    /// <summary>Where a repository is; null where the text is no ARN.</summary>
    /// <param name="arn">The repository's ARN.</param>
    public static AwsPlace? Of(string? arn) => arn?.Split(':') is [_, _, _, var region, var account, ..] ? new(account, region) : null;

    /// <inheritdoc/>
    public override string ToString() => $"account {AccountId}, region {Region}";
}

/// <summary>Whether a provider can be used by a repository.</summary>
public enum ProviderState
{
    /// <summary>There is no such provider.</summary>
    NotFound,

    /// <summary>The provider does not let this namespace use it.</summary>
    NotAllowed,

    /// <summary>The provider's identity is not proven, or its spec cannot be used.</summary>
    NotReady,

    /// <summary>The provider can be used.</summary>
    Ready,
}

/// <summary>A provider as one of its repositories sees it.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ProviderView")]
public sealed record ProviderView
{
    /// <summary>Whether it can be used.</summary>
    [Id(0)] public required ProviderState State { get; init; }

    /// <summary>Why not, for people; empty where it can be used.</summary>
    [Id(1)] public string Message { get; init; } = "";

    /// <summary>The account of the provider's identity; null until proven.</summary>
    [Id(2)] public string? AccountId { get; init; }

    /// <summary>The provider's region.</summary>
    [Id(3)] public string Region { get; init; } = "";

    /// <summary>The tags under each repository's own.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, string> DefaultTags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether its repositories bear no owner tag. Put so that a message without it means the default.</summary>
    [Id(5)] public bool OmitsOwnerTag { get; init; }

    /// <summary>Tells one meaning of the provider's spec from another; null where there is no provider.</summary>
    [Id(6)] public string? Version { get; init; }

    /// <summary>How often what a sweep cannot see is compared: policies, and how many images there are. Zero where that is not known.</summary>
    [Id(7)] public TimeSpan DeepPeriod { get; init; }

    /// <summary>Where the provider acts; null until its identity was proven.</summary>
    public AwsPlace? Place => AccountId is null ? null : new(AccountId, Region);
}
