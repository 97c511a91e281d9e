namespace InfraOperator.Grains.Pace;

/// <summary>
/// Says when the next call may go so that they keep to a rate: the generic cell rate algorithm. What the rate leaves unused is kept for
/// a tenth of a second's calls, so that a coarse timer costs none.
/// </summary>
/// <param name="rate">Calls a second at first.</param>
/// <param name="leastBurst">How many calls may go at once after a rest, at least.</param>
/// <param name="now">Since any fixed time.</param>
internal sealed class CallClock(double rate, int leastBurst, TimeSpan now)
{
    private const double BurstSeconds = 0.1;

    // When all calls so far would have gone, had each waited for its turn.
    private TimeSpan _due = now;

    /// <summary>Calls a second.</summary>
    public double Rate { get; private set; } = rate;

    /// <summary>How long the next call has to wait; zero where it may go.</summary>
    public TimeSpan WaitAt(TimeSpan now)
    {
        var burst = Math.Max(leastBurst, Rate * BurstSeconds);
        var wait = _due - now - ((burst - 1) / Rate * TimeSpan.FromSeconds(1));
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>A call goes.</summary>
    public void Spend(TimeSpan now) => _due = (_due > now ? _due : now) + (TimeSpan.FromSeconds(1) / Rate);

    /// <summary>A call that was to go does not.</summary>
    public void Refund() => _due -= TimeSpan.FromSeconds(1) / Rate;

    /// <summary>Goes on at another rate. What was spent ahead counts in calls, so that a faster rate is felt at once.</summary>
    public void Change(double rate, TimeSpan now)
    {
        if (_due > now)
        {
            _due = now + ((_due - now) * (Rate / rate));
        }

        Rate = rate;
    }
}
