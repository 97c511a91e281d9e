using System.Security.Cryptography;
using System.Text;

namespace InfraOperator.Kubernetes.Events;

/// <summary>What makes two events the same. Notes are long, so only their hash is kept.</summary>
internal readonly record struct EventKey(string Uid, EventType Type, string Reason, UInt128 NoteHash)
{
    public static EventKey Of(string uid, EventType type, string reason, string note)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(note), hash);
        return new EventKey(uid, type, reason, new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..])));
    }
}

/// <summary>An event that was recorded.</summary>
/// <param name="Name">The name of its object.</param>
/// <param name="Count">How often it has happened, this time included.</param>
internal sealed record RecentEvent(string Name, int Count);

/// <summary>Remembers the events of the last minutes, up to a bounded number: beyond it the longest unseen is forgotten.</summary>
internal sealed class RecentEvents(TimeProvider time)
{
    public const int Capacity = 4096;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(6);

    private readonly Lock _lock = new();
    private readonly Dictionary<EventKey, LinkedListNode<Entry>> _entries = [];

    /// <summary>Longest unseen first.</summary>
    private readonly LinkedList<Entry> _byAge = new();

    /// <summary>Counts a repetition; null if this event has not happened lately.</summary>
    public RecentEvent? Again(EventKey key)
    {
        lock (_lock)
        {
            Forget();
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            var seen = node.Value.Event with { Count = node.Value.Event.Count + 1 };
            node.Value = new Entry(key, seen, time.GetTimestamp());
            _byAge.Remove(node);
            _byAge.AddLast(node);
            return seen;
        }
    }

    /// <summary>Remembers an event as happened once.</summary>
    public void First(EventKey key, string name)
    {
        lock (_lock)
        {
            if (_entries.Remove(key, out var old))
            {
                _byAge.Remove(old);
            }

            _entries.Add(key, _byAge.AddLast(new Entry(key, new RecentEvent(name, 1), time.GetTimestamp())));
            Forget();
        }
    }

    private void Forget()
    {
        while (_byAge.First is { } oldest && (_entries.Count > Capacity || time.GetElapsedTime(oldest.Value.Seen) > Window))
        {
            _entries.Remove(oldest.Value.Key);
            _byAge.RemoveFirst();
        }
    }

    private readonly record struct Entry(EventKey Key, RecentEvent Event, long Seen);
}
