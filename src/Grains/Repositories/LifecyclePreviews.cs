using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Repositories;

/// <summary>
/// The preview of the spec's lifecycle policy that an annotation asks for, one step for each pass: begun, waited for, told. How far
/// it is stands in the object's status, so that no restart begins it again. None of it writes to the repository.
/// </summary>
internal static class LifecyclePreviews
{
    // The schema's limit for status.lifecyclePreview.message.
    private const int MaxMessageLength = 4096;

    private const string AskAgain = "ask again with a new value";

    /// <summary>What is told of a preview that AWS cannot be asked about now; null where none is asked for.</summary>
    /// <param name="repository">The object.</param>
    /// <param name="reason">Why not.</param>
    public static LifecyclePreviewStatus? Waiting(ECRRepository repository, string reason) =>
        repository.AwaitsPreview ? Asked(repository)?.Saying(reason) : null;

    /// <summary>Takes the next step of the preview that the object asks for.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="desired">What is wanted, its policy in AWS's spelling.</param>
    /// <param name="findings">What this pass found out about the repository.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="cancellationToken">Ends the step.</param>
    /// <returns>How far it is now; null where nothing was to be done.</returns>
    public static async Task<LifecyclePreviewStatus?> AdvanceAsync(ResourceKey key, DesiredRepository desired, ReconcileFindings findings, IProviderGrain provider, CancellationToken cancellationToken)
    {
        if (!findings.Repository.AwaitsPreview || Asked(findings.Repository) is not { } preview)
        {
            return null;
        }

        if (desired.LifecyclePolicyText is not { } text)
        {
            return preview.Failed($"spec.lifecyclePolicy.policyText: there is no policy to preview; write one and {AskAgain}");
        }

        var wanted = LifecyclePolicy.ParseWanted(text);
        if (!wanted.IsValid)
        {
            return preview.Failed($"spec.lifecyclePolicy.policyText: {wanted.Error}; mend it and {AskAgain}");
        }

        if (findings.Relation == Relation.Foreign)
        {
            return preview.Failed($"repository '{desired.RepositoryName}' is not this object's; {AskAgain} when it is");
        }

        if (findings.Observed is null)
        {
            return preview.Saying(findings.Problems.FirstOrDefault()?.Message ?? $"repository '{desired.RepositoryName}' does not exist yet");
        }

        // A policy that was edited meanwhile is another one.
        return preview.State == LifecyclePreviewStates.InProgress && preview.Policy == wanted.Fingerprint ? await ReadAsync() : await BeginAsync();

        async Task<LifecyclePreviewStatus> BeginAsync()
        {
            var begun = new LifecyclePreviewStatus { Token = preview.Token, State = LifecyclePreviewStates.InProgress, Policy = wanted.Fingerprint };
            var answer = await CallAsync(text);
            if (answer.Failure is not { Kind: FailureKind.PreviewInProgress })
            {
                return answer.Failure is { } failure ? new LifecyclePreviewStatus { Token = preview.Token }.After(failure) : begun;
            }

            // It may be our own, begun right before a crash that lost the record of it.
            var running = await CallAsync(null);
            return running is { Failure: null, State: LifecyclePreviewStates.InProgress } && FingerprintOf(running) == wanted.Fingerprint
                ? begun
                : new LifecyclePreviewStatus { Token = preview.Token }.Saying("AWS is at another preview of this repository, which is waited for");
        }

        async Task<LifecyclePreviewStatus> ReadAsync()
        {
            var answer = await CallAsync(null);
            if (answer.Failure is { } failure)
            {
                return failure.Kind == FailureKind.PreviewNotFound ? await BeginAsync() : preview.After(failure);
            }

            if (FingerprintOf(answer) is { } shown && shown != preview.Policy)
            {
                return preview.Failed($"somebody else's preview of another policy took its place; {AskAgain}");
            }

            return answer.State switch
            {
                LifecyclePreviewStates.Complete => preview with
                {
                    State = answer.State,
                    Expiring = answer.Expiring,
                    Sample = answer.Sample.IsEmpty ? null : answer.Sample,
                    Message = answer.Archiving == 0 && desired.Notes.IsEmpty ? null
                        : string.Join("; ", [.. answer.Archiving == 0 ? [] : (string[])[$"{answer.Archiving} images would be archived"], .. desired.Notes]).Cut(MaxMessageLength),
                },
                LifecyclePreviewStates.Failed => preview.Failed($"AWS says that the preview failed, and not why; {AskAgain}"),
                LifecyclePreviewStates.Expired => preview.Saying($"AWS no longer has the result; {AskAgain}") with { State = answer.State },
                _ => preview with { Message = null },
            };
        }

        Task<PreviewAnswer> CallAsync(string? policyText) =>
            RepositoryWork.CallAsync("Preview", () => provider.Preview(key, new(desired.RepositoryName, policyText), AwsPlace.Of(findings.Observed.Arn), cancellationToken), failure => new PreviewAnswer { Failure = failure });
    }

    private static LifecyclePreviewStatus? Asked(ECRRepository repository) =>
        repository.Metadata.PreviewToken is not { } token ? null
        : repository.Status?.LifecyclePreview is { } preview && preview.Token == token ? preview
        : new() { Token = token };

    private static string? FingerprintOf(PreviewAnswer answer) => answer.PolicyText is { } text ? LifecyclePolicy.Parse(text).Fingerprint : null;

    private static LifecyclePreviewStatus Saying(this LifecyclePreviewStatus preview, string message) => preview with { Message = message.Cut(MaxMessageLength) };

    private static LifecyclePreviewStatus Failed(this LifecyclePreviewStatus preview, string message) => preview.Saying(message) with { State = LifecyclePreviewStates.Failed };

    private static LifecyclePreviewStatus After(this LifecyclePreviewStatus preview, CallFailure failure)
    {
        var message = $"{failure.Operation}: {failure.Message}";
        return failure.Kind switch
        {
            FailureKind.AccessDenied => preview.Failed($"{message}; allow the action to the provider's identity and {AskAgain}"),
            FailureKind.InvalidParameter => preview.Failed($"{message}; mend spec.lifecyclePolicy.policyText and {AskAgain}"),
            FailureKind.Unknown => preview.Failed($"{message}; {AskAgain}"),
            _ => preview.Saying($"{message}; it is tried again"),
        };
    }
}
