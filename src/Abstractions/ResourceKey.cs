namespace InfraOperator.Abstractions;

/// <summary>Names one object of one kind in one Kubernetes cluster. Its text is the key of the object's grain.</summary>
/// <param name="Cluster">The operator's <c>clusterId</c>.</param>
/// <param name="Namespace">The object's namespace.</param>
/// <param name="Name">The object's name.</param>
[GenerateSerializer, Immutable, Alias("infra.v1.ResourceKey")]
public readonly record struct ResourceKey(
    [property: Id(0)] string Cluster,
    [property: Id(1)] string Namespace,
    [property: Id(2)] string Name)
{
    /// <summary>Reads a grain key. None of the three parts can hold a slash, so the text is unambiguous.</summary>
    /// <param name="text">What <see cref="ToString"/> gave.</param>
    /// <exception cref="FormatException">The text has not three parts, or an empty one.</exception>
    public static ResourceKey Parse(string text) =>
        text.Split('/') is [{ Length: > 0 } cluster, { Length: > 0 } ns, { Length: > 0 } name]
            ? new(cluster, ns, name)
            : throw new FormatException($"'{text}' is not a resource key of the form cluster/namespace/name.");

    /// <inheritdoc/>
    public override string ToString() => $"{Cluster}/{Namespace}/{Name}";
}
