using System.Collections.Immutable;
using System.IO.Enumeration;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Status;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace InfraOperator.Grains.Providers;

/// <inheritdoc cref="IProviderGrain"/>
[KeepAlive]
[Reentrant]
[GrainType("provider")]
internal sealed partial class ProviderGrain(
    ResourceStore<AWSProvider> providers,
    ResourceStore<ECRRepository> repositories,
    KubernetesApi api,
    AwsClientFactory aws,
    EventRecorder events,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<ProviderGrain> logger) : Grain, IProviderGrain
{
    private const int WakeBatch = 64;
    private static readonly TimeSpan FirstVerdictTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdentityTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan InUsePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CountDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RereadAfterAuthenticationFailure = TimeSpan.FromSeconds(10);

    private readonly HashSet<ResourceKey> _dependents = [];
    private readonly HashSet<ResourceKey> _waiting = [];
    private readonly SemaphoreSlim _slots = new(options.Value.MaxCallsPerProvider);
    private TaskCompletionSource _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ResourceKey _key;
    private IGrainTimer _timer = null!;
    private AWSProvider? _provider;
    private AWSProvider? _reconciled;
    private ProviderFindings? _findings;
    private ProviderIdentity? _proven;
    private EcrCalls? _calls;
    private long _provenAt;
    private long _lastRead;
    private long? _due;
    private long _version;
    private int _attempt;

    private OperatorOptions Options => options.Value;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = ResourceKey.Parse(this.GetPrimaryKeyString());
        _timer = this.RegisterGrainTimer(static (grain, token) => grain.RunAsync(token), this, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
        return Task.CompletedTask;
    }

    public Task Announce(AWSProvider provider)
    {
        Accept(provider);
        return Task.CompletedTask;
    }

    public async Task Forget(string uid)
    {
        if (_provider?.Metadata.Uid == uid)
        {
            _provider = null;
            _findings = null;
            _proven = null;
            _calls = null;
            _version++;
            _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
            LogGone(logger, _key);
            await WakeAsync(_dependents);
        }
    }

    public async Task<ProviderView> Resolve(ResourceKey dependent)
    {
        if (_dependents.Add(dependent))
        {
            RunWithin(CountDelay);
        }

        if (_provider is null && await providers.FindAsync(_key, CancellationToken.None) is { } found)
        {
            Accept(found);
        }

        if (_provider is not null && _findings is null)
        {
            // The first verdict is on its way. Waiting for it spares the repository a status that would be untrue in a moment.
            await _verdict.Task.WaitAsync(FirstVerdictTimeout, time).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }

        var view = View(dependent.Namespace);
        if (view.State == ProviderState.Ready)
        {
            _waiting.Remove(dependent);
        }
        else
        {
            _waiting.Add(dependent);
        }

        return view;
    }

    public Task Release(ResourceKey dependent)
    {
        _waiting.Remove(dependent);
        if (_dependents.Remove(dependent))
        {
            RunWithin(_provider?.Metadata.IsDeleting == true ? TimeSpan.Zero : CountDelay);
        }

        return Task.CompletedTask;
    }

    public async Task<Observation> Observe(ResourceKey dependent, ObserveRequest request, CancellationToken cancellationToken)
    {
        if (_calls is not { } calls)
        {
            return new() { Failure = NotUsable(nameof(Observe)) };
        }

        using var slot = await TakeSlotAsync(cancellationToken);
        var observation = await calls.ObserveAsync(request, cancellationToken);
        Notice(observation.Failure);
        return observation;
    }

    public async Task<ActionOutcome> Execute(ResourceKey dependent, string uid, EcrAction action, CancellationToken cancellationToken)
    {
        // Keys in memory go on serving deletions after the provider broke; nothing else is written with them.
        if (_calls is not { } calls || (_findings is not { IsReady: true } && action is not DeleteRepository))
        {
            return new() { Failure = NotUsable(action.GetType().Name) };
        }

        using var slot = await TakeSlotAsync(cancellationToken);
        var outcome = action is DeleteRepository delete
            ? await new GuardedDeletion(repositories, calls, time).ExecuteAsync(dependent, uid, delete, cancellationToken)
            : await calls.ExecuteAsync(action, cancellationToken);
        Notice(outcome.Failure);
        return outcome;
    }

    private void Accept(AWSProvider provider)
    {
        var old = _provider;
        if (old is not null && old.Metadata.Uid == provider.Metadata.Uid && !provider.Metadata.IsNewerThan(old.Metadata))
        {
            return;
        }

        _provider = provider;
        if (old is null
            || old.Metadata.Uid != provider.Metadata.Uid
            || old.Metadata.Generation != provider.Metadata.Generation
            || old.Metadata.IsDeleting != provider.Metadata.IsDeleting
            || old.Malformed != provider.Malformed
            || (!provider.Metadata.IsDeleting && !provider.Metadata.HasFinalizer)
            || provider.Metadata.AsksForSync(provider.Status?.LastHandledForceSync))
        {
            _version++;
            _attempt = 0;
            RunWithin(TimeSpan.Zero);
        }
    }

    private ProviderView View(string ns)
    {
        if (_provider is not { } provider)
        {
            return new() { State = ProviderState.NotFound, Message = $"AWSProvider '{_key.Namespace}/{_key.Name}' does not exist; create it, or name another in spec.providerRef" };
        }

        if (ns != _key.Namespace && !(provider.Spec.AllowedNamespaces ?? []).Any(glob => FileSystemName.MatchesSimpleExpression(glob, ns, ignoreCase: false)))
        {
            return new() { State = ProviderState.NotAllowed, Message = $"AWSProvider '{_key.Namespace}/{_key.Name}' does not let namespace '{ns}' use it; add the namespace to its spec.allowedNamespaces" };
        }

        return new()
        {
            State = _findings is { IsReady: true } ? ProviderState.Ready : ProviderState.NotReady,
            Message = _findings is { IsReady: true } ? "" : $"AWSProvider '{_key.Namespace}/{_key.Name}' is not ready: {_findings?.Message ?? "its identity is being proven"}",
            AccountId = _findings?.AccountId,
            Region = provider.Spec.Region,
            DefaultTags = provider.Spec.DefaultTags ?? ImmutableSortedDictionary<string, string>.Empty,
        };
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        _due = null;
        if (_provider is not { } provider)
        {
            return;
        }

        var version = _version;
        TimeSpan next;
        try
        {
            next = await ReconcileAsync(provider, cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            LogKubernetes(logger, exception, _key);
            next = exception.Failure is KubernetesFailure.PreconditionFailed or KubernetesFailure.Conflict && await providers.FindAsync(_key, cancellationToken) is { } fresh
                ? AcceptAfterConflict(fresh)
                : exception.RetryAfter ?? RetryDelay.After(Options, ++_attempt, Mend.Time);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, _key);
            next = RetryDelay.After(Options, ++_attempt, Mend.Time);
        }

        if (_findings is not null)
        {
            _verdict.TrySetResult();
        }

        if (_version == version)
        {
            RunWithin(next);
        }

        // Whoever waits is told when the provider heals; everybody, when its spec means something else than before. That it
        // broke is no news for repositories that are in order: each finds out when it next looks.
        var changed = _reconciled is { } last && (last.Metadata.Uid, last.Metadata.Generation) != (provider.Metadata.Uid, provider.Metadata.Generation);
        _reconciled = provider;
        if (_findings is { IsReady: true })
        {
            await WakeAsync(changed ? _dependents : _waiting);
        }
    }

    private TimeSpan AcceptAfterConflict(AWSProvider fresh)
    {
        _provider = fresh;
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan> ReconcileAsync(AWSProvider provider, CancellationToken cancellationToken)
    {
        if (provider.Malformed is { } malformed)
        {
            _findings = new(Reasons.InvalidSpec, $"the object cannot be read: {malformed}");
            _calls = null;
            var conditions = ProviderStatus.Build(provider, _findings, _dependents.Count, time.GetUtcNow(), Options.HeartbeatPeriod);
            await providers.WriteStatusFieldsAsync(provider, ResourceJson.ToJson(conditions), cancellationToken);
            return Timeout.InfiniteTimeSpan;
        }

        if (!provider.Metadata.IsDeleting)
        {
            _provider = provider = Newest(await providers.AddFinalizerAsync(provider, cancellationToken));
        }

        var wasReady = provider.Status?.Ready;
        _findings = await ProveAsync(provider, cancellationToken);
        var inUse = provider.Metadata.IsDeleting && provider.Metadata.HasFinalizer ? await FindUsersAsync(cancellationToken) : null;
        if (inUse is { Count: 0 })
        {
            await providers.RemoveFinalizerAsync(provider, cancellationToken);
            LogReleased(logger, _key);
            return Timeout.InfiniteTimeSpan;
        }

        var status = ProviderStatus.Build(provider, _findings, _dependents.Count, time.GetUtcNow(), Options.HeartbeatPeriod, inUse);
        _provider = Newest(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(status), cancellationToken));
        if (wasReady != status.Ready)
        {
            await RecordAsync(provider, status.Ready ? EventType.Normal : EventType.Warning, _findings.Reason, status.Ready ? $"acts as {_findings.CallerArn} in account {_findings.AccountId}" : _findings.Message, cancellationToken);
        }

        LogReconciled(logger, _key, _findings.Reason, _findings.AccountId);
        if (inUse is not null)
        {
            return InUsePeriod;
        }

        if (_findings.IsReady)
        {
            _attempt = 0;
            return RetryDelay.Jittered(Options.ProviderRefreshPeriod);
        }

        return RetryDelay.After(Options, ++_attempt, Mend.Time);
    }

    /// <summary>Reads the identity and, where it is new or its proof is old, has AWS confirm it.</summary>
    private async Task<ProviderFindings> ProveAsync(AWSProvider provider, CancellationToken cancellationToken)
    {
        _lastRead = time.GetTimestamp();
        var identity = await ReadIdentityAsync(provider, cancellationToken);
        if (identity is not { Identity: { } who, Target: { } target })
        {
            return new(identity.Reason, identity.Message, AccountId: _findings?.AccountId);
        }

        var endpoint = target.Endpoint?.ToString();
        var same = _proven is not null && identity == _proven;
        if (same && _findings is { IsReady: true } && _calls is not null
            && time.GetElapsedTime(_provenAt) < Options.ProviderAuthenticationPeriod
            && !provider.Metadata.AsksForSync(provider.Status?.LastHandledForceSync)
            && AccountProblem(provider, _findings.AccountId!) is null)
        {
            return _findings;
        }

        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(IdentityTimeout);
            var clients = aws.Create(who, target);
            var caller = await clients.GetCallerIdentityAsync(timeout.Token);
            if (AccountProblem(provider, caller.AccountId) is { } problem)
            {
                _calls = null;
                _proven = null;
                return new(Reasons.ProviderNotAllowed, problem, caller.AccountId, caller.Arn, Endpoint: endpoint);
            }

            (_calls, _proven, _provenAt) = (new EcrCalls(clients.Ecr), identity, time.GetTimestamp());
            return new(Reasons.Available, $"acts as {caller.Arn}", caller.AccountId, caller.Arn, time.GetUtcNow(), endpoint);
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

    private async Task<ProviderIdentity> ReadIdentityAsync(AWSProvider provider, CancellationToken cancellationToken)
    {
        try
        {
            return await ProviderIdentity.ReadAsync(provider, _key, Options, api, cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.Failure is KubernetesFailure.Forbidden)
        {
            return new(null, null, Reasons.KubernetesForbidden, exception.Message);
        }
    }

    // An identity that was proven and did not change stays usable while STS gives no answer.
    private ProviderFindings Unproven(bool same, CallFailure failure, string? endpoint)
    {
        var problem = Problem.From(failure);
        return same && _findings is { IsReady: true } && problem.Mend == Mend.Time
            ? _findings
            : new(problem.Reason, problem.Message, _findings?.AccountId, Endpoint: endpoint);
    }

    private static string? AccountProblem(AWSProvider provider, string account) =>
        provider.Spec.AllowedAccountIDs is { IsDefaultOrEmpty: false } allowed && !allowed.Contains(account)
            ? $"the identity belongs to account {account}, and spec.allowedAccountIDs names {string.Join(", ", allowed)}; nothing is written to AWS"
            : null;

    private async Task<ProviderUsers?> FindUsersAsync(CancellationToken cancellationToken)
    {
        var (count, first) = (0, default(string));
        await foreach (var repository in repositories.ListAsync(cancellationToken))
        {
            var reference = repository.Spec.ProviderRef;
            if (reference.Name == _key.Name && (reference.Namespace ?? repository.Metadata.Namespace) == _key.Namespace)
            {
                first ??= $"{repository.Metadata.Namespace}/{repository.Metadata.Name}";
                count++;
            }
        }

        return new(count, first);
    }

    // The first authentication failure of a call is a reason to read the Secrets again now.
    private void Notice(CallFailure? failure)
    {
        if (failure?.Kind == FailureKind.CredentialsExpired && time.GetElapsedTime(_lastRead) > RereadAfterAuthenticationFailure)
        {
            _lastRead = time.GetTimestamp();
            _proven = null;
            RunWithin(TimeSpan.Zero);
        }
    }

    private CallFailure NotUsable(string operation) =>
        new(FailureKind.ProviderNotUsable, operation, View(_key.Namespace).Message is { Length: > 0 } message ? message : "the provider is being made ready");

    private async Task WakeAsync(HashSet<ResourceKey> dependents)
    {
        foreach (var batch in dependents.ToArray().Chunk(WakeBatch))
        {
            try
            {
                await Task.WhenAll(batch.Select(dependent => grains.GetGrain<IRepositoryGrain>(dependent.ToString()).Wake()));
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                LogNotWoken(logger, exception, _key);
            }
        }
    }

    private async Task<Slot> TakeSlotAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        return new(_slots);
    }

    private AWSProvider Newest(AWSProvider written) =>
        _provider is { } latest && latest.Metadata.Uid == written.Metadata.Uid && latest.Metadata.IsNewerThan(written.Metadata) ? latest : written;

    private void RunWithin(TimeSpan delay)
    {
        if (delay == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        if (_due is null || due < _due)
        {
            _due = due;
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private Task RecordAsync(AWSProvider provider, EventType type, string reason, string note, CancellationToken cancellationToken) => events.RecordAsync(
        new(ApiNames.ApiVersion, AWSProvider.Kind, _key.Namespace, _key.Name, provider.Metadata.Uid, provider.Metadata.ResourceVersion), type, reason, "Authenticate", note, cancellationToken);

    private readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reconciled awsprovider {Provider} for ecr: {Reason}, account {Account}")]
    private static partial void LogReconciled(ILogger logger, ResourceKey provider, string reason, string? account);

    [LoggerMessage(Level = LogLevel.Information, Message = "Released awsprovider {Provider}: no ecrrepository names it any longer")]
    private static partial void LogReleased(ILogger logger, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Information, Message = "The awsprovider {Provider} for ecr is gone")]
    private static partial void LogGone(ILogger logger, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not reconcile awsprovider {Provider} for ecr with the Kubernetes API; trying again")]
    private static partial void LogKubernetes(ILogger logger, Exception exception, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Error, Message = "Could not reconcile awsprovider {Provider} for ecr; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not wake every ecrrepository of awsprovider {Provider}; each looks again by itself")]
    private static partial void LogNotWoken(ILogger logger, Exception exception, ResourceKey provider);
}
