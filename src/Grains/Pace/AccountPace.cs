using System.Collections.Concurrent;
using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>
/// How fast the providers of an account may call: learnt for all of them together, and divided among them. Namespaces share first, their providers then, so that
/// nobody has more for having made more objects or more providers.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="options">The bounds of the rates.</param>
/// <param name="time">The clock.</param>
internal sealed class AccountPace(AccountKey account, OperatorOptions options, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private readonly ConcurrentDictionary<OperationClass, ClassPace> _classes = [];

    /// <summary>The account.</summary>
    public AccountKey Account => account;

    /// <summary>The rates so far, in calls a second.</summary>
    public IEnumerable<(OperationClass Class, double Rate)> Rates => _classes.Select(static pace => (pace.Key, pace.Value.Rate));

    /// <inheritdoc cref="IAccountGrain.Report"/>
    public PaceGrant Report(PaceReport report)
    {
        var now = time.GetElapsedTime(_started);
        return new([.. report.Classes.Select(calls => _classes.GetOrAdd(calls.Class, static (_, known) => known.Account.Begin(known.Rate), (Account: this, Rate: calls.KnownRate)).Take(report.Provider, calls, now))]);
    }

    private ClassPace Begin(double knownRate) => new(
        knownRate > 0 ? CallRate.Known(knownRate, options.PaceMinRate, options.PaceMaxRate) : new CallRate(options.PaceInitialRate, options.PaceMinRate, options.PaceMaxRate));

    private sealed class ClassPace(CallRate rate)
    {
        // What nobody else asks for is the background's; of what somebody does, so much, so that it is not starved.
        private const double BackgroundPart = 0.1;

        // Longer than two reports are apart.
        private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

        private readonly Dictionary<ResourceKey, (TimeSpan At, ImmutableArray<PaceDemand> Demands)> _providers = [];
        private TimeSpan _pressedAt;

        public double Rate => rate.Value;

        public ClassGrant Take(ResourceKey provider, ClassReport calls, TimeSpan now)
        {
            Learn(calls, now);
            _providers[provider] = (now, calls.Demands);
            foreach (var silent in _providers.Where(other => now - other.Value.At > Lease).Select(static other => other.Key).ToArray())
            {
                _providers.Remove(silent);
            }

            return Share(provider, calls.Class);
        }

        private void Learn(ClassReport calls, TimeSpan now)
        {
            rate.Count(calls.Served, calls.Throttled, now);
            if (calls.Throttled > 0)
            {
                rate.Throttle(calls.IsPressed, now);
            }
            else if (calls.IsPressed)
            {
                rate.Press(now - _pressedAt);
            }

            if (calls.IsPressed || calls.Throttled > 0)
            {
                _pressedAt = now;
            }
        }

        private ClassGrant Share(ResourceKey provider, OperationClass @class)
        {
            var demands = _providers.SelectMany(static each => each.Value.Demands, static (each, demand) => (Provider: each.Key, Demand: demand)).ToArray();
            var background = demands.Where(static each => each.Demand.IsBackground).GroupBy(static each => each.Provider, static each => each.Demand.Rate).ToArray();
            var kept = Math.Min(background.Sum(static each => each.Sum()), rate.Value * BackgroundPart);

            var namespaces = demands.Where(static each => !each.Demand.IsBackground).GroupBy(static each => each.Demand.Namespace).ToArray();
            var parts = FairShare.Divide(rate.Value - kept, [.. namespaces.Select(static each => each.Sum(static one => one.Demand.Rate))]);
            var shares = namespaces.Zip(parts).Where(each => each.First.Any(one => one.Provider == provider)).Select(each => new PaceShare(
                each.First.Key,
                PartOf(provider, each.Second, [.. each.First.Select(static one => (one.Provider, one.Demand.Rate))]))).ToImmutableArray();

            var left = rate.Value - parts.Sum();
            var ours = PartOf(provider, left, [.. background.Select(static each => (each.Key, each.Sum()))]);
            left = Math.Max(0, left - background.Sum(static each => each.Sum()));
            return new(@class, rate.Value, shares.Sum(static share => share.Rate) + ours + (left / _providers.Count), shares);
        }

        private static double PartOf(ResourceKey provider, double capacity, IReadOnlyList<(ResourceKey Provider, double Rate)> demands) =>
            FairShare.Divide(capacity, [.. demands.Select(static each => each.Rate)]).Where((_, index) => demands[index].Provider == provider).Sum();
    }
}
