using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;

namespace InfraOperator.Grains.Pace;

/// <summary>
/// Lets in no more of a namespace's reconciles than can have their turns soon. The others are told to ask again later rather than held for minutes, and called as
/// soon as there is room, people's wishes first.
/// </summary>
/// <param name="rate">How many calls a second a namespace may count on; null where nothing holds it up.</param>
/// <param name="options">How long may be waited.</param>
/// <param name="call">Calls an object that was told to ask again.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Told of those that are handed back.</param>
internal sealed class Entrance(Func<string, double?> rate, OperatorOptions options, Action<ResourceKey> call, TimeProvider time, GrainMetrics metrics)
{
    private const int Least = 4;

    // As many as come together by the defaults: half a call a second, every half minute.
    private const int Hints = 32;

    // No namespace is called so.
    private const string HintRoom = "";

    private static readonly TimeSpan ShortestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    // Who was called, or has looked and may go on to write, and does not come in this time has found nothing to do.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Room> _rooms = [];

    /// <summary>Lets a reconcile in, or says in what time it is to ask again.</summary>
    /// <param name="dependent">Whose reconcile.</param>
    /// <param name="priority">Why. What is known to be no more than a hint has a room of its own.</param>
    /// <param name="isHint">Whether nothing is going to be written.</param>
    /// <param name="continues">Whether it cannot be told to ask again.</param>
    /// <param name="isLook">Whether it may go on to write, for which its room is kept a while. Else those that look would keep out those that have looked.</param>
    /// <returns>The reconcile, to be disposed of when it makes no more calls.</returns>
    public Entry Enter(ResourceKey dependent, CallPriority priority, bool isHint = false, bool continues = false, bool isLook = false)
    {
        var name = isHint ? HintRoom : dependent.Namespace;
        lock (_lock)
        {
            if (!_rooms.TryGetValue(name, out var room))
            {
                _rooms.Add(name, room = new());
            }

            var limit = LimitOf(name);
            room.Arrive(dependent);
            if (continues || room.HasRoom(limit, time, Patience))
            {
                room.Forget(dependent);
                room.Inside++;
                return new(this, name, isLook && !isHint ? dependent : null, null);
            }

            room.Add(dependent, priority);
            var wait = TimeSpan.FromSeconds(room.Count / (limit / options.MaxPaceWait.TotalSeconds));
            metrics.HandedBack(priority);
            return new(null, name, null, RetryDelay.Jittered(wait < ShortestDelay ? ShortestDelay : wait > LongestDelay ? LongestDelay : wait));
        }
    }

    /// <summary>Calls those for whom there is room now.</summary>
    public void CallIn()
    {
        string[] names;
        lock (_lock)
        {
            names = [.. _rooms.Keys];
        }

        foreach (var name in names)
        {
            CallIn(name);
        }
    }

    /// <summary>Calls everybody: whoever is asked next is another.</summary>
    public void CallAll()
    {
        List<ResourceKey> all;
        lock (_lock)
        {
            all = [.. _rooms.Values.SelectMany(static room => room.Waiting)];
        }

        all.ForEach(call);
    }

    private void CallIn(string name)
    {
        var called = new List<ResourceKey>();
        lock (_lock)
        {
            if (_rooms.GetValueOrDefault(name) is not { } room)
            {
                return;
            }

            var limit = LimitOf(name);
            while (room.HasRoom(limit, time, Patience) && room.Call(time.GetTimestamp()) is { } next)
            {
                called.Add(next);
            }

            if (room.IsEmpty)
            {
                _rooms.Remove(name);
            }
            else if (room.Count > 0 && !room.IsWatched)
            {
                // Whoever the room is kept for may not come, and then nobody's leaving calls the next.
                room.IsWatched = true;
                _ = CallInLaterAsync(name, room);
            }
        }

        called.ForEach(call);
    }

    private async Task CallInLaterAsync(string name, Room room)
    {
        await Task.Delay(Patience, time).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            room.IsWatched = false;
        }

        CallIn(name);
    }

    private void Leave(string name, ResourceKey? keeps)
    {
        lock (_lock)
        {
            _rooms[name].Leave(keeps, time.GetTimestamp());
        }

        CallIn(name);
    }

    private double LimitOf(string name) => name == HintRoom ? Hints : Math.Max(Least, (rate(name) ?? options.PaceInitialRate) * options.MaxPaceWait.TotalSeconds);

    /// <summary>A reconcile that was let in, or not.</summary>
    /// <param name="entrance">Where it was let in; null where it was not.</param>
    /// <param name="name">The room.</param>
    /// <param name="keeps">For whom its room is kept; null where it is not.</param>
    /// <param name="after">In what time it is to ask again; null where it was let in.</param>
    internal readonly struct Entry(Entrance? entrance, string name, ResourceKey? keeps, TimeSpan? after) : IDisposable
    {
        /// <summary>In what time it is to ask again; null where it was let in.</summary>
        public TimeSpan? After => after;

        public void Dispose() => entrance?.Leave(name, keeps);
    }

    private sealed class Room
    {
        private readonly PriorityQueue<ResourceKey, (CallPriority Priority, long Order)> _outside = new();
        private readonly Dictionary<ResourceKey, CallPriority> _waiting = [];
        private readonly Dictionary<ResourceKey, long> _called = [];
        private long _added;

        public int Inside { get; set; }

        public int Count => _waiting.Count;

        public IEnumerable<ResourceKey> Waiting => _waiting.Keys;

        public bool IsWatched { get; set; }

        public bool IsEmpty => Inside == 0 && _waiting.Count == 0 && _called.Count == 0;

        // One that asks again keeps its place, unless it has more reason now.
        public void Add(ResourceKey dependent, CallPriority priority)
        {
            if (!_waiting.TryGetValue(dependent, out var before) || priority < before)
            {
                _waiting[dependent] = priority;
                _outside.Enqueue(dependent, (priority, _added++));
            }
        }

        public void Leave(ResourceKey? keeps, long now)
        {
            Inside--;
            if (keeps is { } dependent)
            {
                _called[dependent] = now;
            }
        }

        public void Arrive(ResourceKey dependent) => _called.Remove(dependent);

        // One that came by itself is passed by when its turn to be called comes.
        public void Forget(ResourceKey dependent) => _waiting.Remove(dependent);

        // For whoever was called the room is kept for a while.
        public bool HasRoom(double limit, TimeProvider time, TimeSpan patience)
        {
            if (Inside < limit && Inside + _called.Count >= limit)
            {
                ForgetCalled(time, patience);
            }

            return Inside + _called.Count < limit;
        }

        private void ForgetCalled(TimeProvider time, TimeSpan patience)
        {
            foreach (var late in _called.Where(each => time.GetElapsedTime(each.Value) > patience).Select(static each => each.Key).ToArray())
            {
                _called.Remove(late);
            }
        }

        public ResourceKey? Call(long now)
        {
            while (_outside.TryDequeue(out var next, out _))
            {
                if (_waiting.Remove(next))
                {
                    _called[next] = now;
                    return next;
                }
            }

            return null;
        }
    }
}
