using System.Net;
using InfraOperator.Grains.Placement;

namespace InfraOperator.Grains.Tests.Cluster;

public sealed class RendezvousTests
{
    private static readonly GrainId[] Grains = [.. Enumerable.Range(0, 10_000).Select(number => GrainId.Create("repository", $"prod/team-{number % 37}/app-{number}"))];

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void Ten_thousand_grains_are_spread_evenly(int count)
    {
        var shares = Grains.CountBy(grain => Rendezvous.Pick(grain, Silos(count))!).Select(share => share.Value).ToArray();

        Assert.Equal(count, shares.Length);
        Assert.All(shares, share => Assert.InRange(share, 0.9 * Grains.Length / count, 1.1 * Grains.Length / count));
    }

    [Fact]
    public void A_fifth_silo_takes_about_a_fifth_and_nothing_else_moves()
    {
        var (four, five) = (Silos(4), Silos(5));
        var moved = Grains.Where(grain => !Rendezvous.Pick(grain, four)!.Equals(Rendezvous.Pick(grain, five))).ToArray();

        Assert.InRange(moved.Length, 0.18 * Grains.Length, 0.22 * Grains.Length);
        Assert.All(moved, grain => Assert.Equal(five[4], Rendezvous.Pick(grain, five)));
    }

    [Fact]
    public void The_order_in_which_silos_are_known_does_not_matter()
    {
        var silos = Silos(5);
        Assert.All(Grains.Take(200), grain => Assert.Equal(Rendezvous.Pick(grain, silos), Rendezvous.Pick(grain, silos.Reverse())));
    }

    [Fact]
    public void Without_silos_there_is_no_place() => Assert.Null(Rendezvous.Pick(Grains[0], []));

    private static SiloAddress[] Silos(int count) => [.. Enumerable.Range(1, count).Select(number => SiloAddress.New(new IPAddress([10, 0, 3, (byte)number]), 11111, 154432127 + (number * 77)))];
}
