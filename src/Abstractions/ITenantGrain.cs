namespace InfraOperator.Abstractions;

/// <summary>
/// Decides who of a namespace may have a repository in AWS, where a tenancy rule says how many may. It learns who has one from the API server,
/// and remembers whom it let since. Key: cluster and namespace.
/// </summary>
[Alias("infra.v1.ITenantGrain"), GrainInterfaceType("infra.v1.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>Asks for one repository more. Who is refused is woken when there is room.</summary>
    /// <param name="repository">The object that has none yet.</param>
    /// <param name="uid">Its uid.</param>
    /// <param name="most">How many the namespace may have.</param>
    [Alias("Admit")]
    Task<Admission> Admit(ResourceKey repository, string uid, int most);

    /// <summary>Tells the grain that an object is gone, whether it had a repository or waited for one.</summary>
    /// <param name="repository">The object.</param>
    /// <param name="uid">Its uid.</param>
    [Alias("Release")]
    Task Release(ResourceKey repository, string uid);
}
