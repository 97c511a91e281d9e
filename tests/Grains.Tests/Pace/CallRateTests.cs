using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class CallRateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly CallRate _rate = new(20, 0.5, 1000);

    [Fact]
    public void Before_the_first_throttle_it_doubles_in_half_a_second_while_callers_wait()
    {
        _rate.Press(Second);
        _rate.Press(Second / 2);
        _rate.Press(Second / 4);
        _rate.Press(Second / 4);
        Assert.Equal(320, _rate.Value, 6);
    }

    [Fact]
    public void Of_a_long_wait_a_second_counts()
    {
        _rate.Press(TimeSpan.FromHours(1));
        Assert.Equal(80, _rate.Value, 6);
    }

    [Fact]
    public void Whoever_goes_on_from_what_another_learnt_lingers_there()
    {
        var known = CallRate.Known(10, 0.5, 1000);
        known.Press(Second);
        Assert.InRange(known.Value, 10, 10.01);
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
            Throttle(0, 10, isPressed: true, Second * second);
        }

        Assert.Equal(0.5, _rate.Value);
    }

    [Fact]
    public void A_throttle_takes_it_below_what_was_served()
    {
        Throttle(served: 12, throttled: 3, isPressed: true, TimeSpan.Zero);
        Assert.Equal(12 * 0.8, _rate.Value, 6);
    }

    [Fact]
    public void Far_above_the_limit_it_is_halved_and_then_goes_by_what_is_served_of_a_bucket_that_is_empty()
    {
        var high = new CallRate(200, 0.5, 1000);
        high.Count(50, 1, Second);
        high.Throttle(isPressed: true, Second);
        Assert.Equal(100, high.Value, 6);

        high.Count(2, 18, Second * 1.2);
        high.Throttle(isPressed: true, Second * 1.2);
        Assert.Equal(100, high.Value, 6);

        high.Count(1, 9, Second * 1.3);
        high.Throttle(isPressed: true, Second * 1.3);
        Assert.Equal(4 / 0.3 * 0.8, high.Value, 6);
    }

    [Fact]
    public void As_far_above_it_falls_to_what_was_served_where_that_is_less_than_half()
    {
        var high = new CallRate(500, 0.5, 1000);
        high.Count(10, 0, Second);
        high.Count(5, 5, Second * 1.25);
        high.Throttle(isPressed: true, Second * 1.25);
        Assert.Equal(15 / 0.5 * 0.8, high.Value, 6);
    }

    [Fact]
    public void A_rare_call_that_is_throttled_says_little_about_the_limit()
    {
        Throttle(served: 0, throttled: 1, isPressed: false, TimeSpan.Zero);
        Assert.Equal(20 * 0.8, _rate.Value, 6);
        Throttle(served: 0, throttled: 1, isPressed: false, Second / 2);
        Assert.Equal(20 * 0.8, _rate.Value, 6);
        _rate.Press(Second);
        Assert.Equal(20 * 0.8 * 4, _rate.Value, 6);
    }

    [Fact]
    public void What_was_under_way_at_the_cut_is_no_reason_for_another()
    {
        Throttle(20, 1, isPressed: true, Second * 5);
        Throttle(4, 4, isPressed: true, Second * 5.2);
        Assert.Equal(16, _rate.Value, 6);
        Throttle(15, 2, isPressed: true, Second * 6.3);
        Assert.Equal(15 * 0.8, _rate.Value, 6);
    }

    [Fact]
    public void What_was_answered_more_than_a_second_ago_says_nothing()
    {
        _rate.Count(100, 0, TimeSpan.Zero);
        Throttle(15, 2, isPressed: true, Second * 1.1);
        Assert.Equal(15 * 0.8, _rate.Value, 6);
    }

    [Fact]
    public void After_a_cut_it_comes_back_to_the_limit_in_ten_seconds_and_lingers_there()
    {
        Throttle(20, 1, isPressed: true, TimeSpan.Zero);
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
        while (served < Calls)
        {
            var wait = clock.WaitAt(now);
            now += wait;
            clock.Spend(now);
            if (account.Call(now))
            {
                served++;
                _rate.Count(1, 0, now);
                _rate.Press(wait);
            }
            else
            {
                throttled++;
                _rate.Count(0, 1, now);
                _rate.Throttle(isPressed: true, now);
            }

            clock.Change(_rate.Value, now);
        }

        Assert.InRange((double)throttled / (served + throttled), 0.0001, 0.03);
        Assert.InRange(now.TotalSeconds, 0, 1.15 * Calls / limit);
    }

    private void Throttle(int served, int throttled, bool isPressed, TimeSpan now)
    {
        _rate.Count(served, throttled, now);
        _rate.Throttle(isPressed, now);
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
