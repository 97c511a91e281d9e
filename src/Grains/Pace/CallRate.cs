namespace InfraOperator.Grains.Pace;

/// <summary>
/// How many calls of one class AWS takes from an account in a second, learnt from what the calls come to: the rate grows while callers wait for it, and falls
/// when AWS throttles. It approaches the rate at which AWS throttled last slowly, and what lies beyond ever faster (the curve of TCP CUBIC), so
/// that few calls are lost to finding the limit. What no caller waits for teaches nothing, and changes nothing.
/// </summary>
/// <param name="initial">What it begins with, in calls a second.</param>
/// <param name="least">What it never falls below, in calls a second.</param>
/// <param name="most">What it never rises above, in calls a second.</param>
internal sealed class CallRate(double initial, double least, double most)
{
    private const double Cut = 0.8;
    private const double GrowthBeforeTheFirstThrottle = 1.5;

    // Calls that were under way when AWS throttled tell of the rate before the cut.
    private static readonly TimeSpan CutPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(1);

    private double? _ceiling;
    private TimeSpan _sinceCut;
    private TimeSpan? _cutAt;

    /// <summary>Calls a second.</summary>
    public double Value { get; private set; } = Math.Clamp(initial, least, most);

    /// <summary>Callers waited because of the rate, and none was throttled.</summary>
    /// <param name="waited">For how long; of a long time only a second counts, since nothing is known of the rest.</param>
    public void Press(TimeSpan waited)
    {
        var step = waited < LongestStep ? waited : LongestStep;
        if (_ceiling is not { } ceiling)
        {
            Set(Value * Math.Pow(GrowthBeforeTheFirstThrottle, step.TotalSeconds));
            return;
        }

        _sinceCut += step;
        var distance = (_sinceCut - Recovery) / Recovery;
        Set(ceiling * (1 + ((1 - Cut) * distance * distance * distance)));
    }

    /// <summary>AWS throttled.</summary>
    /// <param name="served">How many calls it served in the last second.</param>
    /// <param name="throttled">How many it throttled in the last second.</param>
    /// <param name="now">Since any fixed time.</param>
    public void Throttle(int served, int throttled, TimeSpan now)
    {
        if (now - _cutAt < CutPause)
        {
            return;
        }

        _cutAt = now;
        _sinceCut = TimeSpan.Zero;

        // Where less was asked for than the rate allows, the limit lies elsewhere: others use the account, or calls came in a bunch.
        if (served + throttled < Value / 2)
        {
            Set(Value * Cut);
            return;
        }

        _ceiling = Math.Max(least, Math.Min(Value, served));
        Set(_ceiling.Value * Cut);
    }

    private void Set(double value) => Value = Math.Clamp(value, least, most);
}
