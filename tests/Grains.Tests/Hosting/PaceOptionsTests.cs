using InfraOperator.Grains.Hosting;

namespace InfraOperator.Grains.Tests.Hosting;

/// <summary>Bounds of the pace that cannot be kept fail the start, each with how to mend it.</summary>
public sealed class PaceOptionsTests
{
    [Fact]
    public void The_defaults_can_be_kept() => Assert.Null(FailureOf(new()));

    [Theory]
    [InlineData(0, 20, 1000, "Operator:PaceMinRate is 0: it must be from 0.01")]
    [InlineData(30, 20, 1000, "Operator:PaceInitialRate is 20: it must be from PaceMinRate, which is 30")]
    [InlineData(0.5, 20, 10, "to PaceMaxRate, which is 10")]
    [InlineData(0.5, 20, 1_000_000, "Operator:PaceMaxRate is 1000000: it must be at most 100000")]
    [InlineData(0.5, double.NaN, 1000, "Operator:PaceInitialRate is NaN")]
    public void A_rate_lies_between_the_least_and_the_most(double least, double initial, double most, string words) =>
        Assert.Contains(words, FailureOf(new() { PaceMinRate = least, PaceInitialRate = initial, PaceMaxRate = most }));

    [Theory]
    [InlineData(0.5, "at least 00:00:01")]
    [InlineData(31, "at most 00:00:30")]
    public void A_wait_is_neither_none_nor_longer_than_anybody_waits(double seconds, string words) =>
        Assert.Contains(words, FailureOf(new() { MaxPaceWait = TimeSpan.FromSeconds(seconds) }));

    private static string? FailureOf(OperatorOptions options)
    {
        options.ClusterId = "cluster";
        return new OperatorOptionsValidator().Validate(null, options).FailureMessage;
    }
}
