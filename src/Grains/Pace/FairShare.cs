namespace InfraOperator.Grains.Pace;

/// <summary>Divides what there is so that nobody has less because another wants more: max-min fairness.</summary>
internal static class FairShare
{
    /// <summary>Divides a capacity.</summary>
    /// <param name="capacity">What there is.</param>
    /// <param name="demands">What each wants.</param>
    /// <returns>What each gets, in the same order: all it wants, or as much as any other that does not get all it wants.</returns>
    public static double[] Divide(double capacity, IReadOnlyList<double> demands)
    {
        var shares = new double[demands.Count];
        var left = capacity;
        var remaining = demands.Count;
        foreach (var index in Enumerable.Range(0, demands.Count).OrderBy(index => demands[index]))
        {
            shares[index] = Math.Min(demands[index], left / remaining);
            left -= shares[index];
            remaining--;
        }

        return shares;
    }
}
