using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Fencing;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Placement;
using InfraOperator.Grains.Status;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace InfraOperator.Grains.Providers;

/// <inheritdoc cref="IProviderGrain"/>
[KeepAlive]
[Reentrant]
[RendezvousPlacement]
[GrainType("provider")]
internal sealed partial class ProviderGrain(
    ResourceStore<AWSProvider> providers,
    ResourceStore<ECRRepository> repositories,
    KubernetesApi api,
    AwsClientFactory aws,
    EventRecorder events,
    ActiveSilos silos,
    LocalGrains local,
    WriteFence fence,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    GrainMetrics metrics,
    ILogger<ProviderGrain> logger) : Grain, IProviderGrain, ILocalGrain, IGrainMigrationParticipant
{
    private const string StateName = "provider";
    private static readonly TimeSpan FirstVerdictTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan InUsePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CountDelay = TimeSpan.FromSeconds(2);

    private TaskCompletionSource _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ResourceKey _key;
    private TrackedGrain _tracked = null!;
    private IGrainTimer _timer = null!;
    private Dependents _dependents = null!;
    private ProviderEvents _events = null!;
    private IdentityProof _proof = null!;
    private OptionalRead _images = null!;
    private DeletionGate _gate = null!;
    private ProviderCalls _calls = null!;
    private AWSProvider? _provider;
    private string? _gone;
    private Task<AWSProvider?>? _reading;
    private Judgement? _judgement;
    private AWSProvider? _served;
    private ProviderGrainState? _moved;
    private long? _round;
    private long _activated;
    private long? _due;
    private long _version;
    private int _attempt;

    private OperatorOptions Options => options.Value;

    private bool MayWrite => _provider is { Metadata.IsPaused: false } && _judgement is { Findings.IsReady: true };

    /// <summary>What is known of the identity that the newest spec asks for; null while nothing is.</summary>
    private ProviderFindings? Findings => _judgement is { } judgement && _provider is { } provider && judgement.IsOf(provider) ? judgement.Findings : null;

    GrainId ILocalGrain.Id => this.GetGrainId();

    ResourceKey ILocalGrain.Key => _key;

    string ILocalGrain.Plural => AWSProvider.Plural;

    long? ILocalGrain.Round => _provider is null ? null : _round;

    /// <summary>Keys that may be in no Secret any longer still serve deletions, and would be lost.</summary>
    bool ILocalGrain.MayMove => MayWrite || _proof.Calls is null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = ResourceKey.Parse(this.GetPrimaryKeyString());
        _activated = time.GetTimestamp();
        _proof = new(_key, api, aws, Options, time);
        _images = new("DescribeImages", "images are not counted", Options.ProviderRefreshPeriod, time);
        _dependents = new(_key, grains, time, logger) { Known = _moved is { } known ? (known.Dependents, known.Waiting, known.Held) : ([], [], []) };
        _events = new(_key, events);
        _gate = new(_key, providers, _dependents, _events, Options, time, logger, () => _provider, Accept, RunNow);
        _calls = new(_proof, _images, _gate, repositories, Options.MaxCallsPerProvider, time, fence, metrics, () => View(_key.Namespace).Message, RunNow);
        _tracked = metrics.Track(GrainContext, AWSProvider.Kind);
        _timer = _tracked.Follow(this.RegisterGrainTimer(static (grain, token) => grain.RunAsync(token), this, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan }));
        if (_moved is { } moved)
        {
            (_served, _round, _moved) = (moved.Served, moved.Round, null);
            if (moved.Latest is { } provider)
            {
                Accept(provider);
            }
        }

        local.Add(this);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.Remove(this);
        if (silos.IsToBeLeft(reason))
        {
            MigrateOnIdle();
        }

        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext context)
    {
        var (all, waiting, held) = _dependents.Known;
        context.TryAddValue(StateName, new ProviderGrainState { Latest = _provider, Round = _round, Served = _served, Dependents = all, Waiting = waiting, Held = held });
    }

    public void OnRehydrate(IRehydrationContext context) => _moved = context.TryGetValue<ProviderGrainState>(StateName, out var state) ? state : null;

    public Task Announce(AWSProvider provider, long round)
    {
        _round = round;
        Accept(provider);
        return Task.CompletedTask;
    }

    public async Task Reread(bool onlyIfUnknown)
    {
        var before = _provider;
        if (onlyIfUnknown && before is not null)
        {
            return;
        }

        if (await providers.FindAsync(_key, CancellationToken.None) is { } found)
        {
            Accept(found);
        }
        else if (before is not null)
        {
            await Forget(before.Metadata.Uid);
        }
    }

    public Task Forget(string uid)
    {
        _gone = uid;
        if (_provider?.Metadata.Uid == uid)
        {
            _provider = null;
            _tracked.HoldsNothing();
            _proof.Forget();
            _version++;
            _verdict.TrySetResult();
            LogGone(logger, _key);
            _dependents.WakeAll();
        }

        return Task.CompletedTask;
    }

    public async Task Register(ResourceKey dependent, bool waits, string? seen)
    {
        Add(dependent);
        await ReadIfUnknownAsync();
        if (waits || (seen is not null && _provider is not null && seen != ProviderViews.VersionOf(_provider)))
        {
            _dependents.SetWaiting(dependent, true);
            if (MayWrite)
            {
                _dependents.WakeWaiting();
            }
        }
    }

    public async Task<ProviderView> Resolve(ResourceKey dependent)
    {
        Add(dependent);
        try
        {
            await ReadIfUnknownAsync();
        }
        catch (KubernetesApiException exception)
        {
            _dependents.SetWaiting(dependent, true);
            return new() { State = ProviderState.NotReady, Message = $"AWSProvider '{_key.Namespace}/{_key.Name}' cannot be read: {exception.Message}" };
        }

        if (_provider is not null && Findings is null)
        {
            // The verdict on the newest spec is on its way. Waiting for it spares the repository a status that would be untrue in
            // a moment, and keeps it from being made where the spec no longer says.
            await _verdict.Task.WaitAsync(FirstVerdictTimeout, time).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }

        var view = View(dependent.Namespace);
        _dependents.SetWaiting(dependent, view.State != ProviderState.Ready);
        return view;
    }

    public Task<AwsPlace?> Locate() => Task.FromResult(_provider is null ? null : View(_key.Namespace).Place);

    public Task Release(ResourceKey dependent)
    {
        _images.Release(dependent);
        if (_dependents.Remove(dependent))
        {
            RunWithin(_provider?.Metadata.IsDeleting == true ? TimeSpan.Zero : CountDelay);
        }

        return Task.CompletedTask;
    }

    public Task<Observation> Observe(ResourceKey dependent, ObserveRequest request, AwsPlace? place, CancellationToken cancellationToken) =>
        _calls.ObserveAsync(dependent, request, place, cancellationToken);

    public Task<PreviewAnswer> Preview(ResourceKey dependent, PreviewRequest request, AwsPlace? place, CancellationToken cancellationToken) => MayWrite
        ? _calls.PreviewAsync(request, place, cancellationToken)
        : Task.FromResult<PreviewAnswer>(new() { Failure = _calls.NotUsable(nameof(Preview)) });

    public Task<ActionOutcome> Execute(ResourceKey dependent, string uid, EcrAction action, AwsPlace? place, CancellationToken cancellationToken)
    {
        // Keys in memory go on serving deletions after the provider broke; nothing else is written with them.
        return MayWrite || (action is DeleteRepository && _provider is { Metadata.IsPaused: false })
            ? _calls.ExecuteAsync(dependent, uid, action, place, cancellationToken)
            : Task.FromResult<ActionOutcome>(new() { Failure = _calls.NotUsable(action.GetType().Name) });
    }

    private void Add(ResourceKey dependent)
    {
        if (_dependents.Add(dependent))
        {
            RunWithin(CountDelay);
        }
    }

    private async Task ReadIfUnknownAsync()
    {
        if (_provider is null && await (_reading ??= ReadAsync()) is { } found)
        {
            Accept(found);
        }
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
        if (provider.Metadata.Uid == _gone)
        {
            // The answer to a write or read that was under way when the object ended.
            return;
        }

        var old = _provider;
        if (old is not null && old.Metadata.Uid == provider.Metadata.Uid && !provider.Metadata.IsNewerThan(old.Metadata))
        {
            return;
        }

        _provider = provider;
        _tracked.Holds(provider.Status?.Conditions);
        if (old?.Metadata.Uid != provider.Metadata.Uid)
        {
            _gate.Restore(provider);
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
            || (!provider.Metadata.IsPaused && (provider.Metadata.AsksForSync(provider.Status?.LastHandledForceSync) || DeletionGate.AsksForRelease(provider))))
        {
            _version++;
            _attempt = 0;
            RunWithin(TimeSpan.Zero);
        }
    }

    private ProviderView View(string ns) => ProviderViews.Of(_key, _provider, Findings, ns, Options);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        _due = null;
        if (_provider is not { } provider)
        {
            return;
        }

        using var run = _tracked.Begin();
        var version = _version;
        TimeSpan next;
        try
        {
            next = await ReconcileAsync(provider, cancellationToken);
            run.Outcome = Findings is { IsReady: true } ? Outcomes.InSync : Outcomes.Retry;
        }
        catch (KubernetesApiException exception)
        {
            LogKubernetes(logger, exception, _key);
            run.Outcome = Outcomes.Retry;
            next = await AfterKubernetesFailureAsync(exception, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, _key);
            run.Outcome = Outcomes.Error;
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
            // The first verdict on a new spec may be that it cannot be used yet, so it is compared with the last one that could.
            var isOther = _served is { } served && !Judgement.MeanTheSame(served, _judgement!.Provider);
            _served = _judgement!.Provider;
            if (isOther)
            {
                _dependents.WakeAll();
            }
            else
            {
                _dependents.WakeWaiting();
            }
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

            // The rest of the status could not be read either, nor the generation: it stays as it is.
            var told = ProviderStatus.Build(provider, _judgement.Findings, Count(provider), time.GetUtcNow(), Options.HeartbeatPeriod);
            await providers.WriteStatusFieldsAsync(provider, ResourceJson.ToJson(new AWSProviderStatus { Conditions = told.Conditions, Message = told.Message }), cancellationToken);
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

        if (DeletionGate.AsksForRelease(provider))
        {
            await _gate.ReleaseAsync(provider.Metadata.Annotations[ApiNames.ReleaseDeletionAnnotation], cancellationToken);
            provider = _provider ?? provider;
        }

        var findings = await _images.ReviewAsync(
            provider,
            _judgement?.Findings,
            refused ?? await _proof.ProveAsync(provider, cancellationToken),
            name => _proof.Calls!.TryDescribeImagesAsync(name, cancellationToken));
        _judgement = new(provider, findings);
        var inUse = provider.Metadata.IsDeleting && provider.Metadata.HasFinalizer ? await ProviderUsers.FindAsync(_key, repositories, cancellationToken) : null;
        if (inUse is { Count: 0 })
        {
            await providers.RemoveFinalizerAsync(provider, cancellationToken);
            LogReleased(logger, _key);
            return Timeout.InfiniteTimeSpan;
        }

        var status = ProviderStatus.Build(provider, findings, Count(provider), time.GetUtcNow(), Options.HeartbeatPeriod, inUse);
        Accept(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(status), cancellationToken));
        await _events.TransitionAsync(provider, status, findings, inUse is not null, _images, cancellationToken);
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

    private void RunNow() => RunWithin(TimeSpan.Zero);

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
}
