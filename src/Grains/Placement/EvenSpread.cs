namespace InfraOperator.Grains.Placement;

/// <summary>Evens out how many of something each silo has.</summary>
internal static class EvenSpread
{
    /// <summary>
    /// Where one silo is to move what it has too much. Whichever silo asks, the answers of all together move as few as possible and leave no two
    /// silos that differ by more than one.
    /// </summary>
    /// <param name="counts">How many each silo has.</param>
    /// <param name="own">The silo that asks.</param>
    /// <returns>A silo for each that is to be moved; none where the silo has no more than its share.</returns>
    public static IReadOnlyList<SiloAddress> Moves(IReadOnlyDictionary<SiloAddress, int> counts, SiloAddress own)
    {
        var total = counts.Values.Sum();
        var (each, rest) = (total / counts.Count, total % counts.Count);

        // Those that have the most keep one of the rest each: fewest are moved so.
        var surplus = counts
            .OrderByDescending(static silo => silo.Value)
            .ThenBy(static silo => silo.Key)
            .Select((silo, place) => (Silo: silo.Key, Count: silo.Value - each - (place < rest ? 1 : 0)))
            .ToArray();
        var takers = surplus.SelectMany(static silo => Enumerable.Repeat(silo.Silo, Math.Max(0, -silo.Count)));
        return [.. takers
            .Skip(surplus.TakeWhile(silo => !silo.Silo.Equals(own)).Sum(static silo => Math.Max(0, silo.Count)))
            .Take(Math.Max(0, surplus.First(silo => silo.Silo.Equals(own)).Count))];
    }
}
