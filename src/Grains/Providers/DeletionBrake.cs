using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>
/// Stops an accident: when more repositories with images are to be deleted through one provider than anybody means to in so
/// short a time (a namespace or an Application deleted, a prune gone wrong), the rest is held until a person releases it.
/// What belongs on record is written before a deletion goes out, so a restart forgets none; at worst it counts too many.
/// </summary>
internal sealed class DeletionBrake(OperatorOptions options, TimeProvider time)
{
    // Counted ahead on record, so that not each deletion costs a write.
    private const int Reservation = 10;

    private readonly Dictionary<string, DateTimeOffset> _counted = [];
    private int _before;
    private DateTimeOffset _beforeUntil;

    /// <summary>What belongs on record.</summary>
    public DeletionsStatus Record { get; private set; } = new();

    /// <summary>Whether deletions are held.</summary>
    public bool IsHolding => Record.HeldSince is not null;

    // What is on record says when it was written, and stands for the deletions of some time afterwards.
    private TimeSpan Freshness => options.DeletionBrakePeriod / 10;

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Begins from what is on record.</summary>
    public void Restore(DeletionsStatus? record)
    {
        _counted.Clear();
        Record = record ?? new();
        (_before, _beforeUntil) = Record is { Counted: { } counted, CountedAt: { } at }
            ? (counted, at + Freshness + options.DeletionBrakePeriod)
            : (0, default);
    }

    /// <summary>Whether one more repository with images may be deleted. If so, it is counted.</summary>
    /// <param name="uid">The object being deleted.</param>
    /// <param name="requested">When its deletion was asked for.</param>
    public bool Admits(string uid, DateTimeOffset requested)
    {
        if (options.DeletionBrakeLimit == 0 || requested <= Record.ReleasedAt)
        {
            return true;
        }

        var now = Now;
        foreach (var old in _counted.Where(entry => now - entry.Value >= options.DeletionBrakePeriod).Select(entry => entry.Key).ToArray())
        {
            _counted.Remove(old);
        }

        if (_counted.ContainsKey(uid))
        {
            // It was let go before, and could not be deleted then.
            return true;
        }

        if (IsHolding)
        {
            return false;
        }

        var count = _counted.Count + 1 + (now < _beforeUntil ? _before : 0);
        if (count > options.DeletionBrakeLimit)
        {
            Record = Record with { HeldSince = now };
            return false;
        }

        _counted[uid] = now;
        var ahead = Math.Min(options.DeletionBrakeLimit, (count + Reservation - 1) / Reservation * Reservation);
        if (Record.Counted is not { } recorded || recorded < ahead || now - Record.CountedAt >= Freshness)
        {
            Record = Record with { Counted = ahead, CountedAt = now };
        }

        return true;
    }

    /// <summary>Lets everything go whose deletion was asked for by now, and begins to count anew.</summary>
    /// <param name="request">The value of the annotation that asked for it.</param>
    public void Release(string request)
    {
        _counted.Clear();
        _before = 0;
        Record = new() { ReleasedAt = Now, LastHandledRelease = request };
    }
}
