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
    private static readonly TimeSpan InUsePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CountDelay = TimeSpan.FromSeconds(2);

    private readonly HashSet<ResourceKey> _dependents = [];
    private readonly HashSet<ResourceKey> _waiting = [];
    private readonly HashSet<ResourceKey> _held = [];
    private readonly SemaphoreSlim _recording = new(1);
    private readonly SemaphoreSlim _slots = new(options.Value.MaxCallsPerProvider);
    private TaskCompletionSource _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ResourceKey _key;
    private IGrainTimer _timer = null!;
    private IdentityProof _proof = null!;
    private OptionalRead _images = null!;
    private DeletionBrake _brake = null!;
    private AWSProvider? _provider;
    private Task<AWSProvider?>? _reading;
    private Judgement? _judgement;
    private long _activated;
    private long? _due;
    private long _version;
    private int _attempt;

    private OperatorOptions Options => options.Value;

    /// <summary>What is known of the identity that the newest spec asks for; null while nothing is.</summary>
    private ProviderFindings? Findings => _judgement is { } judgement && _provider is { } provider && judgement.IsOf(provider) ? judgement.Findings : null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = ResourceKey.Parse(this.GetPrimaryKeyString());
        _activated = time.GetTimestamp();
        _proof = new(_key, api, aws, Options, time);
        _images = new("DescribeImages", "images are not counted", Options.ProviderRefreshPeriod, time);
        _brake = new(Options, time);
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
            _proof.Forget();
            _version++;
            _verdict.TrySetResult();
            LogGone(logger, _key);
            await WakeAsync(_dependents);
        }
    }

    public Task Register(ResourceKey dependent)
    {
        if (_dependents.Add(dependent))
        {
            RunWithin(CountDelay);
        }

        return Task.CompletedTask;
    }

    public async Task<ProviderView> Resolve(ResourceKey dependent)
    {
        await Register(dependent);
        try
        {
            if (_provider is null && await (_reading ??= ReadAsync()) is { } found)
            {
                Accept(found);
            }
        }
        catch (KubernetesApiException exception)
        {
            _waiting.Add(dependent);
            return new() { State = ProviderState.NotReady, Message = $"AWSProvider '{_key.Namespace}/{_key.Name}' cannot be read: {exception.Message}" };
        }

        if (_provider is not null && Findings is null)
        {
            // The verdict on the newest spec is on its way. Waiting for it spares the repository a status that would be untrue in
            // a moment, and keeps it from being made where the spec no longer says.
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

    public Task<AwsPlace?> Locate() => Task.FromResult(_provider is null ? null : View(_key.Namespace).Place);

    public Task Release(ResourceKey dependent)
    {
        _waiting.Remove(dependent);
        _images.Release(dependent);
        if (_dependents.Remove(dependent))
        {
            RunWithin(_provider?.Metadata.IsDeleting == true ? TimeSpan.Zero : CountDelay);
        }

        return Task.CompletedTask;
    }

    public async Task<Observation> Observe(ResourceKey dependent, ObserveRequest request, AwsPlace? place, CancellationToken cancellationToken)
    {
        if (_proof.Calls is not { } calls)
        {
            return new() { Failure = NotUsable(nameof(Observe)) };
        }

        if (Elsewhere(calls, place, nameof(Observe)) is { } elsewhere)
        {
            return new() { Failure = elsewhere };
        }

        using var slot = await TakeSlotAsync(cancellationToken);
        var images = request.Images && _images.IsWorthAsking(dependent);
        var observation = await calls.ObserveAsync(request with { Images = images }, cancellationToken);
        Notice(observation.Failure);
        if (images && observation.Repository is not null
            && _images.Learn(dependent, request.RepositoryName, observation.PartialFailures.FirstOrDefault(failure => failure.Operation == "DescribeImages")))
        {
            RunWithin(TimeSpan.Zero);
        }

        return observation;
    }

    public async Task<ActionOutcome> Execute(ResourceKey dependent, string uid, EcrAction action, AwsPlace? place, CancellationToken cancellationToken)
    {
        // Keys in memory go on serving deletions after the provider broke; nothing else is written with them.
        if (_proof.Calls is not { } calls || (_judgement is not { Findings.IsReady: true } && action is not DeleteRepository) || _provider is not { Metadata.IsPaused: false })
        {
            return new() { Failure = NotUsable(action.GetType().Name) };
        }

        if (Elsewhere(calls, place, action.GetType().Name) is { } elsewhere)
        {
            return new() { Failure = elsewhere };
        }

        using var slot = await TakeSlotAsync(cancellationToken);
        var outcome = action is DeleteRepository delete
            ? await new GuardedDeletion(repositories, calls, (repository, token) => AdmitAsync(dependent, repository, token), time).ExecuteAsync(dependent, uid, delete, cancellationToken)
            : await calls.ExecuteAsync(action, cancellationToken);
        Notice(outcome.Failure);
        return outcome;
    }

    // After a restart every repository may ask before the watch has told of the provider: they share one read.
    private async Task<AWSProvider?> ReadAsync()
    {
        await Task.Yield();
        try
        {
            return await providers.FindAsync(_key, CancellationToken.None);
        }
        finally
        {
            _reading = null;
        }
    }

    private void Accept(AWSProvider provider)
    {
        var old = _provider;
        if (old is not null && old.Metadata.Uid == provider.Metadata.Uid && !provider.Metadata.IsNewerThan(old.Metadata))
        {
            return;
        }

        _provider = provider;
        if (old?.Metadata.Uid != provider.Metadata.Uid)
        {
            _brake.Restore(provider.Status?.Deletions);
        }

        if (Findings is null && _verdict.Task.IsCompleted)
        {
            _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (old is null
            || old.Metadata.Uid != provider.Metadata.Uid
            || old.Metadata.Generation != provider.Metadata.Generation
            || old.Metadata.IsDeleting != provider.Metadata.IsDeleting
            || old.Metadata.IsPaused != provider.Metadata.IsPaused
            || old.Malformed != provider.Malformed
            || (!provider.Metadata.IsDeleting && !provider.Metadata.HasFinalizer)
            || (!provider.Metadata.IsPaused && (provider.Metadata.AsksForSync(provider.Status?.LastHandledForceSync) || AsksForRelease(provider))))
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

        var findings = Findings;
        return new()
        {
            State = findings is { IsReady: true } ? ProviderState.Ready : ProviderState.NotReady,
            Message = findings is { IsReady: true } ? "" : $"AWSProvider '{_key.Namespace}/{_key.Name}' is not ready: {findings?.Message ?? "its identity is being proven"}",
            AccountId = findings?.AccountId,
            Region = provider.Spec.Region,
            DefaultTags = provider.Spec.DefaultTags ?? ImmutableSortedDictionary<string, string>.Empty,
            UsesOwnerTag = provider.Spec.OwnerTag ?? Options.OwnerTag,
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
        var before = _judgement;
        TimeSpan next;
        try
        {
            next = await ReconcileAsync(provider, cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            LogKubernetes(logger, exception, _key);
            next = await AfterKubernetesFailureAsync(exception, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, _key);
            next = RetryDelay.After(Options, ++_attempt, Mend.Time);
        }

        if (_version == version)
        {
            RunWithin(next);
        }

        if (Findings is not { } findings)
        {
            return;
        }

        // Whoever waits is told when the provider heals; everybody, when its spec means something else than before. That it
        // broke is no news for repositories that are in order: each finds out when it next looks.
        _verdict.TrySetResult();
        if (findings.IsReady)
        {
            await WakeAsync(before is not null && !before.IsOf(_judgement!.Provider) ? _dependents : _waiting);
        }
    }

    private async Task<TimeSpan> AfterKubernetesFailureAsync(KubernetesApiException exception, CancellationToken cancellationToken)
    {
        var delay = RetryDelay.After(Options, ++_attempt, Mend.Time);
        if (exception.Failure is KubernetesFailure.PreconditionFailed or KubernetesFailure.Conflict)
        {
            try
            {
                if (await providers.FindAsync(_key, cancellationToken) is { } fresh)
                {
                    Accept(fresh);
                    return _attempt == 1 ? TimeSpan.Zero : delay;
                }
            }
            catch (KubernetesApiException again)
            {
                LogKubernetes(logger, again, _key);
            }
        }

        return exception.RetryAfter is { } after && after > delay ? after : delay;
    }

    private async Task<TimeSpan> ReconcileAsync(AWSProvider provider, CancellationToken cancellationToken)
    {
        if (provider.Malformed is { } malformed)
        {
            _judgement = new(provider, new(Reasons.InvalidSpec, $"the object cannot be read: {malformed}"));
            _proof.Drop();
            var conditions = ProviderStatus.Build(provider, _judgement.Findings, Count(provider), time.GetUtcNow(), Options.HeartbeatPeriod);
            await providers.WriteStatusFieldsAsync(provider, ResourceJson.ToJson(conditions), cancellationToken);
            return Timeout.InfiniteTimeSpan;
        }

        if (provider.Metadata.IsPaused)
        {
            _judgement = new(provider, new(Reasons.Paused, $"nothing is done, for its repositories neither, while the annotation {ApiNames.PausedAnnotation} is 'true'; take it off to go on", _judgement?.Findings.AccountId));
            var paused = ProviderStatus.Build(provider, _judgement.Findings, Count(provider), time.GetUtcNow(), Options.HeartbeatPeriod);
            Accept(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(paused), cancellationToken));
            return Timeout.InfiniteTimeSpan;
        }

        ProviderFindings? refused = null;
        if (!provider.Metadata.IsDeleting)
        {
            try
            {
                Accept(await providers.AddFinalizerAsync(provider, cancellationToken));
                provider = _provider ?? provider;
            }
            catch (KubernetesApiException exception) when (exception.Failure is KubernetesFailure.Forbidden or KubernetesFailure.Invalid)
            {
                LogKubernetes(logger, exception, _key);
                refused = ProviderFindings.From(exception);
            }
        }

        if (AsksForRelease(provider))
        {
            await ReleaseDeletionsAsync(provider.Metadata.Annotations[ApiNames.ReleaseDeletionAnnotation], cancellationToken);
            provider = _provider ?? provider;
        }

        var findings = await _images.ReviewAsync(
            provider,
            _judgement?.Findings,
            refused ?? await _proof.ProveAsync(provider, cancellationToken),
            name => _proof.Calls!.TryDescribeImagesAsync(name, cancellationToken));
        _judgement = new(provider, findings);
        var inUse = provider.Metadata.IsDeleting && provider.Metadata.HasFinalizer ? await FindUsersAsync(cancellationToken) : null;
        if (inUse is { Count: 0 })
        {
            await providers.RemoveFinalizerAsync(provider, cancellationToken);
            LogReleased(logger, _key);
            return Timeout.InfiniteTimeSpan;
        }

        var status = ProviderStatus.Build(provider, findings, Count(provider), time.GetUtcNow(), Options.HeartbeatPeriod, inUse);
        Accept(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(status), cancellationToken));
        await TellTransitionAsync(provider, status, findings, inUse, cancellationToken);
        LogReconciled(logger, _key, findings.Reason, findings.AccountId);
        if (inUse is not null)
        {
            return InUsePeriod;
        }

        if (findings.IsReady)
        {
            _attempt = 0;
            return RetryDelay.Jittered(Options.ProviderRefreshPeriod);
        }

        return RetryDelay.After(Options, ++_attempt, Mend.Time);
    }

    // A new activation does not know its dependents until they have registered.
    private int Count(AWSProvider provider) =>
        time.GetElapsedTime(_activated) >= CountDelay ? _dependents.Count : Math.Max(_dependents.Count, provider.Status?.RepositoryCount ?? 0);

    private async Task<ProviderUsers> FindUsersAsync(CancellationToken cancellationToken)
    {
        var (count, first) = (0, default(string));
        try
        {
            await foreach (var repository in repositories.ListAsync(cancellationToken))
            {
                var reference = repository.Spec.ProviderRef;
                if (reference.Name == _key.Name && (reference.Namespace is { Length: > 0 } ns ? ns : repository.Metadata.Namespace) == _key.Namespace)
                {
                    first ??= $"{repository.Metadata.Namespace}/{repository.Metadata.Name}";
                    count++;
                }
            }
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.Unknown)
        {
            // An object that cannot be read may be a user.
            return new(count + 1, first, exception.Message);
        }

        return new(count, first);
    }

    private static bool AsksForRelease(AWSProvider provider) =>
        provider.Metadata.Annotations.GetValueOrDefault(ApiNames.ReleaseDeletionAnnotation) is { Length: > 0 } request && request != provider.Status?.Deletions?.LastHandledRelease;

    private async Task<CallFailure?> AdmitAsync(ResourceKey dependent, ECRRepository repository, CancellationToken cancellationToken)
    {
        var wasHolding = _brake.IsHolding;
        var admitted = _brake.Admits(repository.Metadata.Uid, repository.Metadata.DeletionTimestamp ?? DateTimeOffset.MaxValue);
        var isNews = _brake.IsHolding && !wasHolding;
        try
        {
            await RecordBrakeAsync(cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            return new(FailureKind.Unavailable, nameof(DeleteRepository), $"not called, because the deletion could not be put on record ({exception.Message})");
        }

        if (admitted)
        {
            return null;
        }

        _held.Add(dependent);
        var message = $"more than {Options.DeletionBrakeLimit} repositories with images were to be deleted through AWSProvider '{_key.Namespace}/{_key.Name}' within {Options.DeletionBrakePeriod.TotalMinutes:0.#} minutes, so the rest is held; "
            + $"if that is meant, run: kubectl annotate awsprovider {_key.Name} -n {_key.Namespace} --overwrite {ApiNames.ReleaseDeletionAnnotation}=\"$(date +%s)\"";
        if (isNews && _provider is { } provider)
        {
            await RecordAsync(provider, EventType.Warning, Reasons.DeletionHeld, "Delete", message, cancellationToken);
            RunWithin(TimeSpan.Zero);
        }

        return new(FailureKind.DeletionHeld, nameof(DeleteRepository), message);
    }

    private async Task ReleaseDeletionsAsync(string request, CancellationToken cancellationToken)
    {
        _brake.Release(request);
        await RecordBrakeAsync(cancellationToken);
        LogDeletionsReleased(logger, _key, _held.Count);
        var held = _held.ToHashSet();
        _held.Clear();
        await WakeAsync(held);
    }

    private async Task RecordBrakeAsync(CancellationToken cancellationToken)
    {
        await _recording.WaitAsync(cancellationToken);
        try
        {
            if (_provider is { } provider && _brake.Record != (provider.Status?.Deletions ?? new()))
            {
                var status = (provider.Status ?? new()) with { Deletions = _brake.Record };
                Accept(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(status), cancellationToken));
            }
        }
        finally
        {
            _recording.Release();
        }
    }

    // The first authentication failure of a call is a reason to read the Secrets again now.
    private void Notice(CallFailure? failure)
    {
        if (failure?.Kind == FailureKind.CredentialsExpired && _proof.Doubt())
        {
            RunWithin(TimeSpan.Zero);
        }
    }

    private CallFailure NotUsable(string operation) =>
        new(FailureKind.ProviderNotUsable, operation, View(_key.Namespace).Message is { Length: > 0 } message ? message : "the provider is being made ready");

    // Between a repository's decision and its call the provider may have come to mean another account or region, where the same
    // name is another repository.
    private static CallFailure? Elsewhere(EcrCalls calls, AwsPlace? place, string operation) => place is null || place == calls.Place
        ? null
        : new(FailureKind.ProviderNotUsable, operation, $"not called, because it is meant for {place}, and the provider now acts in {calls.Place}");

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

    private Task TellTransitionAsync(AWSProvider before, AWSProviderStatus status, ProviderFindings findings, ProviderUsers? inUse, CancellationToken cancellationToken)
    {
        if (before.Status?.Ready != status.Ready)
        {
            return status.Ready
                ? RecordAsync(before, EventType.Normal, findings.Reason, "Authenticate", $"acts as {findings.CallerArn} in account {findings.AccountId}{(findings.Note is { } note ? $"; {note}" : "")}", cancellationToken)
                : RecordAsync(before, EventType.Warning, findings.Reason, "Authenticate", findings.Message, cancellationToken);
        }

        if (!status.Ready || inUse is not null || _images.IsTold(before.Status) == _images.IsTold(status))
        {
            return Task.CompletedTask;
        }

        return findings.Note is { } denied
            ? RecordAsync(before, EventType.Warning, Reasons.AccessDenied, "Observe", denied, cancellationToken)
            : RecordAsync(before, EventType.Normal, Reasons.Available, "Observe", "all that is read of repositories is allowed again", cancellationToken);
    }

    private Task RecordAsync(AWSProvider provider, EventType type, string reason, string action, string note, CancellationToken cancellationToken) => events.RecordAsync(
        new(ApiNames.ApiVersion, AWSProvider.Kind, _key.Namespace, _key.Name, provider.Metadata.Uid, provider.Metadata.ResourceVersion), type, reason, action, note, cancellationToken);

    /// <summary>What was found out, and of which spec.</summary>
    private sealed record Judgement(AWSProvider Provider, ProviderFindings Findings)
    {
        public bool IsOf(AWSProvider provider) =>
            (Provider.Metadata.Uid, Provider.Metadata.Generation, Provider.Metadata.IsPaused, Provider.Malformed)
            == (provider.Metadata.Uid, provider.Metadata.Generation, provider.Metadata.IsPaused, provider.Malformed);
    }

    private readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reconciled awsprovider {Provider} for ecr: {Reason}, account {Account}")]
    private static partial void LogReconciled(ILogger logger, ResourceKey provider, string reason, string? account);

    [LoggerMessage(Level = LogLevel.Information, Message = "Released awsprovider {Provider}: no ecrrepository names it any longer")]
    private static partial void LogReleased(ILogger logger, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Held deletions of awsprovider {Provider} for ecr are released; {Held} were waiting")]
    private static partial void LogDeletionsReleased(ILogger logger, ResourceKey provider, int held);

    [LoggerMessage(Level = LogLevel.Information, Message = "The awsprovider {Provider} for ecr is gone")]
    private static partial void LogGone(ILogger logger, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not reconcile awsprovider {Provider} for ecr with the Kubernetes API; trying again")]
    private static partial void LogKubernetes(ILogger logger, Exception exception, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Error, Message = "Could not reconcile awsprovider {Provider} for ecr; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not wake every ecrrepository of awsprovider {Provider}; each looks again by itself")]
    private static partial void LogNotWoken(ILogger logger, Exception exception, ResourceKey provider);
}
