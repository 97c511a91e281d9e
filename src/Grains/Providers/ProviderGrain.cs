using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Aws.Endpoints;
using InfraOperator.Grains.Fencing;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Pace;
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
    EndpointGuard guard,
    EventRecorder events,
    ActiveSilos silos,
    LocalGrains local,
    Successors successors,
    WriteFence fence,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    GrainMetrics metrics,
    CallSlots slots,
    ILogger<ProviderGrain> logger) : Grain, IProviderGrain, ILocalGrain, IGrainMigrationParticipant
{
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

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = ResourceKey.Parse(this.GetPrimaryKeyString());
        _activated = time.GetTimestamp();
        _proof = new(_key, api, aws, guard, PaceIn, Options, time);
        _images = new("DescribeImages", "images are not counted", Options.ProviderRefreshPeriod, time);
        _dependents = new(_key, grains, time, logger);
        _events = new(_key, events);
        _gate = new(_key, providers, _dependents, _events, Options, time, logger, () => _provider, Accept, RunNow);
        _calls = new(_proof, _images, _gate, repositories, time, fence, MayExecute, ns => _provider is null || ProviderViews.Serves(_key, _provider, ns), ns => View(ns).Message, RunNow);
        _tracked = metrics.Track(AWSProvider.Kind);
        _timer = _tracked.Follow(this.RegisterGrainTimer(static (grain, token) => grain.RunAsync(token), this, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan }));
        BeginSweeping();
        if (_moved is { } moved)
        {
            (_served, _round, _moved, _hasMoved) = (moved.Served, moved.Round, null, true);
            _dependents.Restore(moved);
            if (moved.Latest is { } provider)
            {
                Accept(provider);
            }
        }

        local.Add(this);
        return Task.CompletedTask;
    }

    private ProviderPace PaceIn(AccountKey account)
    {
        var accountGrain = grains.GetGrain<IAccountGrain>(account.ToString());
        return new(_key, accountGrain.Report, dependent => grains.GetGrain<IRepositoryGrain>(dependent.ToString()).GoOn().Ignore(), slots, Options, time, metrics, logger);
    }

    public Task Announce(AWSProvider provider, long round)
    {
        _round = round;
        Accept(provider);
        return Task.CompletedTask;
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

    private ProviderView View(string ns) => ProviderViews.Of(_key, _provider, Findings, ns, Options) with { DeepPeriod = _calls.DeepPeriod(_dependents.Count, Options) };

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        _due = null;
        if (_provider is not { } provider)
        {
            return;
        }

        using var underWay = _underWay.Begin();
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

        // Whoever waits is told when the provider heals; everybody, when its spec means something else than before. That it
        // broke is no news for repositories that are in order: each finds out when it next looks.
        var isOther = false;
        if (_judgement is { Findings.IsReady: true } ready)
        {
            // The first verdict on a new spec may be that it cannot be used yet, so it is compared with the last one that could. That may
            // have served repositories although the spec has moved on since.
            isOther = _served is { } served && !Judgement.MeanTheSame(served, ready.Provider);
            _served = ready.Provider;
            if (isOther)
            {
                _dependents.WakeAll();
            }
        }

        if (Findings is { } findings)
        {
            _verdict.TrySetResult();
            if (findings.IsReady && !isOther)
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

        var asksForSync = provider.Metadata.AsksForSync(provider.Status?.LastHandledForceSync);
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

        var status = ProviderStatus.Build(provider, findings, Count(provider), time.GetUtcNow(), Options.HeartbeatPeriod, inUse, SweptAt(provider));
        Accept(await providers.WriteStatusAsync(provider, ResourceJson.ToJson(status), cancellationToken));
        await _events.TransitionAsync(provider, status, findings, inUse is not null, _images, cancellationToken);
        LogReconciled(logger, _key, findings.Reason, findings.AccountId);
        if (asksForSync)
        {
            SweepNow();
        }

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
}
