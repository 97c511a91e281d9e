using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class FairShareTests
{
    [Theory]
    [InlineData(10, new double[] { 1, 2, 3 }, new double[] { 1, 2, 3 })]
    [InlineData(10, new double[] { 5000, 1 }, new double[] { 9, 1 })]
    [InlineData(10, new double[] { 5000, 1, 5000 }, new double[] { 4.5, 1, 4.5 })]
    [InlineData(9, new double[] { 4, 100, 2 }, new double[] { 3.5, 3.5, 2 })]
    [InlineData(0, new double[] { 1, 2 }, new double[] { 0, 0 })]
    [InlineData(5, new double[] { }, new double[] { })]
    public void Nobody_has_less_because_another_wants_more(double capacity, double[] demands, double[] shares) =>
        Assert.Equal(shares, FairShare.Divide(capacity, demands).Select(static share => Math.Round(share, 9)));
}
