using System.Collections.Concurrent;

namespace InfraOperator.Grains.Providers;

/// <summary>What a provider is in the midst of, and since when. Safe for threads.</summary>
/// <param name="time">The clock.</param>
internal sealed class UnderWay(TimeProvider time)
{
    private readonly ConcurrentDictionary<Entry, long> _all = [];

    /// <summary>Begins something.</summary>
    /// <returns>Disposed of when it has ended.</returns>
    public IDisposable Begin()
    {
        var entry = new Entry(this);
        _all[entry] = time.GetTimestamp();
        return entry;
    }

    /// <summary>Whether anything has lasted for so long.</summary>
    public bool HasLasted(TimeSpan age) => _all.Any(entry => time.GetElapsedTime(entry.Value) >= age);

    private sealed class Entry(UnderWay owner) : IDisposable
    {
        public void Dispose() => owner._all.TryRemove(this, out _);
    }
}
