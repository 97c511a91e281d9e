using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Pace;

/// <summary>
/// Gives the calls of one provider their turns: no faster than its account lets it, no more at a time than it may have, and each namespace in its turn. What the
/// account lets it is asked while calls wait for it, not for each call; a call now and then goes without asking.
/// </summary>
/// <param name="provider">The provider.</param>
/// <param name="report">Tells the account what the calls came to, and gives the provider's share.</param>
/// <param name="call">Calls an object that was told to ask again later.</param>
/// <param name="slots">What the silo's calls under way share.</param>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Told how long calls wait.</param>
/// <param name="logger">The provider's log.</param>
internal sealed partial class ProviderPace(
    ResourceKey provider,
    Func<PaceReport, Task<PaceGrant>> report,
    Action<ResourceKey> call,
    CallSlots slots,
    OperatorOptions options,
    TimeProvider time,
    GrainMetrics metrics,
    ILogger logger) : IDisposable
{
    /// <summary>How often a provider reports while its calls wait for the rate.</summary>
    public static readonly TimeSpan PressedPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a provider reports that has calls, and none that wait.</summary>
    public static readonly TimeSpan QuietPeriod = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private readonly SortedDictionary<OperationClass, CallLane> _lanes = [];
    private readonly Queue<TaskCompletionSource> _slotsAwaited = [];
    private Entrance? _entrance;
    private CallSlots.Share? _share;
    private uint _turns;
    private ITimer? _timer;
    private TaskCompletionSource? _hurry;
    private TimeSpan _reportedAt;
    private bool _isQuiet;
    private bool _isEnded;

    /// <summary>Lets reconciles in.</summary>
    public Entrance Entrance => LazyInitializer.EnsureInitialized(ref _entrance, () => new(RateOf, options, call, time, metrics));

    /// <summary>What the provider does by itself.</summary>
    public CallOrigin Own(CallPriority priority) => new(provider.Namespace, priority, reconciles: 0);

    private CallSlots.Share Share => LazyInitializer.EnsureInitialized(ref _share, () => slots.Join(provider, OnTurn));

    private TimeSpan Now => time.GetElapsedTime(_started);

    /// <summary>Waits for the turn of a call.</summary>
    /// <param name="class">The class of the call.</param>
    /// <param name="origin">On whose behalf.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isAgain">Whether AWS refused the call before.</param>
    /// <returns>The turn, to be disposed of when the call has ended.</returns>
    public async Task<CallTurn> TakeAsync(OperationClass @class, CallOrigin origin, CancellationToken cancellationToken, bool isAgain = false)
    {
        if (origin.Reserved is { } reserved)
        {
            return reserved.Take(@class, origin);
        }

        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            LaneOf(@class).Line.Add(origin.Namespace, origin.Priority, turn, isAgain);
            LetGo();
        }

        await WaitAsync(turn, @class, origin, cancellationToken);
        return new(this, @class, origin, holdsSlot: true);
    }

    /// <summary>Waits for the turns of several calls that are to follow on one another without waiting.</summary>
    public async Task<ReservedTurns> ReserveAsync(IReadOnlyList<OperationClass> classes, CallOrigin origin, CancellationToken cancellationToken)
    {
        var taken = new List<OperationClass>();
        try
        {
            foreach (var @class in classes)
            {
                // The turn is all that is kept: whoever held one of the calls under way while it waits for another's turn could wait for ever.
                await TakeAsync(@class, origin, cancellationToken);
                taken.Add(@class);
                ReleaseSlot();
            }

            var slot = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _slotsAwaited.Enqueue(slot);
                LetGo();
            }

            await WaitAsync(slot, null, origin, cancellationToken);
            return new(this, classes);
        }
        catch
        {
            Refund(taken);
            throw;
        }
    }

    /// <summary>A call ended.</summary>
    public void End(OperationClass @class, CallOrigin origin, bool isThrottled, bool holdsSlot)
    {
        lock (_lock)
        {
            LaneOf(@class).Count(origin, isThrottled);
            if (holdsSlot)
            {
                Share.Release();
            }

            if (isThrottled)
            {
                LaneOf(@class).Clock.Hold(Now);
                Report(inHurry: true);
            }

            LetGo();
        }
    }

    /// <summary>Reserved turns were not needed, nor is their part of what may be under way any longer.</summary>
    public void GiveBack(IReadOnlyList<OperationClass> classes)
    {
        Refund(classes);
        ReleaseSlot();
    }

    /// <summary>Nobody waits any longer: the provider is gone, or acts elsewhere, which each call finds out when it is about to go.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
            Share.Leave();
            _timer?.Dispose();
            _timer = null;
            _hurry?.TrySetResult();
            LetGo();
        }

        Entrance.CallAll();
    }

    private async Task WaitAsync(TaskCompletionSource turn, OperationClass? @class, CallOrigin origin, CancellationToken cancellationToken)
    {
        if (turn.Task.IsCompleted)
        {
            return;
        }

        var began = time.GetTimestamp();
        if (origin.BeginWait())
        {
            metrics.BeginWait(origin.Reconciles);
        }

        try
        {
            await using (cancellationToken.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn))
            {
                await turn.Task;
            }
        }
        finally
        {
            if (origin.EndWait())
            {
                metrics.EndWait(origin.Reconciles);
            }
        }

        if (@class is { } waited)
        {
            metrics.Waited(waited, origin.Priority, time.GetElapsedTime(began));
        }
    }

    private void Refund(IEnumerable<OperationClass> classes)
    {
        lock (_lock)
        {
            foreach (var @class in classes)
            {
                LaneOf(@class).Clock.Refund();
            }

            LetGo();
        }
    }

    private void ReleaseSlot()
    {
        lock (_lock)
        {
            Share.Release();
            LetGo();
        }
    }

    private CallLane LaneOf(OperationClass @class)
    {
        if (!_lanes.TryGetValue(@class, out var lane))
        {
            _lanes.Add(@class, lane = new(@class, options, Now));
        }

        return lane;
    }

    // The classes take turns too where there is room for one call only.
    private void LetGo()
    {
        if (_isEnded)
        {
            _lanes.Values.ToList().ForEach(static lane => lane.Line.LetAllGo());
            _slotsAwaited.ToList().ForEach(static slot => slot.TrySetResult());
            return;
        }

        var hasRoom = LetSlotsGo();
        var now = Now;
        for (var idle = 0; hasRoom && idle < _lanes.Count;)
        {
            var lane = _lanes.ElementAt((int)(_turns % _lanes.Count)).Value;
            lane.Refresh(now);
            if (lane.Line.Count > 0 && lane.Clock.WaitAt(now) == TimeSpan.Zero)
            {
                hasRoom = Share.TryTake();
                if (!hasRoom)
                {
                    break;
                }

                if (lane.Line.LetGo())
                {
                    lane.Clock.Spend(now);
                    idle = -1;
                }
                else
                {
                    Share.Release();
                }
            }

            _turns++;
            idle++;
        }

        // Where there is no room for another call, it is not the rate that is waited for.
        TimeSpan? next = null;
        foreach (var lane in _lanes.Values.Where(lane => Share.HasRoom && lane.Line.Count > 0))
        {
            var wait = lane.Clock.WaitAt(now);
            if (wait > TimeSpan.Zero)
            {
                lane.IsPressed = true;
                next = next < wait ? next : wait;
            }
        }

        if (next is { } due)
        {
            _timer ??= time.CreateTimer(static pace => ((ProviderPace)pace!).OnTurn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

            // A timer counts whole milliseconds, and drops the rest.
            _timer.Change(due + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            Report(inHurry: _isQuiet);
        }
    }

    // Those who have all their turns, and wait for no more than room.
    private bool LetSlotsGo()
    {
        while (_slotsAwaited.Count > 0)
        {
            if (!Share.TryTake())
            {
                return false;
            }

            var wasTaken = false;
            while (!wasTaken && _slotsAwaited.TryDequeue(out var slot))
            {
                wasTaken = slot.TrySetResult();
            }

            if (!wasTaken)
            {
                Share.Release();
            }
        }

        return true;
    }

    private void OnTurn()
    {
        lock (_lock)
        {
            LetGo();
        }
    }

    // What a namespace's slowest class may count on; null where none is held up.
    private double? RateOf(string ns)
    {
        lock (_lock)
        {
            var now = Now;
            return _lanes.Values.Min(lane => lane.RateOf(ns, now));
        }
    }
}
