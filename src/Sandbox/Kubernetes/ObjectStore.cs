using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>
/// All objects with one version counter and the last changes, for watches. Callers hold <see cref="Gate"/> around what must be
/// one step; a stored object is never changed again, a new one takes its place.
/// </summary>
internal sealed class ObjectStore(int history)
{
    // Not 0, which means "any" in a request, and not 1, so that versions too old to be had exist from the start.
    private const long FirstVersion = 100;

    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> _objects = [];
    private readonly List<Change> _changes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Lock Gate { get; } = new();

    /// <summary>The version of the last change.</summary>
    public long Version { get; private set; } = FirstVersion;

    /// <summary>The version of the last change that has been forgotten: a watch from an earlier one gets 410.</summary>
    public long Forgotten { get; private set; } = FirstVersion;

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (Gate)
            {
                return _changed.Task;
            }
        }
    }

    public StoredObject? Find(string storage, string key) => _objects.GetValueOrDefault(storage)?.GetValueOrDefault(key);

    /// <summary>The objects of a storage in the order of their keys.</summary>
    public List<KeyValuePair<string, StoredObject>> List(string storage, string prefix = "")
    {
        lock (Gate)
        {
            return [.. (_objects.GetValueOrDefault(storage) ?? []).Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))];
        }
    }

    /// <summary>The same as it was at a version that is not forgotten.</summary>
    public SortedDictionary<string, JsonObject> ListAt(long version, string storage, string prefix)
    {
        lock (Gate)
        {
            var items = new SortedDictionary<string, JsonObject>(List(storage, prefix).ToDictionary(pair => pair.Key, pair => pair.Value.Value), StringComparer.Ordinal);
            foreach (var change in After(storage, version).Changes.Reverse())
            {
                var key = $"{ObjectMeta.Text(change.Object, "namespace")}/{ObjectMeta.Text(change.Object, "name")}";
                if (change.Before is null)
                {
                    items.Remove(key);
                }
                else if (key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    items[key] = change.Before;
                }
            }

            return items;
        }
    }

    /// <summary>Whether a namespace still holds objects of any kind.</summary>
    public bool IsEmpty(string ns) => _objects.Values.All(storage => !storage.Keys.Any(key => key.StartsWith(ns + "/", StringComparison.Ordinal)));

    /// <summary>Stores an object under a new version.</summary>
    /// <param name="storage">The storage of its kind.</param>
    /// <param name="key">Its namespace and name.</param>
    /// <param name="value">The object; gets its resourceVersion here and belongs to the store from now on.</param>
    /// <param name="unsettled">See <see cref="StoredObject"/>.</param>
    public void Put(string storage, string key, JsonObject value, bool unsettled = false)
    {
        if (!_objects.TryGetValue(storage, out var objects))
        {
            _objects[storage] = objects = new(StringComparer.Ordinal);
        }

        var before = objects.GetValueOrDefault(key)?.Value;
        value["metadata"]!["resourceVersion"] = $"{Version + 1}";
        objects[key] = new(value, unsettled);
        Record(new(Version + 1, storage, value, before, Deleted: false));
    }

    public void Remove(string storage, string key)
    {
        if (_objects.GetValueOrDefault(storage) is { } objects && objects.Remove(key, out var removed))
        {
            var last = removed.Value.DeepClone().AsObject();
            last["metadata"]!["resourceVersion"] = $"{Version + 1}";
            Record(new(Version + 1, storage, last, removed.Value, Deleted: true));
        }
    }

    /// <summary>Replaces an object without a new version: what a changed schema makes of it on reading.</summary>
    public void Reread(string storage, string key, JsonObject value) => _objects[storage][key] = new(value, Unsettled: true);

    /// <summary>The changes of a storage after a version.</summary>
    /// <exception cref="ApiException">410: some of them have been forgotten.</exception>
    public (IReadOnlyList<Change> Changes, long Version) After(string storage, long version)
    {
        lock (Gate)
        {
            if (version < Forgotten)
            {
                throw ApiException.Expired($"too old resource version: {version} ({Forgotten})");
            }

            var first = _changes.Count - (int)Math.Min(_changes.Count, Math.Max(0, Version - version));
            return ([.. _changes.Skip(first).Where(change => change.Storage == storage)], Math.Max(version, Version));
        }
    }

    /// <summary>Forgets all changes so far.</summary>
    public void Forget()
    {
        lock (Gate)
        {
            _changes.Clear();
            Forgotten = ++Version;
            Wake();
        }
    }

    private void Record(Change change)
    {
        Version = change.Version;
        _changes.Add(change);
        if (_changes.Count > 2 * history)
        {
            Forgotten = _changes[^(history + 1)].Version;
            _changes.RemoveRange(0, _changes.Count - history);
        }

        Wake();
    }

    private void Wake()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>
/// An object as it is read. <paramref name="Unsettled"/>: defaults were filled in on reading (a status on create), so the next write
/// stores them, even one that changes nothing.
/// </summary>
internal sealed record StoredObject(JsonObject Value, bool Unsettled);

/// <summary>One change of one object: what it is now (or was last), and what it was before.</summary>
internal sealed record Change(long Version, string Storage, JsonObject Object, JsonObject? Before, bool Deleted);
