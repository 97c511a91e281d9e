using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class CallRateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly CallRate _rate = new(20, 0.5, 1000);

    [Fact]
    public void Before_the_first_throttle_it_grows_by_half_a_second_while_callers_wait()
    {
        _rate.Press(Second);
        _rate.Press(Second / 2);
        _rate.Press(Second / 2);
        Assert.Equal(45, _rate.Value, 6);
    }

    [Fact]
    public void Of_a_long_wait_a_second_counts()
    {
        _rate.Press(TimeSpan.FromHours(1));
        Assert.Equal(30, _rate.Value, 6);
    }

    [Fact]
    public void It_stays_within_its_bounds()
    {
        for (var second = 0; second < 20; second++)
        {
            _rate.Press(Second);
        }

        Assert.Equal(1000, _rate.Value);
        for (var second = 0; second < 20; second++)
        {
            _rate.Throttle(0, 10, Second * second);
        }

        Assert.Equal(0.5, _rate.Value);
    }

    [Fact]
    public void A_throttle_takes_it_below_what_was_served()
    {
        _rate.Throttle(served: 12, throttled: 3, TimeSpan.Zero);
        Assert.Equal(12 * 0.8, _rate.Value, 6);
    }

    [Fact]
    public void Where_most_is_throttled_what_was_served_is_the_limit()
    {
        var high = new CallRate(500, 0.5, 1000);
        high.Throttle(served: 10, throttled: 400, TimeSpan.Zero);
        Assert.Equal(8, high.Value, 6);
    }

    [Fact]
    public void A_rare_call_that_is_throttled_says_little_about_the_limit()
    {
        _rate.Throttle(served: 0, throttled: 1, TimeSpan.Zero);
        Assert.Equal(20 * 0.8, _rate.Value, 6);
        _rate.Press(Second);
        Assert.Equal(20 * 0.8 * 1.5, _rate.Value, 6);
    }

    [Fact]
    public void Throttles_within_a_second_are_one()
    {
        _rate.Throttle(20, 1, Second * 5);
        _rate.Throttle(20, 2, Second * 5.9);
        Assert.Equal(16, _rate.Value, 6);
        _rate.Throttle(16, 2, Second * 6);
        Assert.Equal(16 * 0.8, _rate.Value, 6);
    }

    [Fact]
    public void After_a_cut_it_comes_back_to_the_limit_in_ten_seconds_and_lingers_there()
    {
        _rate.Throttle(20, 1, TimeSpan.Zero);
        var values = new List<double>();
        for (var second = 0; second < 20; second++)
        {
            _rate.Press(Second);
            values.Add(_rate.Value);
        }

        Assert.Equal(values.Order(), values);
        Assert.Equal(20, values[9], 6);
        Assert.InRange(values[13], 20, 20.3);
        Assert.Equal(24, values[19], 6);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 10)]
    [InlineData(100, 100)]
    public void A_limit_that_is_not_known_loses_few_calls_and_little_time(int limit, int burst)
    {
        const int Calls = 3000;
        var account = new Simulation(limit, burst);
        var clock = new CallClock(_rate.Value, 1, TimeSpan.Zero);
        var (now, served, throttled) = (TimeSpan.Zero, 0, 0);
        var last = new Queue<(TimeSpan At, bool Served)>();
        while (served < Calls)
        {
            var wait = clock.WaitAt(now);
            now += wait;
            clock.Spend(now);
            while (last.TryPeek(out var oldest) && now - oldest.At > Second)
            {
                last.Dequeue();
            }

            var isServed = account.Call(now);
            last.Enqueue((now, isServed));
            if (isServed)
            {
                served++;
                _rate.Press(wait);
            }
            else
            {
                throttled++;
                _rate.Throttle(last.Count(static call => call.Served), last.Count(static call => !call.Served), now);
            }

            clock.Change(_rate.Value, now);
        }

        Assert.InRange((double)throttled / (served + throttled), 0.0001, 0.03);
        Assert.InRange(now.TotalSeconds, 0, 1.15 * Calls / limit);
    }

    /// <summary>An account that serves so many calls a second, and so many at once after a rest.</summary>
    private sealed class Simulation(double limit, int burst)
    {
        private double _tokens = burst;
        private TimeSpan _at;

        public bool Call(TimeSpan now)
        {
            _tokens = Math.Min(burst, _tokens + ((now - _at).TotalSeconds * limit));
            _at = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
