using InfraOperator.Abstractions;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Pace;

/// <summary>
/// Bounds how many calls to AWS this silo has under way, so that slow answers take neither its memory nor its connections. What becomes free goes to the
/// namespace that has the fewest under way, and within it to the provider that has; and a few calls each provider may always have, so that those who
/// wait for a slow account hold up nobody else.
/// </summary>
internal sealed class CallSlots(IOptions<OperatorOptions> options)
{
    // An edit has fewer than these under way.
    private const int Own = 4;

    private readonly int _eachAtMost = options.Value.MaxCallsPerProvider;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _namespaces = [];
    private readonly HashSet<Share> _waiting = [];
    private int _free = options.Value.MaxCallsPerSilo;
    private bool _isCalling;

    /// <summary>Lets a provider take part.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="go">Called when it may take a slot after it could not, under no lock of ours.</param>
    public Share Join(ResourceKey provider, Action go) => new(this, provider.Namespace, go);

    private bool IsNext(Share share) => _waiting.All(other => Rank(share).CompareTo(Rank(other)) <= 0);

    private (int Namespace, int Provider) Rank(Share share) => (_namespaces.GetValueOrDefault(share.Namespace), share.UnderWay);

    private void Count(Share share, int change)
    {
        share.UnderWay += change;
        _free -= change;
        var ofNamespace = _namespaces.GetValueOrDefault(share.Namespace) + change;
        if (ofNamespace == 0)
        {
            _namespaces.Remove(share.Namespace);
        }
        else
        {
            _namespaces[share.Namespace] = ofNamespace;
        }

        // Whoever makes room is in the midst of its own affairs.
        if (_free > 0 && _waiting.Count > 0 && !_isCalling)
        {
            _isCalling = true;
            ThreadPool.UnsafeQueueUserWorkItem(static slots => slots.CallIn(), this, preferLocal: false);
        }
    }

    private void CallIn()
    {
        while (true)
        {
            Share next;
            lock (_lock)
            {
                if (_free <= 0 || _waiting.Count == 0)
                {
                    _isCalling = false;
                    return;
                }

                next = _waiting.MinBy(Rank)!;
                _waiting.Remove(next);
            }

            next.Go();
        }
    }

    /// <summary>The calls under way of one provider.</summary>
    internal sealed class Share(CallSlots slots, string ns, Action go)
    {
        private bool _isGone;

        public string Namespace => ns;

        public int UnderWay { get; set; }

        public Action Go => go;

        /// <summary>Whether another call would find a slot, as far as is known.</summary>
        public bool HasRoom
        {
            get
            {
                lock (slots._lock)
                {
                    return UnderWay < slots._eachAtMost && !slots._waiting.Contains(this);
                }
            }
        }

        /// <summary>Takes a slot for a call.</summary>
        /// <returns>False where there is none. Where it is the silo's that are all taken, the provider is called when there may be one.</returns>
        public bool TryTake()
        {
            lock (slots._lock)
            {
                if (_isGone || UnderWay >= slots._eachAtMost)
                {
                    return false;
                }

                if (UnderWay >= Own && (slots._free <= 0 || !slots.IsNext(this)))
                {
                    slots._waiting.Add(this);
                    return false;
                }

                slots._waiting.Remove(this);
                slots.Count(this, 1);
                return true;
            }
        }

        /// <summary>A call has ended, or did not come about.</summary>
        public void Release()
        {
            lock (slots._lock)
            {
                if (!_isGone)
                {
                    slots.Count(this, -1);
                }
            }
        }

        /// <summary>The provider makes no more calls; those under way count no longer.</summary>
        public void Leave()
        {
            lock (slots._lock)
            {
                _isGone = true;
                slots._waiting.Remove(this);
                slots.Count(this, -UnderWay);
            }
        }
    }
}
