using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Placement;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tenants;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Repositories;

/// <inheritdoc cref="IRepositoryGrain"/>
/// <remarks>
/// The one timer is the work queue: it never overlaps itself, and however many announcements arrive while it runs, they come
/// to one more run with the newest of them.
/// </remarks>
[KeepAlive]
[RendezvousPlacement]
[GrainType("repository")]
internal sealed partial class RepositoryGrain(
    RepositoryReconciler reconciler,
    ResourceStore<ECRRepository> repositories,
    ActiveSilos silos,
    LocalGrains local,
    SiloLosses losses,
    Successors successors,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    GrainMetrics metrics,
    ILogger<RepositoryGrain> logger) : Grain, IRepositoryGrain, ILocalGrain, IGrainMigrationParticipant
{
    // Of the time between two comparisons, objects that compare by themselves may wait this part for one another.
    private const int PartToWaitForOthers = 10;

    // A timer counts milliseconds in 32 bits.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private ResourceKey _key;
    private TrackedGrain _tracked = null!;
    private IGrainTimer _timer = null!;
    private ECRRepository? _latest;
    private long? _round;
    private long? _due;
    private TimeSpan? _dueAfterMove;
    private long _version;
    private int _attempt;
    private CallPriority _occasion;
    private bool _runs;
    private bool _isPaced;
    private bool _hasRoom;
    private readonly ProviderMemory _memory = new();
    private readonly HashSet<ResourceKey> _followers = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = ResourceKey.Parse(this.GetPrimaryKeyString());
        _tracked = metrics.Track(ECRRepository.Kind);
        _timer = _tracked.Follow(this.RegisterGrainTimer(static (grain, token) => grain.RunAsync(token), this, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan }));
        if (_latest is { } moved)
        {
            _tracked.Holds(moved.Status?.Conditions);
            FollowProvider(moved);
            if (_dueAfterMove is { } delay)
            {
                RunWithin(delay);
            }
        }

        local.Add(this);
        return Task.CompletedTask;
    }

    public Task Announce(ECRRepository repository, long round)
    {
        var old = _latest;
        LogTold(logger, _key, repository.Metadata.ResourceVersion, old?.Metadata.ResourceVersion);
        var isNewRound = _round != round;
        _round = round;
        if (old is not null && old.Metadata.Uid == repository.Metadata.Uid && !repository.Metadata.IsNewerThan(old.Metadata))
        {
            if (isNewRound)
            {
                // A silo has left: if it was the provider's, the provider's new activation knows nobody yet.
                _ = RegisterAsync(old);
            }

            return Task.CompletedTask;
        }

        _latest = repository;
        _tracked.Holds(repository.Status?.Conditions);
        FollowProvider(repository);
        if (old is null && (IsSettled(repository) || repository.Metadata.IsPaused))
        {
            _ = RegisterAsync(repository);
        }

        if (old is null && IsSettled(repository) && !reconciler.IsOutOfBounds(_key, repository))
        {
            // Seen for the first time by this activation, and in order when last looked at: the provider's sweep compares it, and says
            // when to look at what it cannot see. Where no sweep comes, the object finds out by itself why.
            _occasion = CallPriority.Sweep;
            RunWithin(options.Value.ComparePeriod * (2 + Random.Shared.NextDouble()));
        }
        else if (old is null || CallsForWork(old, repository))
        {
            RunNow();
        }

        return Task.CompletedTask;
    }

    public async Task Reread(bool onlyIfUnknown)
    {
        var before = _latest;
        if (onlyIfUnknown && before is not null)
        {
            return;
        }

        var found = await repositories.FindAsync(_key, CancellationToken.None);
        if (found is not null)
        {
            await Announce(found, _round ?? 0);
        }
        else if (_latest is null)
        {
            DeactivateOnIdle();
        }
        else if (_latest.Metadata.Uid == before?.Metadata.Uid)
        {
            LogMissedEnd(logger, _key);
            End();
        }
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

    public async Task<bool> Compare(SweptRepository swept)
    {
        // The object may have ended during the sweep, and then this call has made the activation.
        await Reread(onlyIfUnknown: true);

        // Who is not in order, or looks just now, finds out more than a sweep could tell.
        if (_latest is not { } repository || !IsSettled(repository) || _runs || (_due is { } due && due <= time.GetTimestamp()))
        {
            return false;
        }

        if (!reconciler.Holds(_key, repository, swept))
        {
            LogDiffers(logger, _key);
            RunNow(CallPriority.Retry);
            return false;
        }

        // What a sweep compared for the first time would all look at the rest together.
        if (_memory.DeepPeriod == TimeSpan.Zero && swept.Provider.DeepPeriod > TimeSpan.Zero)
        {
            _memory.DeepPeriod = swept.Provider.DeepPeriod;
            RunWithin(Together(_memory.DeepPeriod * Random.Shared.NextDouble()));
        }

        return true;
    }

    public async Task Wake()
    {
        // The activation may have been made by this call, or be the successor of one that ended, and still read its object.
        await Reread(onlyIfUnknown: true);
        if (_latest is not null)
        {
            _memory.HasChanged = true;
            RunNow(CallPriority.Retry);
        }
    }

    public async Task GoOn()
    {
        if (_latest is null)
        {
            await Reread(onlyIfUnknown: true);
        }
        else if (_runs)
        {
            // The answer that says to ask again later may be on its way still.
            _hasRoom = true;
        }
        else if (_isPaced)
        {
            RunWithin(TimeSpan.Zero);
        }
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

    private void RunNow(CallPriority occasion = CallPriority.User)
    {
        _version++;
        _attempt = 0;

        // Who waits for room has a reason that stands until it was served.
        _occasion = _isPaced && _occasion < occasion ? _occasion : occasion;
        RunWithin(TimeSpan.Zero);
    }

    private void RunWithin(TimeSpan delay)
    {
        delay = delay < LongestWait ? delay : LongestWait;
        _due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_latest is not { } repository)
        {
            return;
        }

        using var run = _tracked.Begin();
        (_due, _runs, _isPaced, _hasRoom) = (null, true, false, false);
        LogRuns(logger, _key, repository.Metadata.ResourceVersion);
        var version = _version;
        ReconcileResult result;
        var loss = losses.Next;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(loss, cancellationToken);
        try
        {
            result = await reconciler.ReconcileAsync(_key, repository, _memory, _occasion, either.Token);
        }
        catch (OperationCanceledException) when (loss.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            LogBegunAgain(logger, _key);
            result = new ReconcileResult.Again();
        }
        catch (SiloUnavailableException)
        {
            // The provider's silo went with what it was asked. What came of that is seen by looking.
            LogBegunAgain(logger, _key);
            result = new ReconcileResult.Again();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, _key);
            run.Outcome = Outcomes.Error;
            result = new ReconcileResult.Retry(Mend.Time);
        }
        finally
        {
            _runs = false;
        }

        run.Outcome = Outcomes.Of(result);

        // The answer to a write of ours may hold an edit that the watch has not told of yet, and will tell in vain since its
        // version is no longer news.
        if (result.Latest is { } latest && _latest is { } known && known.Metadata.Uid == latest.Metadata.Uid && (latest.Metadata.IsNewerThan(known.Metadata) || IsWhatWasDone(result, known)))
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

    // What was handed back may have got its finalizer, and is called again before the watch tells of that.
    private static bool IsWhatWasDone(ReconcileResult result, ECRRepository known) =>
        result is ReconcileResult.Paced { Latest: { } latest } && latest.Metadata.ResourceVersion == known.Metadata.ResourceVersion;

    private void Schedule(ReconcileResult result)
    {
        if (result is ReconcileResult.Paced paced)
        {
            // As if it had not run.
            _isPaced = true;
            RunWithin(_hasRoom ? TimeSpan.Zero : paced.After);
            return;
        }

        _occasion = result is ReconcileResult.InSync { AwaitsPreview: false } ? CallPriority.Sweep : CallPriority.Retry;
        switch (result)
        {
            case ReconcileResult.InSync { AwaitsPreview: true }:
                _memory.HasChanged = false;
                RunWithin(RetryDelay.After(options.Value, ++_attempt, Mend.Time));
                break;
            case ReconcileResult.InSync:
                _attempt = 0;
                _memory.HasChanged = false;
                RunWithin(Together(RetryDelay.Jittered(_memory.DeepPeriod > TimeSpan.Zero ? _memory.DeepPeriod : options.Value.ComparePeriod)));
                break;
            case ReconcileResult.Retry retry:
                // A server may ask for more patience than ours, not for less.
                var delay = RetryDelay.After(options.Value, ++_attempt, retry.Mend);
                RunWithin(retry.After is { } after && after > delay ? after : delay);
                break;
            case ReconcileResult.Again when _attempt++ == 0:
                RunWithin(TimeSpan.Zero);
                break;
            case ReconcileResult.Again:
                RunWithin(RetryDelay.After(options.Value, _attempt, Mend.Time));
                break;
            case ReconcileResult.Gone:
                End();
                break;
        }
    }

    // Beside what can be asked about one repository only, a comparison asks for what one call tells of many.
    private TimeSpan Together(TimeSpan delay) =>
        _provider is null ? delay : RetryDelay.Together(delay, options.Value.ComparePeriod / PartToWaitForOthers, _provider.GetGrainId().GetUniformHashCode(), time.GetUtcNow());

    private void End()
    {
        _provider?.Release(_key).Ignore();
        if (_latest is { } gone && Tenancy.Of(_key.Namespace, options.Value).MaxRepositories is not null)
        {
            RepositoryReconciler.TenantOf(grains, _key).Release(_key, gone.Metadata.Uid).Ignore();
        }

        _provider = null;
        _latest = null;
        _tracked.HoldsNothing();
        _due = null;
        _version++;
        foreach (var follower in _followers)
        {
            grains.GetGrain<IRepositoryGrain>(follower.ToString()).Wake().Ignore();
        }

        _followers.Clear();
        DeactivateOnIdle();
    }
}
