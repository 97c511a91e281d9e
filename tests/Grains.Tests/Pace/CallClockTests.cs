using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class CallClockTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Calls_keep_to_the_rate()
    {
        var clock = new CallClock(5, 1, TimeSpan.Zero);
        var now = TimeSpan.Zero;
        for (var call = 0; call < 50; call++)
        {
            now += clock.WaitAt(now);
            clock.Spend(now);
        }

        Assert.Equal(49.0 / 5, now.TotalSeconds, 6);
    }

    [Fact]
    public void After_a_rest_no_more_go_at_once_than_the_burst()
    {
        var clock = new CallClock(5, 4, TimeSpan.Zero);
        Assert.Equal(4, CountAt(clock, Second * 100));
        Assert.Equal(1, CountAt(clock, Second * 100.2));
    }

    [Fact]
    public void At_a_high_rate_a_tenth_of_a_second_is_caught_up_with()
    {
        var clock = new CallClock(1000, 1, TimeSpan.Zero);
        Assert.Equal(100, CountAt(clock, Second));
        Assert.Equal(10, CountAt(clock, Second * 1.01));
    }

    [Fact]
    public void A_faster_rate_is_felt_at_once()
    {
        var clock = new CallClock(0.5, 1, TimeSpan.Zero);
        clock.Spend(TimeSpan.Zero);
        Assert.Equal(2, clock.WaitAt(TimeSpan.Zero).TotalSeconds, 6);
        clock.Change(10, TimeSpan.Zero);
        Assert.Equal(0.1, clock.WaitAt(TimeSpan.Zero).TotalSeconds, 6);
    }

    [Fact]
    public void A_slower_rate_is_felt_at_once()
    {
        var clock = new CallClock(10, 1, TimeSpan.Zero);
        clock.Spend(TimeSpan.Zero);
        clock.Change(0.5, TimeSpan.Zero);
        Assert.Equal(2, clock.WaitAt(TimeSpan.Zero).TotalSeconds, 6);
    }

    [Theory]
    [InlineData(100, 0.04)]
    [InlineData(10, 0.4)]
    [InlineData(1, 0.5)]
    public void After_a_throttle_nothing_goes_for_a_few_calls_time(double rate, double seconds)
    {
        var clock = new CallClock(rate, 4, TimeSpan.Zero);
        clock.Hold(Second * 10);
        Assert.Equal(seconds, clock.WaitAt(Second * 10).TotalSeconds, 6);
        Assert.Equal(seconds / 2, clock.WaitAt(Second * (10 + (seconds / 2))).TotalSeconds, 6);

        clock.Change(rate / 2, Second * 10);
        Assert.Equal(TimeSpan.Zero, clock.WaitAt(Second * (10.001 + seconds)));
    }

    private static int CountAt(CallClock clock, TimeSpan now)
    {
        var count = 0;
        while (clock.WaitAt(now) == TimeSpan.Zero)
        {
            clock.Spend(now);
            count++;
        }

        return count;
    }
}
