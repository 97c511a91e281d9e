namespace InfraOperator.Integration.Chart;

/// <summary>
/// What the silos ask of Kubernetes for themselves, in the release's own namespace: one object with their membership, which belongs
/// to the Deployment.
/// </summary>
internal static class MembershipRights
{
    private const string Group = "orleans.runner.codes";
    private const string Resource = "orleansclusters";

    public static IReadOnlyList<Right> Of(string cluster, string deployment) =>
    [
        new(Group, Resource, "create"),
        new(Group, Resource, "get", cluster),
        new(Group, Resource, "patch", cluster),
        new("apps", "deployments", "get", deployment),
    ];
}
