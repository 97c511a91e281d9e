using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Tenants;

/// <summary>The objects of a namespace that have a repository, or may make one at any time. Pure but for the clock.</summary>
/// <param name="time">The clock.</param>
internal sealed class TenantPlaces(TimeProvider time)
{
    // Whoever was admitted bears the finalizer before it writes to AWS, which takes two looks at AWS at most.
    private static readonly TimeSpan Lapse = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> _admitted = [];
    private HashSet<string> _holders = [];
    private long? _learntAt;

    /// <summary>Whether what was learnt last is good enough to refuse somebody by.</summary>
    public bool IsFresh => _learntAt is { } at && time.GetElapsedTime(at) < Freshness;

    /// <summary>Whether anything was learnt.</summary>
    public bool IsKnown => _learntAt is not null;

    /// <summary>How many places are taken.</summary>
    public int Count => _holders.Count + _admitted.Count;

    /// <summary>Takes over what the API server shows.</summary>
    /// <param name="repositories">Every object of the namespace.</param>
    public void Learn(IReadOnlyCollection<ECRRepository> repositories)
    {
        _holders = [.. repositories.Where(Holds).Select(repository => repository.Metadata.Uid)];
        var present = repositories.Select(repository => repository.Metadata.Uid).ToHashSet();
        foreach (var (uid, at) in _admitted)
        {
            if (_holders.Contains(uid) || !present.Contains(uid) || time.GetElapsedTime(at) >= Lapse)
            {
                _admitted.Remove(uid);
            }
        }

        _learntAt = time.GetTimestamp();
    }

    /// <summary>How many places others than this object have taken.</summary>
    public int CountWithout(string uid) => Count - (_holders.Contains(uid) || _admitted.ContainsKey(uid) ? 1 : 0);

    /// <summary>Gives an object a place.</summary>
    public void Admit(string uid)
    {
        if (!_holders.Contains(uid))
        {
            _admitted[uid] = time.GetTimestamp();
        }
    }

    /// <summary>The object is gone.</summary>
    /// <returns>Whether it had a place.</returns>
    public bool Release(string uid) => _holders.Remove(uid) | _admitted.Remove(uid);

    // With the finalizer on, a create may be under way whose answer is not on record yet.
    private static bool Holds(ECRRepository repository) => repository.Status?.Origin is not null || repository.Metadata.HasFinalizer;
}
