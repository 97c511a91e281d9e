using System.Collections.Concurrent;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Placement;

/// <summary>A grain of one object, as the silo that it lives on sees it.</summary>
internal interface ILocalGrain
{
    /// <summary>Its identity.</summary>
    GrainId Id { get; }

    /// <summary>Its object.</summary>
    ResourceKey Key { get; }

    /// <summary>The kind of its object, as in URLs.</summary>
    string Plural { get; }

    /// <summary>The round of announcements in which its object was last told of; null while none was.</summary>
    long? Round { get; }

    /// <summary>Whether it would take along what it needs if it moved now.</summary>
    bool MayMove { get; }

    /// <summary>Whether it has been in the midst of something for longer than others would wait: a grain that is to move answers nobody until that has ended.</summary>
    bool IsBusy { get; }
}

/// <summary>The grains of objects that live on this silo.</summary>
internal sealed class LocalGrains
{
    private readonly ConcurrentDictionary<GrainId, ILocalGrain> _grains = new();

    public IEnumerable<ILocalGrain> All => _grains.Values;

    public int Count => _grains.Count;

    public ILocalGrain? Find(GrainId id) => _grains.GetValueOrDefault(id);

    public void Add(ILocalGrain grain) => _grains[grain.Id] = grain;

    // Its successor may live here as well, and may have come first.
    public void Remove(ILocalGrain grain) => _grains.TryRemove(KeyValuePair.Create(grain.Id, grain));
}
