namespace InfraOperator.Clustering.Kubernetes;

/// <summary>An object in the same namespace that is to own the OrleansCluster object: usually the silos' Deployment.</summary>
public sealed class ClusterOwner
{
    /// <summary>Its API version.</summary>
    /// <value>Such as <c>apps/v1</c>.</value>
    public string ApiVersion { get; set; } = "";

    /// <summary>Its kind.</summary>
    /// <value>Such as <c>Deployment</c>.</value>
    public string Kind { get; set; } = "";

    /// <summary>Its name.</summary>
    /// <value>Such as <c>my-silos</c>.</value>
    public string Name { get; set; } = "";

    /// <summary>The name of its kind in URLs and in RBAC rules.</summary>
    /// <value>Such as <c>deployments</c>. Not set: the lower-case kind in the English plural, which is right for all kinds of Kubernetes itself.</value>
    public string? Resource { get; set; }

    internal string ResourceOrPlural => !string.IsNullOrEmpty(Resource) ? Resource : Plural(Kind.ToLowerInvariant());

    internal string Group => ApiVersion.Contains('/', StringComparison.Ordinal) ? ApiVersion.Split('/')[0] : "";

    // The rule by which Kubernetes itself guesses.
    private static string Plural(string singular) => singular switch
    {
        _ when singular.EndsWith("endpoints", StringComparison.Ordinal) => singular,
        _ when singular.EndsWith('s') || singular.EndsWith('x') || singular.EndsWith("ch", StringComparison.Ordinal) || singular.EndsWith("sh", StringComparison.Ordinal) => singular + "es",
        _ when singular.EndsWith('y') => singular[..^1] + "ies",
        _ => singular + "s",
    };
}
