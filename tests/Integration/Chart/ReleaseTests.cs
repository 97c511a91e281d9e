using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>Several releases on one cluster.</summary>
public sealed class ReleaseTests
{
    // The longest that Helm takes.
    private const string Long = "a-release-whose-name-is-as-long-as-a-name-may-be-for";

    [Theory]
    [InlineData("infra-operator", "ns", "other", "ns")]
    [InlineData("blue", "ns", "green", "ns")]
    [InlineData("infra-operator", "one", "infra-operator", "two")]
    [InlineData(Long + "a", "ns", Long + "b", "ns")]
    public async Task Two_have_no_object_in_common_and_no_pod(string oneName, string oneNamespace, string otherName, string otherNamespace)
    {
        var one = await Release.RenderAsync(Shared(), oneName, oneNamespace);
        var other = await Release.RenderAsync(Shared(), otherName, otherNamespace);

        Assert.Empty(one.Objects.Select(Release.IdentityOf).Intersect(other.Objects.Select(Release.IdentityOf)));
        if (oneNamespace == otherNamespace)
        {
            Assert.False(Release.Selects(one.Deployment["spec"]!["selector"]!["matchLabels"]!, other.Deployment["spec"]!["template"]!["metadata"]!["labels"]!));
            Assert.NotEqual(one.Variables["Silo__OrleansClusterId"], other.Variables["Silo__OrleansClusterId"]);
        }
    }

    [Theory]
    [InlineData("infra-operator", "one", "infra-operator", "two")]
    [InlineData("blue", "ns", "green", "ns")]
    public async Task Two_that_watch_the_whole_cluster_have_no_role_in_common(string oneName, string oneNamespace, string otherName, string otherNamespace)
    {
        var one = await Release.RenderAsync(Release.Everything, oneName, oneNamespace);
        var other = await Release.RenderAsync(Release.Everything, otherName, otherNamespace);

        Assert.Empty(one.Objects.Select(Release.IdentityOf).Intersect(other.Objects.Select(Release.IdentityOf)));
    }

    [Theory]
    [InlineData(Long)]
    [InlineData("a")]
    [InlineData("my-infra-operator")]
    public async Task Names_are_not_longer_than_labels_may_be(string name)
    {
        var release = await Release.RenderAsync(Release.Everything, name);

        Assert.All(release.Objects.Where(item => !((string)item["kind"]!).Contains("Role", StringComparison.Ordinal)), item => Assert.Matches("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])$", Release.NameOf(item)));
    }

    [Fact]
    public async Task Names_that_look_like_numbers_stay_names()
    {
        var release = await Release.RenderAsync(Release.Values("{watchNamespaces: ['3'], priorityClassName: '4'}"), "1", "2");

        Assert.Equal(["2", "3"], release.Of("Role").Select(role => role["metadata"]!["namespace"]!.GetValue<string>()));
        Assert.All(release.Objects, item => Assert.Equal("1", item["metadata"]!["labels"]!["app.kubernetes.io/instance"]!.GetValue<string>()));
        Assert.All(release.Of("RoleBinding"), binding => Assert.Equal("2", binding["subjects"]![0]!["namespace"]!.GetValue<string>()));
        Assert.Equal("4", release.PodSpec["priorityClassName"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("{fullnameOverride: ecr}", "ecr-controller-manager")]
    [InlineData("{nameOverride: ecr}", "blue-ecr-controller-manager")]
    [InlineData("{}", "blue-infra-operator-controller-manager")]
    public async Task Names_can_be_chosen(string values, string deployment) =>
        Assert.Equal(deployment, Release.NameOf((await Release.RenderAsync(Release.Values(values), "blue")).Deployment));

    // Also where both watch the same namespaces, their roles there are two.
    private static JsonObject Shared()
    {
        var values = Release.Everything;
        values["watchNamespaces"] = new JsonArray("team-a", "ns");
        return values;
    }
}
