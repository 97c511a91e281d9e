using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Status;

/// <summary>What one reconcile found out about a repository.</summary>
public sealed record ReconcileFindings
{
    /// <summary>The object.</summary>
    public required ECRRepository Repository { get; init; }

    /// <summary>What AWS says, after our writes; null where it was not asked or there is no repository.</summary>
    public ObservedRepository? Observed { get; init; }

    /// <summary>Whether AWS says that there is no repository, and none was made.</summary>
    public bool Absent { get; init; }

    /// <summary>How the object stands to the repository.</summary>
    public Relation Relation { get; init; }

    /// <summary>What is ours.</summary>
    public Owned Owned { get; init; } = Owned.Nothing;

    /// <summary>What keeps the spec from holding, the gravest first.</summary>
    public ImmutableArray<Problem> Problems { get; init; } = [];

    /// <summary>What a person should know though nothing is wrong.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Where AWS still differs from the spec.</summary>
    public ImmutableArray<DriftItem> Drift { get; init; } = [];

    /// <summary>Whether AWS was compared with the whole spec.</summary>
    public bool Compared { get; init; }

    /// <summary>How far the preview is that the object asks for; null where nothing was done about one.</summary>
    public LifecyclePreviewStatus? LifecyclePreview { get; init; }
}

/// <summary>Turns what a reconcile found out into the object's status. Pure: the same findings give the same status.</summary>
public static class RepositoryStatus
{
    // The schema's limits.
    private const int MaxDriftItems = 20;
    private const int MaxMessageLength = 32768;

    /// <summary>Makes the status.</summary>
    /// <param name="findings">What was found out.</param>
    /// <param name="now">The time.</param>
    /// <param name="heartbeat">How old <c>lastSyncTime</c> may grow before it alone is worth a write.</param>
    /// <returns>The new status, equal to the old one where nothing is worth a write.</returns>
    public static ECRRepositoryStatus Build(ReconcileFindings findings, DateTimeOffset now, TimeSpan heartbeat)
    {
        var metadata = findings.Repository.Metadata;
        var before = findings.Repository.Status ?? new();
        var status = WithObserved(before, findings) with
        {
            Origin = findings.Owned.Origin,
            Owned = findings.Owned.ToRecord(),
            ObservedGeneration = metadata.Generation,
            AppliedGeneration = findings.Owned.AppliedGeneration,
            LastHandledForceSync = metadata.IsPaused ? before.LastHandledForceSync : metadata.ForceSync ?? before.LastHandledForceSync,
            Drift = findings.Drift.IsEmpty ? null : [.. findings.Drift.Take(MaxDriftItems)],
            LifecyclePreview = findings.LifecyclePreview ?? (IsWithdrawn(findings.Repository) ? null : before.LifecyclePreview),
            Message = BuildMessage(findings),
            Conditions = BuildConditions(findings, before.Conditions, now),
        };
        status = status with { Ready = status.Condition(ConditionTypes.Ready)?.Status == ConditionStatus.True };

        var changed = !ResourceJsonEquals(status, before);
        var stale = findings.Compared && (before.LastSyncTime is not { } last || now - last >= heartbeat);
        return findings.Compared && (changed || stale) ? status with { LastSyncTime = now } : status;
    }

    private static bool IsWithdrawn(ECRRepository repository) => repository.AwaitsPreview && repository.Metadata.PreviewToken is null;

    private static string? BuildMessage(ReconcileFindings findings)
    {
        var problems = findings.Problems.Select(problem => problem.Message);
        string[] sentences = findings.Observed?.Images is { IsAtLeast: true, Count: var count } && findings.Relation is Relation.Ours or Relation.Observed
            ? [.. problems, .. findings.Notes, $"the repository holds at least {count} images; no more were counted"]
            : [.. problems, .. findings.Notes];
        return sentences.Length == 0 ? null : string.Join("; ", sentences).Cut(MaxMessageLength);
    }

