using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Providers;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Status;

/// <summary>What is known of a provider's identity.</summary>
/// <param name="Reason"><see cref="Reasons.Available"/> where it was proven, else why not.</param>
/// <param name="Message">The same for people.</param>
/// <param name="AccountId">The account, where known.</param>
/// <param name="CallerArn">The identity's ARN, where known.</param>
/// <param name="AuthenticatedAt">When the identity was last proven.</param>
/// <param name="Endpoint">The endpoint override in force.</param>
/// <param name="Region">The region, where known.</param>
/// <param name="Note">What a person should know though the identity was proven; null where there is nothing.</param>
internal sealed record ProviderFindings(
    string Reason,
    string Message,
    string? AccountId = null,
    string? CallerArn = null,
    DateTimeOffset? AuthenticatedAt = null,
    string? Endpoint = null,
    string? Region = null,
    string? Note = null)
{
    public bool IsReady => Reason == Reasons.Available;

    /// <summary>A request to the Kubernetes API that failed, so that nothing can be found out.</summary>
    public static ProviderFindings From(KubernetesApiException exception)
    {
        var problem = Problem.From(exception);
        return new(problem.Reason, problem.Message);
    }
}

/// <summary>Turns what was found out about a provider into its status. Pure.</summary>
internal static class ProviderStatus
{
    // The schema's limit for status.message.
    private const int MaxMessageLength = 32768;

    public static AWSProviderStatus Build(AWSProvider provider, ProviderFindings findings, int repositories, DateTimeOffset now, TimeSpan heartbeat, ProviderUsers? inUse = null, DateTimeOffset? sweptAt = null)
    {
        var before = provider.Status ?? new();
        var (reason, message) = inUse is not null ? (Reasons.Deleting, InUse(inUse))
            : (findings.Reason, findings.Note is { } note ? $"{findings.Message}; {note}" : findings.Message);
        var conditions = new Conditions(before.Conditions, provider.Metadata.Generation, now)
            .Set(ConditionTypes.Ready, findings.IsReady ? ConditionStatus.True : ConditionStatus.False, reason, message);
        if (!findings.IsReady)
        {
            var transient = findings.Reason is Reasons.AWSUnavailable or Reasons.Throttled or Reasons.KubernetesUnavailable;
            conditions.Set(transient ? ConditionTypes.Reconciling : ConditionTypes.Stalled, ConditionStatus.True, findings.Reason, findings.Message);
        }

        var authenticated = findings.AuthenticatedAt;
        var stale = authenticated is not null && (before.LastAuthenticationTime is not { } last || authenticated - last >= heartbeat);
        return before with
        {
            Ready = findings.IsReady,
            AccountID = findings.AccountId ?? before.AccountID,
            Region = findings.Region ?? before.Region,
            CallerIdentity = findings.CallerArn ?? before.CallerIdentity,
            LastAuthenticationTime = stale || (findings.IsReady && !before.Ready) ? authenticated : before.LastAuthenticationTime,
            LastSweepTime = sweptAt ?? before.LastSweepTime,
            RepositoryCount = repositories,
            Endpoint = findings.Endpoint,
            Message = BuildMessage(findings.IsReady && inUse is null ? findings.Note : message, before.Deletions),
            ObservedGeneration = provider.Metadata.Generation,
            LastHandledForceSync = provider.Metadata.IsPaused ? before.LastHandledForceSync : provider.Metadata.ForceSync ?? before.LastHandledForceSync,
            Conditions = conditions.ToImmutable(),
        };
    }

    private static string? BuildMessage(string? problem, DeletionsStatus? deletions)
    {
        var held = deletions?.HeldSince is { } since ? $"deletions of repositories with images are held since {since:yyyy-MM-dd'T'HH:mm:ss'Z'}; a new value of the annotation {ApiNames.ReleaseDeletionAnnotation} lets them go" : null;
        string[] sentences = [.. new[] { problem, held }.OfType<string>()];
        return sentences.Length == 0 ? null : string.Join("; ", sentences).Cut(MaxMessageLength);
    }

    private static string InUse(ProviderUsers users) => users.Unreadable is { } unreadable
        ? $"being deleted, and it cannot be told which ECRRepository objects name it: {unreadable}"
        : $"being deleted, and {users.Count} ECRRepository objects name it ('{users.First}' among them); delete them, or have them name another provider";
}
