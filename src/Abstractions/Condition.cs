namespace InfraOperator.Abstractions;

/// <summary>One condition of an object's status, as Kubernetes defines it.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.Condition")]
public sealed record Condition
{
    /// <summary>Which condition; one of <see cref="ConditionTypes"/>.</summary>
    [Id(0)] public string Type { get; init; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [Id(1)] public string Status { get; init; } = ConditionStatus.Unknown;

    /// <summary>The reason, for programs; one of <see cref="Reasons"/>.</summary>
    [Id(2)] public string Reason { get; init; } = "";

    /// <summary>What is the case and what to do, for people.</summary>
    [Id(3)] public string Message { get; init; } = "";

    /// <summary>When <see cref="Status"/> last changed.</summary>
    [Id(4)] public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>The generation of the spec that the condition speaks of.</summary>
    [Id(5)] public long? ObservedGeneration { get; init; }
}

/// <summary>The values of a condition's status.</summary>
public static class ConditionStatus
{
    /// <summary>The condition holds.</summary>
    public const string True = "True";

    /// <summary>The condition does not hold.</summary>
    public const string False = "False";

    /// <summary>It cannot be told now.</summary>
    public const string Unknown = "Unknown";
}

/// <summary>The types of conditions.</summary>
public static class ConditionTypes
{
    /// <summary>The repository exists and AWS reported nothing that stops its use; for a provider: its identity was proven.</summary>
    public const string Ready = "Ready";

    /// <summary>Everything in the spec holds in AWS.</summary>
    public const string Synced = "Synced";

    /// <summary>Work is under way or will be tried again by itself. Present only while true (kstatus).</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>A person must act. Present only while true (kstatus).</summary>
    public const string Stalled = "Stalled";
}

/// <summary>The closed set of reasons in conditions and events.</summary>
public static class Reasons
{
    /// <summary>All is well.</summary>
    public const string Available = "Available";

    /// <summary>The operator has not looked at the object yet.</summary>
    public const string Pending = "Pending";

    /// <summary>The repository is being made, or was made and cannot be seen yet.</summary>
    public const string Creating = "Creating";

    /// <summary>The object is being deleted.</summary>
    public const string Deleting = "Deleting";

    /// <summary>Too many repositories with images are being deleted at once; a person must release them.</summary>
    public const string DeletionHeld = "DeletionHeld";

    /// <summary>The provider exists but cannot be used now.</summary>
    public const string ProviderNotReady = "ProviderNotReady";

    /// <summary>There is no such provider.</summary>
    public const string ProviderNotFound = "ProviderNotFound";

    /// <summary>The provider does not let this object use it.</summary>
    public const string ProviderNotAllowed = "ProviderNotAllowed";

    /// <summary>A field of the spec cannot be used.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>The lifecycle policy was refused, by us or by AWS.</summary>
    public const string InvalidLifecyclePolicy = "InvalidLifecyclePolicy";

    /// <summary>The repository policy was refused, by us or by AWS.</summary>
    public const string InvalidRepositoryPolicy = "InvalidRepositoryPolicy";

    /// <summary>AWS denies the provider's identity an action.</summary>
    public const string AccessDenied = "AccessDenied";

    /// <summary>AWS does not know the credentials, or no longer.</summary>
    public const string CredentialsExpired = "CredentialsExpired";

    /// <summary>A Secret that the provider names, or a key in it, does not exist.</summary>
    public const string SecretNotFound = "SecretNotFound";

    /// <summary>The KMS key cannot be used.</summary>
    public const string KmsKeyNotUsable = "KmsKeyNotUsable";

    /// <summary>A quota of the AWS account is used up.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>The repository would bear more tags than AWS allows.</summary>
    public const string TooManyTags = "TooManyTags";

    /// <summary>AWS answers fewer calls than are asked of it.</summary>
    public const string Throttled = "Throttled";

    /// <summary>AWS gave no answer, or an error of its own.</summary>
    public const string AWSUnavailable = "AWSUnavailable";

    /// <summary>The repository holds images and may not be deleted with them.</summary>
    public const string RepositoryNotEmpty = "RepositoryNotEmpty";

    /// <summary>The repository belongs to another object.</summary>
    public const string OwnedByAnother = "OwnedByAnother";

    /// <summary>The adoption policy forbids taking the repository, or making it.</summary>
    public const string AdoptionRefused = "AdoptionRefused";

    /// <summary>The repository does not exist.</summary>
    public const string NotFound = "NotFound";

    /// <summary>The spec asks for what AWS cannot change.</summary>
    public const string ImmutableFieldChanged = "ImmutableFieldChanged";

    /// <summary>AWS differs from the spec, and the drift policy says to report only.</summary>
    public const string DriftDetected = "DriftDetected";

    /// <summary>The object bears the paused annotation.</summary>
    public const string Paused = "Paused";

    /// <summary>The Kubernetes API denies the operator something.</summary>
    public const string KubernetesForbidden = "KubernetesForbidden";

    /// <summary>The Kubernetes API gives no answer, or an error of its own.</summary>
    public const string KubernetesUnavailable = "KubernetesUnavailable";

    /// <summary>The Kubernetes API refused a write.</summary>
    public const string KubernetesRejected = "KubernetesRejected";
}
