namespace InfraOperator.Kubernetes.Watching;

/// <summary>
/// Which objects exist and in which state they were handed over: enough to see what a gap has hidden, and nothing more.
/// </summary>
internal sealed class WatchIndex
{
    private readonly Dictionary<(string Namespace, string Name), Entry> _entries = [];
    private int _list;

    public int Count => _entries.Count;

    /// <summary>A new list begins: what it does not mention is gone when it ends.</summary>
    public void BeginList() => _list++;

    /// <summary>Forgets the versions, so that what exists is handed over again. That it exists stays known.</summary>
    public void ForgetVersions()
    {
        foreach (var (key, entry) in _entries.ToArray())
        {
            _entries[key] = entry with { ResourceVersion = "" };
        }
    }

    public bool TryGet(ObjectReference reference, out ObjectReference known)
    {
        var found = _entries.TryGetValue((reference.Namespace, reference.Name), out var entry);
        known = found ? new ObjectReference(reference.Namespace, reference.Name, entry.Uid, entry.ResourceVersion) : default;
        return found;
    }

    public void Set(ObjectReference reference) =>
        _entries[(reference.Namespace, reference.Name)] = new Entry(reference.Uid, reference.ResourceVersion, _list);

    public void Remove(ObjectReference reference) => _entries.Remove((reference.Namespace, reference.Name));

    /// <summary>What was known before the current list and is not on it. To be called when the whole list has been read.</summary>
    public IReadOnlyList<ObjectReference> Missing() =>
        [.. _entries.Where(entry => entry.Value.List != _list)
            .Select(entry => new ObjectReference(entry.Key.Namespace, entry.Key.Name, entry.Value.Uid, entry.Value.ResourceVersion))];

    private readonly record struct Entry(string Uid, string ResourceVersion, int List);
}
