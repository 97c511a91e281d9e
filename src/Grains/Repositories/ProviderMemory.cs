namespace InfraOperator.Grains.Repositories;

/// <summary>What a repository's grain remembers of its provider between two reconciles.</summary>
internal sealed class ProviderMemory
{
    /// <summary>Whether the provider changed since spec and AWS last agreed, so that a difference may be its doing and no drift.</summary>
    public bool HasChanged { get; set; }

    /// <summary>The version of the provider that the last reconcile went by; null where none has yet.</summary>
    public string? Seen { get; set; }

    /// <summary>How often the provider lets its repositories look at what its sweeps cannot see; zero where it has not said.</summary>
    public TimeSpan DeepPeriod { get; set; }
}
