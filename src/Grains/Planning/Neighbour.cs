using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>Another object of this cluster that names the same repository.</summary>
/// <param name="Key">The object.</param>
/// <param name="Created">When it was created.</param>
/// <param name="Holds">Whether its status records the repository as its own.</param>
/// <param name="MayTake">Whether it would take the repository if it could: not one that observes, is paused or being deleted, or takes nothing that exists.</param>
/// <param name="IsDeleting">Whether it is being deleted.</param>
public sealed record Neighbour(ResourceKey Key, DateTimeOffset Created, bool Holds, bool MayTake, bool IsDeleting)
{
    /// <summary>Whether this object is older than another. Of two that were created in the same second the name decides, so that both agree.</summary>
    /// <param name="created">When the other was created.</param>
    /// <param name="key">The other.</param>
    public bool IsElderThan(DateTimeOffset created, ResourceKey key) =>
        Created != created ? Created < created : string.CompareOrdinal(Key.ToString(), key.ToString()) < 0;
}

/// <summary>How an installation marks repositories as owned, and whose marks it takes for free.</summary>
public sealed record OwnershipRules
{
    /// <summary>The rules of an installation that was told nothing.</summary>
    public static OwnershipRules Default { get; } = new();

    /// <summary>Whether repositories bear the owner tag.</summary>
    public bool UsesOwnerTag { get; init; } = true;

    /// <summary>Owner tags of other clusters whose repositories may be taken: a cluster's id, or a glob of the tag's value.</summary>
    public IReadOnlyCollection<string> AcceptedOwners { get; init; } = [];
}
