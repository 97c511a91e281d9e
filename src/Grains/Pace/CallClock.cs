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
    private const double CallsHeld = 4;
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(0.5);

    // When all calls so far would have gone, had each waited for its turn.
    private TimeSpan _due = now;
    private TimeSpan _heldUntil = now;

    /// <summary>Calls a second.</summary>
    public double Rate { get; private set; } = rate;

    /// <summary>How long the next call has to wait; zero where it may go.</summary>
    public TimeSpan WaitAt(TimeSpan now)
    {
        var burst = Math.Max(leastBurst, Rate * BurstSeconds);
        var wait = _due - now - ((burst - 1) / Rate * TimeSpan.FromSeconds(1));
        var held = _heldUntil - now;
        wait = wait > held ? wait : held;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>A call goes.</summary>
    public void Spend(TimeSpan now) => _due = (_due > now ? _due : now) + (TimeSpan.FromSeconds(1) / Rate);

    /// <summary>AWS throttled a call: the next goes when a few calls' worth has come back to the account, half a second later at the most.</summary>
    public void Hold(TimeSpan now)
    {
        var pause = TimeSpan.FromSeconds(CallsHeld / Rate);
        _heldUntil = now + (pause < LongestHold ? pause : LongestHold);
    }

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
