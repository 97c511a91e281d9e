using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Providers;

/// <summary>The events of a provider: one per transition.</summary>
internal sealed class ProviderEvents(ResourceKey key, EventRecorder recorder)
{
    /// <summary>Tells that the provider became usable, or no longer is; else that reads are denied, or no longer are.</summary>
    public Task TransitionAsync(AWSProvider before, AWSProviderStatus status, ProviderFindings findings, bool isInUse, OptionalRead read, CancellationToken cancellationToken)
    {
        if (before.Status?.Ready != status.Ready)
        {
            return status.Ready
                ? RecordAsync(before, EventType.Normal, findings.Reason, "Authenticate", $"acts as {findings.CallerArn} in account {findings.AccountId}{(findings.Note is { } note ? $"; {note}" : "")}", cancellationToken)
                : RecordAsync(before, EventType.Warning, findings.Reason, "Authenticate", findings.Message, cancellationToken);
        }

        if (!status.Ready || isInUse || read.IsTold(before.Status) == read.IsTold(status))
        {
            return Task.CompletedTask;
        }

        return findings.Note is { } denied
            ? RecordAsync(before, EventType.Warning, Reasons.AccessDenied, "Observe", denied, cancellationToken)
            : RecordAsync(before, EventType.Normal, Reasons.Available, "Observe", "all that is read of repositories is allowed again", cancellationToken);
    }

    /// <summary>Tells that deletions are held from now on.</summary>
    public Task HeldAsync(AWSProvider provider, string message, CancellationToken cancellationToken) =>
        RecordAsync(provider, EventType.Warning, Reasons.DeletionHeld, "Delete", message, cancellationToken);

    private Task RecordAsync(AWSProvider provider, EventType type, string reason, string action, string note, CancellationToken cancellationToken) => recorder.RecordAsync(
        new(ApiNames.ApiVersion, AWSProvider.Kind, key.Namespace, key.Name, provider.Metadata.Uid, provider.Metadata.ResourceVersion), type, reason, action, note, cancellationToken);
}
