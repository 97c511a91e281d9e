namespace InfraOperator.Grains;

/// <summary>
/// A tenancy rule: the bounds of some namespaces. Of the rules that a namespace matches the first counts. A list without entries binds
/// nothing. In a glob <c>*</c> stands for any characters and <c>?</c> for one.
/// </summary>
public sealed class TenantOptions
{
    /// <summary>The value of <see cref="RoleARNs"/> that lets providers act as the operator itself.</summary>
    public const string Ambient = "ambient";

    /// <summary>Names the rule in conditions; no other has the same.</summary>
    /// <value>There is no default.</value>
    public string Name { get; set; } = "";

    /// <summary>Whose rule it is, by name or glob.</summary>
    /// <value>There is no default: at least one.</value>
    public IList<string> Namespaces { get; } = [];

    /// <summary>
    /// The roles that a provider may name, by ARN or glob, and <see cref="Ambient"/> where it may name none and act as the operator
    /// itself. Keys of the provider's own namespace are no role.
    /// </summary>
    /// <value>The default is none, which binds nothing.</value>
    public IList<string> RoleARNs { get; } = [];

    /// <summary>The accounts that a provider's identity may belong to.</summary>
    /// <value>The default is none, which binds nothing.</value>
    public IList<string> AccountIDs { get; } = [];

    /// <summary>The regions that a provider may name, by name or glob.</summary>
    /// <value>The default is none, which binds nothing.</value>
    public IList<string> Regions { get; } = [];

    /// <summary>The hosts that a provider's <c>spec.endpoint</c> may name, by name or glob.</summary>
    /// <value>The default is none, which binds nothing.</value>
    public IList<string> EndpointHosts { get; } = [];

    /// <summary>The repositories that an object may name, by name or glob.</summary>
    /// <value>The default is none, which binds nothing.</value>
    public IList<string> RepositoryNames { get; } = [];

    /// <summary>How many objects of each of the namespaces may have a repository in AWS. It refuses one more, and ends none.</summary>
    /// <value>The default is none, which binds nothing.</value>
    public int? MaxRepositories { get; set; }
}