    private static bool ResourceJsonEquals(ECRRepositoryStatus left, ECRRepositoryStatus right) =>
        System.Text.Json.Nodes.JsonNode.DeepEquals(ResourceJson.ToJson(left), ResourceJson.ToJson(right));

    private static ECRRepositoryStatus WithObserved(ECRRepositoryStatus before, ReconcileFindings findings)
    {
        if (findings.Observed is not { } observed || findings.Relation is Relation.Foreign)
        {
            // What is known to be gone is not described any longer; what cannot be read, or not be seen yet, is described as it was.
            return findings.Absent && findings.Problems.All(problem => problem.Reason != Reasons.Creating)
                ? before with { RepositoryUri = null, ImageTagMutability = null, EncryptionType = null, KmsKey = null, ImageScanningConfiguration = null, ImageCount = null, ImageSizeBytes = null }
                : before;
        }

        return before with
        {
            RepositoryArn = observed.Arn,
            RepositoryUri = observed.Uri,
            RegistryId = observed.RegistryId,
            CreationDate = observed.CreationDate,
            ImageTagMutability = observed.ImageTagMutability,
            EncryptionType = observed.EncryptionType,
            KmsKey = observed.KmsKey,
            ImageScanningConfiguration = new() { ScanOnPush = observed.ScanOnPush },
            ImageCount = observed.Images?.Count ?? before.ImageCount,
            ImageSizeBytes = observed.Images?.SizeBytes ?? before.ImageSizeBytes,
        };
    }

    private static ImmutableArray<Condition> BuildConditions(ReconcileFindings findings, ImmutableArray<Condition>? before, DateTimeOffset now)
    {
        var conditions = new Conditions(before, findings.Repository.Metadata.Generation, now);
        var first = findings.Problems.FirstOrDefault();
        var onRepository = findings.Problems.FirstOrDefault(problem => problem.Bearing == Bearing.OnRepository);
        var exists = findings.Observed is not null && findings.Relation is Relation.Ours or Relation.Observed;

        if (onRepository is not null)
        {
            conditions.Set(ConditionTypes.Ready, onRepository.Reason == Reasons.Creating ? ConditionStatus.Unknown : ConditionStatus.False, onRepository.Reason, onRepository.Message);
        }
        else if (exists)
        {
            conditions.Set(ConditionTypes.Ready, ConditionStatus.True, Reasons.Available, "the repository can be used");
        }
        else if (findings.Absent)
        {
            conditions.Set(ConditionTypes.Ready, ConditionStatus.False, Reasons.NotFound, $"repository '{findings.Repository.Spec.RepositoryName}' does not exist");
        }
        else
        {
            conditions.Keep(ConditionTypes.Ready, first?.Reason ?? Reasons.Pending, first?.Message ?? "AWS was not asked yet");
        }

        if (first is null)
        {
            conditions.Set(ConditionTypes.Synced, ConditionStatus.True, Reasons.Available, findings.Relation == Relation.Observed
                ? "managementPolicy Observe: AWS is only read, and was not compared with the spec"
                : "the whole spec holds in AWS");
            return conditions.ToImmutable();
        }

        // What AWS said about a field outweighs what could not be found out about another.
        var synced = findings.Problems.FirstOrDefault(problem => problem.Bearing != Bearing.OnKnowledge) ?? first;
        conditions.Set(ConditionTypes.Synced, synced.Bearing == Bearing.OnKnowledge ? ConditionStatus.Unknown : ConditionStatus.False, synced.Reason, synced.Message);
        if (findings.Problems.FirstOrDefault(problem => problem.Mend == Mend.Person) is { } forPerson)
        {
            conditions.Set(ConditionTypes.Stalled, ConditionStatus.True, forPerson.Reason, forPerson.Message);
        }
        else if (findings.Problems.FirstOrDefault(problem => problem.Mend == Mend.Time) is { } forTime)
        {
            conditions.Set(ConditionTypes.Reconciling, ConditionStatus.True, forTime.Reason, forTime.Message);
        }

        return conditions.ToImmutable();
    }
}
