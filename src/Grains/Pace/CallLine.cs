using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>
/// Those that wait to make a call of one class, and whose turn it is. Namespaces take turns, so that one with thousands of calls delays another's
/// single one by a call; within a namespace a person's wish goes before what is tried again. What nothing is known to be wrong with goes when
/// nobody else waits, and every tenth time all the same, so that it is not starved. Not safe for threads: whoever owns it locks.
/// </summary>
internal sealed class CallLine
{
    private const int BackgroundTurn = 10;

    private readonly Side _foreground = new();
    private readonly Side _background = new();
    private int _turns;

    /// <summary>How many wait.</summary>
    public int Count => _foreground.Count + _background.Count;

    /// <summary>How many wait by namespace, in the foreground or the background.</summary>
    public IEnumerable<(string Namespace, bool IsBackground, int Count)> Waiting =>
        [.. _foreground.Waiting.Select(each => (each.Namespace, false, each.Count)), .. _background.Waiting.Select(each => (each.Namespace, true, each.Count))];

    /// <summary>Gets in line.</summary>
    /// <param name="ns">The namespace of the object on whose behalf.</param>
    /// <param name="priority">Why.</param>
    /// <param name="call">Who waits; completed when its turn has come. One that is completed already when its turn comes is passed by.</param>
    /// <param name="isAgain">Whether it had a turn before and AWS refused it: it came before those of its kind that wait for their first.</param>
    public void Add(string ns, CallPriority priority, TaskCompletionSource call, bool isAgain = false) =>
        (priority == CallPriority.Sweep ? _background : _foreground).Add(ns, priority, call, isAgain);

    /// <summary>Gives the namespaces' parts of the rate, but for what can wait; each that is not named has as large a part as any.</summary>
    public void Weigh(IReadOnlyDictionary<string, double> weights) => _foreground.Weigh(weights);

    /// <summary>Lets the next one go.</summary>
    /// <returns>Whether one went; false where nobody waits.</returns>
    public bool LetGo()
    {
        while (Count > 0)
        {
            var isTurnOfBackground = _foreground.Count == 0 || (_background.Count > 0 && (_turns + 1) % BackgroundTurn == 0);
            if ((isTurnOfBackground ? _background : _foreground).Take().TrySetResult())
            {
                _turns++;
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets everybody go.</summary>
    public void LetAllGo()
    {
        while (LetGo())
        {
        }
    }

    /// <summary>Weighted fair queueing of namespaces: the one whose last call would have ended first, had each its part of the rate, is next.</summary>
    private sealed class Side
    {
        private readonly Dictionary<string, Tenant> _tenants = [];
        private IReadOnlyDictionary<string, double> _weights = ImmutableDictionary<string, double>.Empty;
        private double _largest = 1;
        private double _now;
        private long _added;

        public int Count { get; private set; }

        public IEnumerable<(string Namespace, int Count)> Waiting => _tenants.Where(static tenant => tenant.Value.Calls.Count > 0).Select(static tenant => (tenant.Key, tenant.Value.Calls.Count));

        // What was had ahead counts in calls.
        public void Weigh(IReadOnlyDictionary<string, double> weights)
        {
            var ahead = _tenants.Select(tenant => (tenant.Key, tenant.Value, Calls: (tenant.Value.Due - _now) * WeightOf(tenant.Key))).ToArray();
            (_weights, _largest) = (weights, weights.Count > 0 ? weights.Values.Max() : 1);
            foreach (var (ns, tenant, calls) in ahead)
            {
                tenant.Due = _now + (calls / WeightOf(ns));
            }
        }

        public void Add(string ns, CallPriority priority, TaskCompletionSource call, bool isAgain)
        {
            if (!_tenants.TryGetValue(ns, out var tenant))
            {
                // Whoever did not wait so far has saved nothing up by it.
                _tenants.Add(ns, tenant = new() { Due = _now });
            }

            tenant.Calls.Enqueue(call, (priority, !isAgain, _added++));
            Count++;
        }

        public TaskCompletionSource Take()
        {
            var (ns, tenant) = _tenants.Where(static tenant => tenant.Value.Calls.Count > 0).MinBy(static tenant => tenant.Value.Due);
            var call = tenant.Calls.Dequeue();
            Count--;
            _now = tenant.Due;

            // Also where AWS is to refuse it: else a namespace of whose calls none is served would have all turns.
            tenant.Due += 1 / WeightOf(ns);

            // One that comes back before its due has had its turn; after it, it is like one that never came.
            foreach (var passed in _tenants.Where(tenant => tenant.Value.Calls.Count == 0 && tenant.Value.Due <= _now).Select(static tenant => tenant.Key).ToArray())
            {
                _tenants.Remove(passed);
            }

            return call;
        }

        private double WeightOf(string ns) => _weights.GetValueOrDefault(ns, _largest);

        private sealed class Tenant
        {
            public PriorityQueue<TaskCompletionSource, (CallPriority Priority, bool IsFirst, long Order)> Calls { get; } = new();

            public double Due { get; set; }
        }
    }
}
