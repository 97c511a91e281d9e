using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Repositories;

/// <inheritdoc cref="IRepositoryGrain"/>
/// <remarks>
/// The one timer is the work queue: it never overlaps itself, and however many announcements arrive while it runs, they come
/// to one more run with the newest of them.
/// </remarks>
[KeepAlive]
[GrainType("repository")]
internal sealed partial class RepositoryGrain(RepositoryReconciler reconciler, IGrainFactory grains, IOptions<OperatorOptions> options, GrainMetrics metrics, ILogger<RepositoryGrain> logger) : Grain, IRepositoryGrain
{
    private ResourceKey _key;
    private TrackedGrain _tracked = null!;
    private IGrainTimer _timer = null!;
    private ECRRepository? _latest;
    private long _version;
    private int _attempt;
    private bool _providerChanged;
    private IProviderGrain? _provider;
    private readonly HashSet<ResourceKey> _followers = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = ResourceKey.Parse(this.GetPrimaryKeyString());
        _tracked = metrics.Track(GrainContext, ECRRepository.Kind);
        _timer = _tracked.Follow(this.RegisterGrainTimer(static (grain, token) => grain.RunAsync(token), this, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan }));
        return Task.CompletedTask;
    }

    public Task Announce(ECRRepository repository)
    {
        var old = _latest;
        if (old is not null && old.Metadata.Uid == repository.Metadata.Uid && !repository.Metadata.IsNewerThan(old.Metadata))
        {
            return Task.CompletedTask;
        }

        _latest = repository;
        _tracked.Holds(repository.Status?.Conditions);
        FollowProvider(repository);
        if (old is null && (IsSettled(repository) || repository.Metadata.IsPaused))
        {
            _provider?.Register(_key).Ignore();
        }

        if (old is null && IsSettled(repository))
        {
            // Seen for the first time by this activation, and in order when last looked at: the first comparison is spread over
            // the period, so that a restart does not compare everything at once.
            _timer.Change(options.Value.ComparePeriod * Random.Shared.NextDouble(), Timeout.InfiniteTimeSpan);
        }
        else if (old is null || CallsForWork(old, repository))
        {
            RunNow();
        }

        return Task.CompletedTask;
    }

    public Task Forget(string uid)
    {
        if (_latest?.Metadata.Uid == uid)
        {
            End();
        }

        return Task.CompletedTask;
    }

    public Task Follow(ResourceKey follower)
    {
        _followers.Add(follower);
        return Task.CompletedTask;
    }

    public Task Wake()
    {
        if (_latest is not null)
        {
            _providerChanged = true;
            RunNow();
        }
        else
        {
            // Nothing is known of such an object: the call made this activation, and nothing else would end it.
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether a change of the object is somebody's wish. Our own writes of status and finalizer are not, so they cause no work.</summary>
    private static bool CallsForWork(ECRRepository old, ECRRepository repository) =>
        old.Metadata.Uid != repository.Metadata.Uid
        || old.Metadata.Generation != repository.Metadata.Generation
        || old.Metadata.IsDeleting != repository.Metadata.IsDeleting
        || old.Metadata.IsPaused != repository.Metadata.IsPaused
        || old.Malformed != repository.Malformed
        || (old.Metadata.HasFinalizer && !repository.Metadata.HasFinalizer && !repository.Metadata.IsDeleting && !DesiredRepository.OnlyObserves(repository.Spec))
        || (old.Metadata.PreviewToken != repository.Metadata.PreviewToken && repository.AwaitsPreview)
        || (old.Metadata.ForceSync != repository.Metadata.ForceSync && repository.Metadata.AsksForSync(repository.Status?.LastHandledForceSync));

    private static bool IsSettled(ECRRepository repository) =>
        repository is { Malformed: null, Metadata: { IsDeleting: false, IsPaused: false }, Status: { } status }
        && (DesiredRepository.OnlyObserves(repository.Spec) ? status.ObservedGeneration : status.AppliedGeneration) == repository.Metadata.Generation
        && status.Condition(ConditionTypes.Synced) is { Status: ConditionStatus.True }
        && status.Ready
        && !repository.AwaitsPreview
        && !repository.Metadata.AsksForSync(status.LastHandledForceSync);

    private void RunNow()
    {
        _version++;
        _attempt = 0;
        _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_latest is not { } repository)
        {
            return;
        }

        using var run = _tracked.Begin();
        var version = _version;
        ReconcileResult result;
        try
        {
            result = await reconciler.ReconcileAsync(_key, repository, _providerChanged, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, _key);
            run.Outcome = Outcomes.Error;
            result = new ReconcileResult.Retry(Mend.Time);
        }

        run.Outcome = Outcomes.Of(result);

        // The answer to a write of ours may hold an edit that the watch has not told of yet, and will tell in vain since its
        // version is no longer news.
        if (result.Latest is { } latest && _latest is { } known && known.Metadata.Uid == latest.Metadata.Uid && latest.Metadata.IsNewerThan(known.Metadata))
        {
            _latest = latest;
            _tracked.Holds(latest.Status?.Conditions);
            FollowProvider(latest);
            if (CallsForWork(known, latest))
            {
                RunNow();
            }
        }

        // Whoever called for work meanwhile has armed the timer for now; arming it again for later would lose the call.
        if (_version == version)
        {
            Schedule(result);
        }
    }

    private void Schedule(ReconcileResult result)
    {
        switch (result)
        {
            case ReconcileResult.InSync { AwaitsPreview: true }:
                _providerChanged = false;
                _timer.Change(RetryDelay.After(options.Value, ++_attempt, Mend.Time), Timeout.InfiniteTimeSpan);
                break;
            case ReconcileResult.InSync:
                _attempt = 0;
                _providerChanged = false;
                _timer.Change(RetryDelay.Jittered(options.Value.ComparePeriod), Timeout.InfiniteTimeSpan);
                break;
            case ReconcileResult.Retry retry:
                // A server may ask for more patience than ours, not for less.
                var delay = RetryDelay.After(options.Value, ++_attempt, retry.Mend);
                _timer.Change(retry.After is { } after && after > delay ? after : delay, Timeout.InfiniteTimeSpan);
                break;
            case ReconcileResult.Again when _attempt++ == 0:
                _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                break;
            case ReconcileResult.Again:
                _timer.Change(RetryDelay.After(options.Value, _attempt, Mend.Time), Timeout.InfiniteTimeSpan);
                break;
            case ReconcileResult.Gone:
                End();
                break;
        }
    }

    // A provider hears of its repositories' comings and goings, so that none is woken, or counted, for nothing.
    private void FollowProvider(ECRRepository repository)
    {
        if (repository.Malformed is not null)
        {
            return;
        }

        var provider = reconciler.ProviderOf(_key, repository);
        if (_provider is not null && !_provider.Equals(provider))
        {
            _provider.Release(_key).Ignore();
        }

        _provider = provider;
    }

    private void End()
    {
        _provider?.Release(_key).Ignore();
        _provider = null;
        _latest = null;
        _tracked.HoldsNothing();
        _version++;
        foreach (var follower in _followers)
        {
            grains.GetGrain<IRepositoryGrain>(follower.ToString()).Wake().Ignore();
        }

        _followers.Clear();
        DeactivateOnIdle();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Could not reconcile ecrrepository {Repository}; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey repository);
}
