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
    private const double Part = 0.8;
    private const double Halving = 0.5;
    private const double GrowthBeforeTheFirstThrottle = 4;
    private const int LeastSample = 4;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    // Calls that were under way when AWS throttled tell of the rate before the cut.
    private static readonly TimeSpan CutPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(1);

    private readonly Queue<(TimeSpan At, int Served, int Throttled)> _answers = [];
    private double? _ceiling;
    private TimeSpan _sinceCut;
    private TimeSpan? _cutAt;

    /// <summary>Calls a second.</summary>
    public double Value { get; private set; } = Math.Clamp(initial, least, most);

    /// <summary>Goes on from what another learnt.</summary>
    /// <param name="rate">What it had come to, in calls a second.</param>
    /// <param name="least">What it never falls below, in calls a second.</param>
    /// <param name="most">What it never rises above, in calls a second.</param>
    public static CallRate Known(double rate, double least, double most) => new(rate, least, most) { _ceiling = rate, _sinceCut = Recovery };

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
        Set(ceiling * (1 + ((1 - Part) * distance * distance * distance)));
    }

    /// <summary>Calls were answered.</summary>
    /// <param name="served">How many AWS served.</param>
    /// <param name="throttled">How many it throttled.</param>
    /// <param name="now">Since any fixed time.</param>
    public void Count(int served, int throttled, TimeSpan now)
    {
        _answers.Enqueue((now, served, throttled));
        while (now - _answers.Peek().At > Window)
        {
            _answers.Dequeue();
        }
    }

    /// <summary>AWS throttled what was just counted.</summary>
    /// <param name="isPressed">Whether callers waited because of the rate, so that all of it was used.</param>
    /// <param name="now">Since any fixed time.</param>
    public void Throttle(bool isPressed, TimeSpan now)
    {
        if (now - _cutAt < CutPause)
        {
            return;
        }

        var since = _answers.Where(answer => !(answer.At <= _cutAt)).ToArray();
        var (served, all) = (since.Sum(static answer => answer.Served), since.Sum(static answer => answer.Served + answer.Throttled));
        if (now - _cutAt < Window)
        {
            // What had been saved up was used up at the cut, so what was served since is what the account allows, give or take one.
            if (all >= LeastSample)
            {
                Cut((served + 1) / (now - _cutAt!.Value).TotalSeconds, now);
            }
        }
        else if (!isPressed)
        {
            // Where less was asked for than the rate allows, the limit lies elsewhere: others use the account, or calls came in a bunch.
            (_cutAt, _sinceCut) = (now, TimeSpan.Zero);
            Set(Value * Part);
        }
        else if (all >= Value / 2)
        {
            // One of a second's calls says no more than that the limit is hereabouts.
            Cut(all - served <= 1 ? Value : served, now);
        }
        else
        {
            // So far above the limit that a second's answers are not in yet.
            var covered = now - _answers.Peek().At + CutPause;
            Cut(Math.Min(Value * Halving / Part, served / Math.Min(covered.TotalSeconds, 1)), now);
        }
    }

    private void Cut(double limit, TimeSpan now)
    {
        (_cutAt, _sinceCut) = (now, TimeSpan.Zero);
        _ceiling = Math.Max(least, Math.Min(Value, limit));
        Set(_ceiling.Value * Part);
    }

    private void Set(double value) => Value = Math.Clamp(value, least, most);
}
