using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Providers;

/// <summary>Asks a provider's <see cref="DeletionBrake"/>, keeps its record in the provider's status and tells people what is held.</summary>
/// <param name="key">The provider.</param>
/// <param name="providers">Where the record is kept.</param>
/// <param name="dependents">Whose deletions are held.</param>
/// <param name="events">Where people are told.</param>
/// <param name="options">The brake's bounds.</param>
/// <param name="time">The brake's clock.</param>
/// <param name="logger">The provider's log.</param>
/// <param name="current">The newest version of the provider; null where it is gone.</param>
/// <param name="accept">Takes the version that a write made.</param>
/// <param name="reconcile">Has the provider's message brought up to date.</param>
internal sealed partial class DeletionGate(
    ResourceKey key,
    ResourceStore<AWSProvider> providers,
    Dependents dependents,
    ProviderEvents events,
    OperatorOptions options,
    TimeProvider time,
    ILogger logger,
    Func<AWSProvider?> current,
    Action<AWSProvider> accept,
    Action reconcile)
{
    private readonly DeletionBrake _brake = new(options, time);
    private readonly SemaphoreSlim _recording = new(1);

    /// <summary>Whether the provider's annotation asks for a release that was not handled.</summary>
    public static bool AsksForRelease(AWSProvider provider) =>
        provider.Metadata.Annotations.GetValueOrDefault(ApiNames.ReleaseDeletionAnnotation) is { Length: > 0 } request && request != provider.Status?.Deletions?.LastHandledRelease;

    /// <summary>Begins with what the provider has on record.</summary>
    public void Restore(AWSProvider provider) => _brake.Restore(provider.Status?.Deletions);

    /// <summary>Asks whether a repository with images may be deleted now.</summary>
    /// <param name="dependent">The object.</param>
    /// <param name="repository">The object, as it was just read.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>Why not; null where it may.</returns>
    public async Task<CallFailure?> AdmitAsync(ResourceKey dependent, ECRRepository repository, CancellationToken cancellationToken)
    {
        var wasHolding = _brake.IsHolding;
        var admitted = _brake.Admits(repository.Metadata.Uid, repository.Metadata.DeletionTimestamp ?? DateTimeOffset.MaxValue);
        var isNews = _brake.IsHolding && !wasHolding;
        try
        {
            await RecordAsync(cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            return new(FailureKind.Unavailable, nameof(DeleteRepository), $"not called, because the deletion could not be put on record ({exception.Message})");
        }

        if (admitted)
        {
            return null;
        }

        dependents.Hold(dependent);
        var message = $"more than {options.DeletionBrakeLimit} repositories with images were to be deleted through AWSProvider '{key.Namespace}/{key.Name}' within {options.DeletionBrakePeriod.TotalMinutes:0.#} minutes, so the rest is held; "
            + $"if that is meant, run: kubectl annotate awsprovider {key.Name} -n {key.Namespace} --overwrite {ApiNames.ReleaseDeletionAnnotation}=\"$(date +%s)\"";
        if (isNews && current() is { } provider)
        {
            await events.HeldAsync(provider, message, cancellationToken);
            reconcile();
        }

        return new(FailureKind.DeletionHeld, nameof(DeleteRepository), message);
    }

    /// <summary>Lets go what is held.</summary>
    /// <param name="request">The value of the annotation that asked for it.</param>
    /// <param name="cancellationToken">Ends the release.</param>
    public async Task ReleaseAsync(string request, CancellationToken cancellationToken)
    {
        _brake.Release(request);
        await RecordAsync(cancellationToken);
        LogReleased(logger, key, request);
        dependents.WakeHeld();
    }

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        await _recording.WaitAsync(cancellationToken);
        try
        {
            if (current() is { } provider && _brake.Record != (provider.Status?.Deletions ?? new()))
            {
                var status = (provider.Status ?? new()) with { Deletions = _brake.Record };
                accept(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(status), cancellationToken));
            }
        }
        finally
        {
            _recording.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Held deletions of awsprovider {Provider} for ecr are released by '{Request}'")]
    private static partial void LogReleased(ILogger logger, ResourceKey provider, string request);
}
