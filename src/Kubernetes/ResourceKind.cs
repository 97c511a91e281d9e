namespace InfraOperator.Kubernetes;

/// <summary>A kind of object that the Kubernetes API serves, in one of its versions.</summary>
/// <param name="Group">API group, such as <c>apps</c>; empty for the core group.</param>
/// <param name="Version">Version within the group, such as <c>v1</c>.</param>
/// <param name="Plural">Name of the collection in URLs and in RBAC rules, such as <c>deployments</c>.</param>
/// <param name="Kind">Name of the kind in objects, such as <c>Deployment</c>.</param>
public sealed record ResourceKind(string Group, string Version, string Plural, string Kind)
{
    internal static readonly ResourceKind Secret = new("", "v1", "secrets", "Secret");
    internal static readonly ResourceKind Event = new("events.k8s.io", "v1", "events", "Event");

    /// <summary>The <c>apiVersion</c> of its objects: <c>group/version</c>, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The collection as RBAC and the API server's messages name it: <c>plural.group</c>.</summary>
    public override string ToString() => QualifiedName(null);

    internal string QualifiedName(string? subresource)
    {
        var name = subresource is null ? Plural : $"{Plural}/{subresource}";
        return Group.Length == 0 ? name : $"{name}.{Group}";
    }
}
