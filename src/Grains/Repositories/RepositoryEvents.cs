using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Repositories;

/// <summary>The events of a repository: one per transition, none for a pass that changed nothing.</summary>
internal sealed class RepositoryEvents(EventRecorder recorder)
{
    /// <summary>Tells what was written to AWS.</summary>
    /// <param name="repository">The object.</param>
    /// <param name="work">The pass that wrote.</param>
    /// <param name="isDrift">Whether AWS had been changed behind our back.</param>
    /// <param name="cancellationToken">Ends the recording.</param>
    public Task WorkDoneAsync(ECRRepository repository, RepositoryWork work, bool isDrift, CancellationToken cancellationToken)
    {
        var name = repository.Spec.RepositoryName;
        var writes = string.Join(", ", work.Done.Select(action => action.GetType().Name));
        return work.Done switch
        {
            [] when !work.Current.Takes => Task.CompletedTask,
            [CreateRepository, ..] when work.IsDriftCorrection =>
                RecordAsync(repository, EventType.Warning, EventReasons.DriftCorrected, "Create", $"repository '{name}' was deleted outside, with its images, and made again ({writes})", cancellationToken),
            [CreateRepository, ..] => RecordAsync(repository, EventType.Normal, EventReasons.Created, "Create", $"created repository '{name}'", cancellationToken),
            _ when work.Current.Takes && work.Current.Origin == Origins.Adopted && !isDrift =>
                RecordAsync(repository, EventType.Normal, EventReasons.Adopted, "Adopt", $"adopted repository '{name}' ({(writes.Length == 0 ? "nothing was changed" : writes)})", cancellationToken),
            _ when isDrift =>
                RecordAsync(repository, EventType.Warning, EventReasons.DriftCorrected, "Update", $"repository '{name}' differed in {string.Join(", ", work.Current.Drift.Select(item => item.Field))} ({writes})", cancellationToken),
            _ => RecordAsync(repository, EventType.Normal, EventReasons.Updated, "Update", $"updated repository '{name}' ({writes})", cancellationToken),
        };
    }

    /// <summary>Tells of a problem that was not there before, or is not any longer.</summary>
    public Task TransitionAsync(ECRRepository repository, ECRRepositoryStatus status, ImmutableArray<Problem> problems, CancellationToken cancellationToken)
    {
        var before = repository.Status?.Condition(ConditionTypes.Synced);
        var after = status.Condition(ConditionTypes.Synced);
        if (problems.IsEmpty || after is null || (before?.Reason == after.Reason && before.Message == after.Message))
        {
            return Task.CompletedTask;
        }

        return RecordAsync(repository, after.Reason == Reasons.Paused ? EventType.Normal : EventType.Warning, after.Reason, "Reconcile", after.Message, cancellationToken);
    }

    /// <summary>Tells what came of a preview of the lifecycle policy, once.</summary>
    public Task PreviewedAsync(ECRRepository repository, LifecyclePreviewStatus? preview, CancellationToken cancellationToken)
    {
        if (preview is not { IsFinished: true } || repository.Status?.LifecyclePreview is { IsFinished: true } before && before.Token == preview.Token)
        {
            return Task.CompletedTask;
        }

        return preview.State == LifecyclePreviewStates.Complete
            ? RecordAsync(repository, EventType.Normal, EventReasons.LifecyclePreviewed, "Preview", $"lifecycle preview '{preview.Token}': {preview.Expiring} images would expire", cancellationToken)
            : RecordAsync(repository, EventType.Warning, EventReasons.LifecyclePreviewFailed, "Preview", $"lifecycle preview '{preview.Token}': {preview.Message}", cancellationToken);
    }

    /// <summary>Tells what became of the repository when its object was deleted.</summary>
    public Task RemovedAsync(ECRRepository repository, DesiredRepository desired, Plan plan, CancellationToken cancellationToken)
    {
        var name = desired.RepositoryName;
        return plan switch
        {
            { RemovalWarning: { } warning } => RecordAsync(repository, EventType.Warning, EventReasons.LeftInAWS, "Delete", warning, cancellationToken),
            { Actions: [DeleteRepository, ..] } => RecordAsync(repository, EventType.Normal, EventReasons.Deleted, "Delete", $"deleted repository '{name}'", cancellationToken),
            { Removal: Removal.AfterActions } => Task.CompletedTask,
            _ => RecordAsync(
                repository,
                EventType.Normal,
                EventReasons.LeftInAWS,
                "Delete",
                $"left repository '{name}' in AWS ({(desired.ObserveOnly ? "managementPolicy Observe" : $"deletionPolicy {desired.DeletionPolicy}")})",
                cancellationToken),
        };
    }

    private Task RecordAsync(ECRRepository repository, EventType type, string reason, string action, string note, CancellationToken cancellationToken)
    {
        var metadata = repository.Metadata;
        return recorder.RecordAsync(
            new(ApiNames.ApiVersion, ECRRepository.Kind, metadata.Namespace, metadata.Name, metadata.Uid, metadata.ResourceVersion), type, reason, action, note, cancellationToken);
    }
}
