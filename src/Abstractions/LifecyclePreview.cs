using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InfraOperator.Abstractions;

/// <summary>What is known of a preview of the spec's lifecycle policy.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.LifecyclePreviewStatus")]
public sealed record LifecyclePreviewStatus
{
    /// <summary>The value of the annotation that asked.</summary>
    [Id(0)] public string Token { get; init; } = "";

    /// <summary>How far it is; one of <see cref="LifecyclePreviewStates"/>.</summary>
    [Id(1)] public string State { get; init; } = LifecyclePreviewStates.Pending;

    /// <summary>How many images would expire; absent until complete.</summary>
    [Id(2)] public long? Expiring { get; init; }

    /// <summary>At most 20 of these images, each by a tag or, without one, by its digest.</summary>
    [Id(3)] public ImmutableArray<string>? Sample { get; init; }

    /// <summary>The fingerprint of the policy that AWS was asked about; absent until it was.</summary>
    [Id(4)] public string? Policy { get; init; }

    /// <summary>What a person should know: why it waits or failed, what else the policy would do.</summary>
    [Id(5)] public string? Message { get; init; }

    /// <summary>Whether nothing more will come of it.</summary>
    [JsonIgnore]
    public bool IsFinished => State is LifecyclePreviewStates.Complete or LifecyclePreviewStates.Failed or LifecyclePreviewStates.Expired;
}

/// <summary>The states of a preview: AWS's, and one for before AWS has begun.</summary>
public static class LifecyclePreviewStates
{
    /// <summary>Asked for, and not yet begun in AWS.</summary>
    public const string Pending = "PENDING";

    /// <summary>AWS is at it.</summary>
    public const string InProgress = "IN_PROGRESS";

    /// <summary>The result is there.</summary>
    public const string Complete = "COMPLETE";

    /// <summary>AWS no longer has the result.</summary>
    public const string Expired = "EXPIRED";

    /// <summary>There is no result, and trying again would not change that.</summary>
    public const string Failed = "FAILED";
}

/// <summary>Begins a preview, or reads how far it is.</summary>
/// <param name="RepositoryName">The repository.</param>
/// <param name="PolicyText">The policy to begin with; null: only read.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.PreviewRequest")]
public sealed record PreviewRequest(
    [property: Id(0)] string RepositoryName,
    [property: Id(1)] string? PolicyText);

/// <summary>What AWS answered to a <see cref="PreviewRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.PreviewAnswer")]
public sealed record PreviewAnswer
{
    /// <summary>Why there is no answer; null where there is one.</summary>
    [Id(0)] public CallFailure? Failure { get; init; }

    /// <summary>How far the preview is, in AWS's words.</summary>
    [Id(1)] public string State { get; init; } = "";

    /// <summary>The policy that is tried.</summary>
    [Id(2)] public string? PolicyText { get; init; }

    /// <summary>How many images would expire.</summary>
    [Id(3)] public long Expiring { get; init; }

    /// <summary>How many images would be archived.</summary>
    [Id(4)] public long Archiving { get; init; }

    /// <summary>At most 20 of the images that would expire, each by a tag or its digest.</summary>
    [Id(5)] public ImmutableArray<string> Sample { get; init; } = [];
}
