namespace InfraOperator.Kubernetes;

/// <summary>Which object is meant, which life of it (a name can be used again, a uid cannot), and which state of it.</summary>
/// <param name="Namespace">Its namespace; empty for an object without one.</param>
/// <param name="Name">Its name within the namespace.</param>
/// <param name="Uid">Its <c>metadata.uid</c>.</param>
/// <param name="ResourceVersion">Its <c>metadata.resourceVersion</c>: to be compared for equality only.</param>
public readonly record struct ObjectReference(string Namespace, string Name, string Uid, string ResourceVersion)
{
    /// <summary><c>namespace/name</c>, or the name alone where there is no namespace.</summary>
    public override string ToString() => string.IsNullOrEmpty(Namespace) ? Name : $"{Namespace}/{Name}";
}
