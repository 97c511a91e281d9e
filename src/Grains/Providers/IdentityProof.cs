using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Aws.Endpoints;
using InfraOperator.Grains.Pace;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tenants;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Providers;

/// <summary>Finds out whether a provider's identity is what it should be, and keeps the client that acts as it.</summary>
/// <param name="key">The provider.</param>
/// <param name="api">Where its Secrets are read.</param>
/// <param name="aws">Makes the clients.</param>
/// <param name="guard">Says which endpoints may be chosen.</param>
/// <param name="pace">Makes what gives its calls their turns in an account.</param>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
internal sealed class IdentityProof(ResourceKey key, KubernetesApi api, AwsClientFactory aws, EndpointGuard guard, Func<AccountKey, ProviderPace> pace, OperatorOptions options, TimeProvider time)
{
    private static readonly TimeSpan IdentityTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DoubtPause = TimeSpan.FromSeconds(10);

    private ProviderFindings? _findings;
    private (string Uid, long Generation) _specOf;
    private ProviderIdentity? _proven;
    private AwsClients? _clients;
    private (AccountKey Account, ProviderPace Pace)? _pace;
    private long _provenAt;
    private long _readAt;

    /// <summary>Calls as the identity that was proven last; null while none was. They outlive the proof, so that deletions go on.</summary>
    public EcrCalls? Calls { get; private set; }

    /// <summary>AWS refused what was proven: the next proof begins anew.</summary>
    /// <returns>Whether there is reason to begin it now; false where that was just done.</returns>
    public bool Doubt()
    {
        if (time.GetElapsedTime(_readAt) <= DoubtPause)
        {
            return false;
        }

        _readAt = time.GetTimestamp();
        _proven = null;
        return true;
    }

    /// <summary>Forgets everything: the provider is gone.</summary>
    public void Forget()
    {
        (_findings, _proven, _clients, Calls) = (null, null, null, null);
        _pace?.Pace.Dispose();
        _pace = null;
    }

    /// <summary>Lets go of the client: the provider's spec means nothing.</summary>
    public void Drop() => Calls = null;

    /// <summary>Reads the identity and, where it is new or its proof is old, has AWS confirm it.</summary>
    public async Task<ProviderFindings> ProveAsync(AWSProvider provider, CancellationToken cancellationToken)
    {
        _readAt = time.GetTimestamp();
        _findings = await TryProveAsync(provider, cancellationToken);
        _specOf = SpecOf(provider);
        return _findings;
    }

    private async Task<ProviderFindings> TryProveAsync(AWSProvider provider, CancellationToken cancellationToken)
    {
        ProviderIdentity identity;
        try
        {
            identity = await ProviderIdentity.ReadAsync(provider, key, options, guard, api, cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            // What is proven stays usable while Kubernetes gives no answer. Of another spec nothing is proven.
            return exception.Failure != KubernetesFailure.Forbidden && _findings is { IsReady: true } && _specOf == SpecOf(provider)
                ? _findings
                : ProviderFindings.From(exception) with { AccountId = _findings?.AccountId };
        }

        if (identity is not { Identity: { } who, Target: { } target })
        {
            if (identity.IsOutOfBounds)
            {
                // Outside its rule a provider serves nothing, deletions neither, whoever it was before.
                (Calls, _clients, _proven) = (null, null, null);
            }

            return new(identity.Reason, identity.Message, _findings?.AccountId);
        }

        var endpoint = target.Endpoint?.ToString();
        var same = _proven is not null && identity == _proven;
        var isAskedFor = provider.Metadata.AsksForSync(provider.Status?.LastHandledForceSync);
        if (same && _findings is { IsReady: true } && Calls is not null
            && time.GetElapsedTime(_provenAt) < options.ProviderAuthenticationPeriod
            && !isAskedFor
            && AccountProblem(provider, _findings.AccountId!) is null)
        {
            return _findings;
        }

        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(IdentityTimeout);

            // New clients would begin a new session though the one that they have is renewed in time. Who asks may have changed what begins one.
            var clients = same && !isAskedFor && _clients is { } proven ? proven : aws.Create(who, target);
            var caller = await clients.GetCallerIdentityAsync(timeout.Token);
            if (AccountProblem(provider, caller.AccountId) is { } problem)
            {
                (Calls, _clients, _proven) = (null, null, null);
                return new(Reasons.ProviderNotAllowed, problem, caller.AccountId, caller.Arn, Endpoint: endpoint);
            }

            (_clients, _proven, _provenAt) = (clients, identity, time.GetTimestamp());
            var place = new AwsPlace(caller.AccountId, target.Region);
            Calls = new EcrCalls(clients, identity, place, PaceIn(new(place, endpoint)), options.NamesPerCall, time);
            return new(Reasons.Available, $"acts as {caller.Arn}", caller.AccountId, caller.Arn, time.GetUtcNow(), endpoint, target.Region);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unproven(same, new(FailureKind.Unavailable, "GetCallerIdentity", $"no answer within {IdentityTimeout.TotalSeconds:0} seconds"), endpoint);
        }
        catch (Exception exception) when (AwsFailure.From(exception, "GetCallerIdentity") is { } failure)
        {
            return Unproven(same, EcrCalls.ToFailure(failure), endpoint);
        }
    }

    private ProviderPace PaceIn(AccountKey account)
    {
        if (_pace is { } known && known.Account == account)
        {
            return known.Pace;
        }

        _pace?.Pace.Dispose();
        var begun = pace(account);
        _pace = (account, begun);
        return begun;
    }

    // An identity that was proven and did not change stays usable while STS gives no answer.
    private ProviderFindings Unproven(bool same, CallFailure failure, string? endpoint)
    {
        var problem = Problem.From(failure);
        return same && _findings is { IsReady: true } && problem.Mend == Mend.Time
            ? _findings
            : new(problem.Reason, problem.Message, _findings?.AccountId, Endpoint: endpoint);
    }

    private static (string Uid, long Generation) SpecOf(AWSProvider provider) => (provider.Metadata.Uid, provider.Metadata.Generation);

    private string? AccountProblem(AWSProvider provider, string account) =>
        provider.Spec.AllowedAccountIDs is { IsDefaultOrEmpty: false } allowed && !allowed.Contains(account)
            ? $"the identity belongs to account {account}, and spec.allowedAccountIDs names {string.Join(", ", allowed)}; nothing is written to AWS"
            : Tenancy.Of(key.Namespace, options).RefusalOf(account)?.Message;
}
