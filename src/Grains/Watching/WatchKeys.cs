using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Watching;

/// <summary>What one watch covers. Its text is the key of the watch's grain.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Plural">The kind, as in URLs.</param>
/// <param name="Namespace">The namespace; null: all.</param>
internal sealed record WatchKey(string Cluster, string Plural, string? Namespace)
{
    /// <summary>Every watch that there has to be.</summary>
    public static IEnumerable<WatchKey> All(OperatorOptions options) =>
        from plural in (string[])[AWSProvider.Plural, ECRRepository.Plural]
        from ns in options.Namespaces.DefaultIfEmpty()
        select new WatchKey(options.ClusterId, plural, ns);

    /// <summary>Reads a grain key.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static WatchKey Parse(string text) => text.Split('/') switch
    {
        [var cluster, var plural] => new(cluster, plural, null),
        [var cluster, var plural, var ns] => new(cluster, plural, ns),
        _ => throw new FormatException($"'{text}' is not a watch key of the form cluster/plural or cluster/plural/namespace."),
    };

    /// <summary>Whether the watch tells of an object.</summary>
    public bool Covers(string plural, ResourceKey key) => Plural == plural && (Namespace is null || Namespace == key.Namespace);

    public override string ToString() => Namespace is null ? $"{Cluster}/{Plural}" : $"{Cluster}/{Plural}/{Namespace}";
}
