using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>Who is given which rights, and where. Whether they are those that are used, the RbacTests of the control plane and <see cref="WatchedNamespaceTests"/> say.</summary>
public sealed class RightsTests
{
    [Fact]
    public async Task The_silos_may_touch_no_membership_but_their_own()
    {
        var role = (await Release.RenderAsync()).Only("Role");

        Assert.Equal("infra-operator-system", (string?)role["metadata"]!["namespace"]);
        Assert.All(Right.Of(role).Where(right => right.Verb != "create"), right => Assert.Contains(right.ResourceName, (string[])["infra-operator", "infra-operator-controller-manager"]));
    }

    [Fact]
    public async Task Watching_some_namespaces_takes_no_right_to_the_cluster()
    {
        var release = await Release.RenderAsync(Release.Values("watchNamespaces: [team-a, team-b]"));

        Assert.Empty(release.Of("ClusterRole"));
        Assert.Empty(release.Of("ClusterRoleBinding"));
        Assert.Equal(("team-a", "team-b"), (release.Variables["Operator__Namespaces__0"], release.Variables["Operator__Namespaces__1"]));
        Assert.Equal(
            ["infra-operator-system", "team-a", "team-b"],
            release.Of("Role").Select(role => (string)role["metadata"]!["namespace"]!));
    }

    [Fact]
    public async Task Watching_some_namespaces_takes_the_same_rights_in_each()
    {
        var whole = Right.Of((await Release.RenderAsync()).Only("ClusterRole"));
        var release = await Release.RenderAsync(Release.Values("watchNamespaces: [team-a, team-b]"));

        Assert.All(release.Of("Role").Where(role => (string?)role["metadata"]!["namespace"] != Release.DefaultNamespace), role => Assert.Equal(whole, Right.Of(role)));
    }

    [Fact]
    public async Task Watching_the_whole_cluster_names_no_namespace()
    {
        var release = await Release.RenderAsync();

        Assert.DoesNotContain(release.Variables.Keys, name => name.StartsWith("Operator__Namespaces", StringComparison.Ordinal));
        Assert.Equal(Release.NameOf(release.Only("ClusterRole")), (string?)release.Only("ClusterRoleBinding")["roleRef"]!["name"]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{watchNamespaces: [team-a, infra-operator-system]}")]
    [InlineData("{serviceAccount: {create: false, name: mine}}")]
    public async Task Every_role_is_bound_to_the_pods_account_where_it_is(string values)
    {
        var release = await Release.RenderAsync(Release.Values(values));
        var account = new JsonObject { ["kind"] = "ServiceAccount", ["name"] = (string?)release.PodSpec["serviceAccountName"], ["namespace"] = Release.DefaultNamespace };

        var bindings = release.Of("RoleBinding").Concat(release.Of("ClusterRoleBinding")).ToArray();
        Assert.All(bindings, binding => Assert.True(JsonNode.DeepEquals(account, Assert.Single(binding["subjects"]!.AsArray()))));
        Assert.Equal(
            release.Of("Role").Concat(release.Of("ClusterRole")).Select(Release.IdentityOf).Order(StringComparer.Ordinal),
            bindings.Select(binding => $"{binding["roleRef"]!["kind"]} {binding["metadata"]!["namespace"]}/{binding["roleRef"]!["name"]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rights_and_account_can_come_from_elsewhere()
    {
        var release = await Release.RenderAsync(Release.Values("{rbac: {create: false}, serviceAccount: {create: false}}"));

        Assert.DoesNotContain(release.Objects, item => ((string)item["kind"]!).Contains("Role", StringComparison.Ordinal));
        Assert.Empty(release.Of("ServiceAccount"));
        Assert.Equal("default", (string?)release.PodSpec["serviceAccountName"]);
    }

    [Fact]
    public async Task The_account_bears_the_role_of_IRSA_and_gives_no_token_unasked()
    {
        var account = (await Release.RenderAsync(Release.Values("serviceAccount: {annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::123456789012:role/infra-operator-ecr-role'}}"))).Only("ServiceAccount");

        Assert.Equal("arn:aws:iam::123456789012:role/infra-operator-ecr-role", (string?)account["metadata"]!["annotations"]!["eks.amazonaws.com/role-arn"]);
        Assert.False((bool)account["automountServiceAccountToken"]!);
    }
}
