namespace InfraOperator.Grains.Tests.Repositories;

public sealed class RetryDelayTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 7, TimeSpan.Zero);

    [Fact]
    public void What_ends_together_ends_at_the_groups_moments_and_never_early()
    {
        var random = new Random(7);
        foreach (var group in new uint[] { 0, 1, 1_000_000_007, uint.MaxValue / 2, uint.MaxValue })
        {
            var ends = Enumerable.Range(0, 500).Select(_ =>
            {
                var (now, delay) = (Start + (Period * (random.NextDouble() * 100)), Period * (random.NextDouble() * 20));
                var together = RetryDelay.Together(delay, Period, group, now);
                Assert.InRange(together, delay, delay + Period - TimeSpan.FromTicks(1));
                return (now + together).Ticks % Period.Ticks;
            });
            Assert.Single(ends.Distinct());
        }
    }

    [Fact]
    public void Groups_end_apart() =>
        Assert.Equal(2, new uint[] { 5, uint.MaxValue / 3 }.Select(group => (Start + RetryDelay.Together(Period, Period, group, Start)).Ticks % Period.Ticks).Distinct().Count());
}
