using System.Net;
using CsCheck;
using InfraOperator.Grains.Placement;

namespace InfraOperator.Grains.Tests.Cluster;

public sealed class EvenSpreadTests
{
    private static readonly Gen<Dictionary<SiloAddress, int>> Counts = Gen.Int[0, 40].Array[1, 12].Select(static counts => counts.Index().ToDictionary(static silo => Silo(silo.Index), static silo => silo.Item));

    [Fact]
    public void What_all_silos_move_leaves_no_two_that_differ_by_more_than_one() => Counts.Sample(counts =>
    {
        var after = counts.ToDictionary();
        foreach (var (from, to) in counts.Keys.SelectMany(silo => EvenSpread.Moves(counts, silo).Select(target => (silo, target))))
        {
            after[from]--;
            after[to]++;
        }

        return after.Values.Max() - after.Values.Min() <= 1;
    });

    [Fact]
    public void No_more_is_moved_than_has_to_be() => Counts.Sample(counts =>
    {
        // Whoever has less than the mean, rounded down, has to be given what lacks; whoever has more than the mean, rounded up, has to give it.
        var mean = (double)counts.Values.Sum() / counts.Count;
        var least = Math.Max(counts.Values.Sum(count => Math.Max(0, (int)Math.Floor(mean) - count)), counts.Values.Sum(count => Math.Max(0, count - (int)Math.Ceiling(mean))));
        return counts.Keys.Sum(silo => EvenSpread.Moves(counts, silo).Count) == least;
    });

    [Fact]
    public void A_silo_that_has_none_is_given_its_share_by_all_that_have_more()
    {
        var counts = new Dictionary<SiloAddress, int> { [Silo(0)] = 6, [Silo(1)] = 5, [Silo(2)] = 5, [Silo(3)] = 0 };

        Assert.Equal([Silo(3), Silo(3)], EvenSpread.Moves(counts, Silo(0)));
        Assert.Equal([Silo(3)], EvenSpread.Moves(counts, Silo(1)));
        Assert.Equal([Silo(3)], EvenSpread.Moves(counts, Silo(2)));
        Assert.Empty(EvenSpread.Moves(counts, Silo(3)));
    }

    [Fact]
    public void The_order_in_which_silos_are_known_does_not_matter() => Counts.Sample(counts =>
        counts.Keys.All(silo => EvenSpread.Moves(counts, silo).SequenceEqual(EvenSpread.Moves(counts.Reverse().ToDictionary(), silo))));

    private static SiloAddress Silo(int number) => SiloAddress.New(new IPAddress([10, 0, 4, (byte)number]), 11111, 154432127 + (number * 77));
}
