using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>The calls that one provider makes of one class: who waits, how fast they may go, and what they came to. Not safe for threads: whoever owns it locks.</summary>
/// <param name="class">The class.</param>
/// <param name="options">The bounds.</param>
/// <param name="now">Since any fixed time, as everywhere here.</param>
internal sealed class CallLane(OperationClass @class, OperatorOptions options, TimeSpan now)
{
    private const int LeastBurst = 4;

    // Of the rate that the account is known to stand, a provider that asks for nothing may use one part in so many.
    private const int UnaskedPart = 4;

    /// <summary>How long what the account granted is good.</summary>
    public static readonly TimeSpan GrantLifetime = TimeSpan.FromSeconds(5);

    // Shares are divided and added up.
    private const double Nearly = 1 - 1e-6;

    private readonly Dictionary<(string Namespace, bool IsBackground), int> _ended = [];
    private Dictionary<string, double> _asked = [];
    private ClassGrant? _grant;
    private TimeSpan _grantedAt;
    private int _served;
    private int _throttled;

    /// <summary>Who waits.</summary>
    public CallLine Line { get; } = new();

    /// <summary>When the next may go.</summary>
    public CallClock Clock { get; } = new(Math.Max(options.PaceMinRate, options.PaceInitialRate / UnaskedPart), LeastBurst, now);

    /// <summary>Whether a call waited for the clock since the last report.</summary>
    public bool IsPressed { get; set; }

    /// <summary>Whether there is anything to report.</summary>
    public bool HasNews => IsPressed || _ended.Count > 0 || Line.Count > 0;

    /// <summary>A call ended.</summary>
    public void Count(CallOrigin origin, bool isThrottled)
    {
        (_served, _throttled) = isThrottled ? (_served, _throttled + 1) : (_served + 1, _throttled);
        var who = (origin.Namespace, origin.Priority == CallPriority.Sweep);
        _ended[who] = _ended.GetValueOrDefault(who) + 1;
    }

    /// <summary>What there is to report, from the last report on.</summary>
    /// <param name="period">How long that is.</param>
    public ClassReport Collect(TimeSpan period)
    {
        foreach (var (ns, isBackground, count) in Line.Waiting)
        {
            _ended[(ns, isBackground)] = _ended.GetValueOrDefault((ns, isBackground)) + count;
        }

        var collected = new ClassReport(
            @class, _served, _throttled, IsPressed, _grant?.AccountRate ?? 0, [.. _ended.Select(each => new PaceDemand(each.Key.Namespace, each.Key.IsBackground, each.Value / period.TotalSeconds))]);
        _asked = collected.Demands.Where(static demand => !demand.IsBackground).ToDictionary(static demand => demand.Namespace, static demand => demand.Rate);
        _ended.Clear();
        (_served, _throttled, IsPressed) = (0, 0, false);
        return collected;
    }

    /// <summary>Goes on as the account granted.</summary>
    public void Apply(ClassGrant grant, TimeSpan now)
    {
        (_grant, _grantedAt) = (grant, now);
        Clock.Change(Math.Max(grant.Rate, options.PaceMinRate / UnaskedPart), now);

        // Whoever has all that it asked for is given no part: that much it has, and may have come to want more since.
        Line.Weigh(grant.Shares.Where(share => share.Rate < _asked.GetValueOrDefault(share.Namespace) * Nearly).ToDictionary(static share => share.Namespace, static share => Math.Max(share.Rate, 0.01)));
    }

    /// <summary>Goes on without a grant where there is none that is good.</summary>
    public void Refresh(TimeSpan now)
    {
        var account = _grant?.AccountRate ?? options.PaceInitialRate;
        if (!IsGrantedAt(now) && Clock.Rate != account / UnaskedPart)
        {
            Clock.Change(account / UnaskedPart, now);
            Line.Weigh(ImmutableDictionary<string, double>.Empty);
        }
    }

    /// <summary>How many calls a second a namespace may count on; null where no grant holds it up.</summary>
    public double? RateOf(string ns, TimeSpan now) => !IsGrantedAt(now) ? null
        : _grant!.Rate - _grant.Shares.Where(share => share.Namespace != ns).Sum(static share => share.Rate);

    private bool IsGrantedAt(TimeSpan now) => _grant is not null && now - _grantedAt < GrantLifetime;
}
