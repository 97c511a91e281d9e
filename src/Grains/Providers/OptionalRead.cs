using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Providers;

/// <summary>
/// A read that the provider's identity may be denied without harm to any repository. It is told once, on the provider. A repository
/// that was denied it is not asked about again until one such is tried and allowed: a policy may allow it for some repositories only.
/// </summary>
/// <param name="operation">The operation.</param>
/// <param name="loss">What is lost where it is denied.</param>
/// <param name="pause">How long after a denial it is tried again.</param>
/// <param name="time">The clock.</param>
internal sealed class OptionalRead(string operation, string loss, TimeSpan pause, TimeProvider time)
{
    private readonly string _note = $"ecr:{operation} is not allowed, so {loss}";
    private readonly OrderedDictionary<ResourceKey, string> _denied = [];
    private bool? _isDenied;
    private long _askedAt;

    /// <summary>Whether there is reason to make the read for a repository.</summary>
    public bool IsWorthAsking(ResourceKey dependent) => !_denied.ContainsKey(dependent);

    /// <summary>Takes note of what came of the read for a repository.</summary>
    /// <param name="dependent">The repository's object.</param>
    /// <param name="repositoryName">The repository.</param>
    /// <param name="failure">Why it failed; null where it was made.</param>
    /// <returns>Whether the provider's status has something new to say.</returns>
    public bool Learn(ResourceKey dependent, string repositoryName, CallFailure? failure)
    {
        var before = _isDenied;
        if (failure is null)
        {
            _denied.Remove(dependent);
            _isDenied = _denied.Count > 0;
        }
        else if (failure.Kind == FailureKind.AccessDenied)
        {
            _denied[dependent] = repositoryName;
            _isDenied = true;
            _askedAt = time.GetTimestamp();
        }

        return _isDenied != before;
    }

    /// <summary>The repository is no longer the provider's.</summary>
    public void Release(ResourceKey dependent) => _denied.Remove(dependent);

    /// <summary>Whether a status says that the read is denied.</summary>
    public bool IsTold(AWSProviderStatus? status) =>
        status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready)?.Message.EndsWith(_note, StringComparison.Ordinal) == true;

    /// <summary>Adds to what was found out about the provider whether the read is denied, and tries it again where that is due.</summary>
    /// <param name="provider">The provider. Until something is learned, what its status says stands: another activation learned it.</param>
    /// <param name="before">What was found out before.</param>
    /// <param name="findings">What was found out now. A fresh proof of the identity is a reason not to wait for the pause.</param>
    /// <param name="call">Makes the read for a repository and says why it failed.</param>
    public async Task<ProviderFindings> ReviewAsync(AWSProvider provider, ProviderFindings? before, ProviderFindings findings, Func<string, Task<CallFailure?>> call)
    {
        _isDenied ??= IsTold(provider.Status);
        if (!findings.IsReady)
        {
            return findings;
        }

        if (before?.CallerArn is { } caller && caller != findings.CallerArn)
        {
            Allow();
        }
        else if (_denied.Count > 0 && (before?.AuthenticatedAt != findings.AuthenticatedAt || time.GetElapsedTime(_askedAt) >= pause))
        {
            await TryAgainAsync(call);
        }

        return findings with { Note = _isDenied.Value ? _note : null };
    }

    private async Task TryAgainAsync(Func<string, Task<CallFailure?>> call)
    {
        _askedAt = time.GetTimestamp();
        var (dependent, name) = _denied.GetAt(0);
        switch (await call(name))
        {
            // The next try is another's, which may have come to be allowed.
            case { Kind: FailureKind.AccessDenied } when _denied.Remove(dependent):
                _denied.Add(dependent, name);
                break;

            // Who may not ask is not told that there is no such repository.
            case null or { Kind: FailureKind.RepositoryNotFound }:
                Allow();
                break;
        }
    }

    private void Allow()
    {
        _denied.Clear();
        _isDenied = false;
    }
}
