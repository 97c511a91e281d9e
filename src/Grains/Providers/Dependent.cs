using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>A repository of a provider, and what a sweep knows of it.</summary>
/// <param name="key">Its object.</param>
/// <param name="repositoryName">The repository that the object names in AWS; null where it is not swept.</param>
internal sealed class Dependent(ResourceKey key, string? repositoryName)
{
    private Fingerprint? _fits;
    private int _doubts;

    /// <summary>Its object.</summary>
    public ResourceKey Key => key;

    /// <summary>The repository that the object names in AWS; null where it is not swept.</summary>
    public string? RepositoryName => repositoryName;

    /// <summary>Changes whenever the object looks for itself.</summary>
    public int Doubts => _doubts;

    /// <summary>Whether what is seen is what the object was last found in order with.</summary>
    public bool Fits(Fingerprint seen) => _fits?.Fits(seen) == true;

    /// <summary>The object is in order with what was seen, unless it has looked for itself meanwhile.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="doubts">The <see cref="Doubts"/> when AWS was asked.</param>
    public void Settle(Fingerprint seen, int doubts) => _fits = doubts == _doubts ? seen : null;

    /// <summary>The object looks for itself, and may change what it finds.</summary>
    public void Doubt()
    {
        _doubts++;
        _fits = null;
    }
}
