namespace InfraOperator.Grains.Placement;

/// <summary>
/// Gives each grain its silo by highest random weight: every silo that knows the same members comes to the same answer, load is
/// even, and a silo that comes or goes moves only what becomes its own, or was.
/// </summary>
internal static class Rendezvous
{
    /// <summary>The silo of a grain.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="silos">Where it may live, in any order.</param>
    /// <returns>null where there is no silo.</returns>
    public static SiloAddress? Pick(GrainId grain, IEnumerable<SiloAddress> silos)
    {
        var key = (ulong)grain.GetUniformHashCode() << 32;
        SiloAddress? best = null;
        var highest = 0UL;
        foreach (var silo in silos)
        {
            var weight = Mix(key | (uint)silo.GetConsistentHashCode());
            if (best is null || weight > highest || (weight == highest && silo.CompareTo(best) < 0))
            {
                (best, highest) = (silo, weight);
            }
        }

        return best;
    }

    // The finalizer of splitmix64: each bit of the input sways each bit of the output.
    private static ulong Mix(ulong value)
    {
        value ^= value >> 30;
        value *= 0xBF58476D1CE4E5B9;
        value ^= value >> 27;
        value *= 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
