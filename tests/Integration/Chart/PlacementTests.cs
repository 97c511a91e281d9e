using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>Where the pods run, and whom each object means by its selector.</summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Every_selector_selects_the_pods()
    {
        var release = await Release.RenderAsync(Release.Everything);
        var labels = release.Deployment["spec"]!["template"]!["metadata"]!["labels"]!;

        var selectors = new Dictionary<string, JsonNode?>
        {
            ["Deployment"] = release.Deployment["spec"]!["selector"]!["matchLabels"],
            ["Service"] = release.Only("Service")["spec"]!["selector"],
            ["PodDisruptionBudget"] = release.Only("PodDisruptionBudget")["spec"]!["selector"]!["matchLabels"],
            ["NetworkPolicy"] = release.Only("NetworkPolicy")["spec"]!["podSelector"]!["matchLabels"],
            ["topologySpreadConstraints"] = release.PodSpec["topologySpreadConstraints"]![0]!["labelSelector"]!["matchLabels"],
            ["podAntiAffinity"] = release.PodSpec["affinity"]!["podAntiAffinity"]!["preferredDuringSchedulingIgnoredDuringExecution"]![0]!["podAffinityTerm"]!["labelSelector"]!["matchLabels"],
        };
        Assert.All(selectors, selector => Assert.True(Release.Selects(selector.Value!, labels), selector.Key));
        Assert.True(Release.Selects(release.Only("ServiceMonitor")["spec"]!["selector"]!["matchLabels"]!, release.Only("Service")["metadata"]!["labels"]!), "ServiceMonitor");
    }

    [Fact]
    public async Task Labels_of_the_pods_do_not_change_whom_the_selectors_mean()
    {
        var release = await Release.RenderAsync(Release.Values("{podLabels: {app.kubernetes.io/name: other, mine: a}, commonLabels: {app.kubernetes.io/instance: other, ours: b}}"));
        var labels = release.Deployment["spec"]!["template"]!["metadata"]!["labels"]!;

        Assert.True(Release.Selects(release.Deployment["spec"]!["selector"]!["matchLabels"]!, labels));
        Assert.Equal(("a", "b"), ((string?)labels["mine"], (string?)labels["ours"]));
        Assert.All(release.Objects, item => Assert.Equal("b", (string?)item["metadata"]!["labels"]!["ours"]));
    }

    [Fact]
    public async Task Every_object_says_what_it_is_part_of()
    {
        var release = await Release.RenderAsync(Release.Everything);

        Assert.All(release.Objects, item => Assert.True(Release.Selects(
            Release.Values("{app.kubernetes.io/name: infra-operator, app.kubernetes.io/instance: infra-operator, app.kubernetes.io/managed-by: Helm}"),
            item["metadata"]!["labels"]!)));
    }

    [Fact]
    public async Task Silos_are_spread_over_zones_and_nodes_where_that_can_be()
    {
        var pod = (await Release.RenderAsync()).PodSpec;

        var spread = Assert.Single(pod["topologySpreadConstraints"]!.AsArray())!;
        Assert.Equal(("topology.kubernetes.io/zone", "ScheduleAnyway"), ((string?)spread["topologyKey"], (string?)spread["whenUnsatisfiable"]));
        Assert.Equal(["pod-template-hash"], spread["matchLabelKeys"]!.AsArray().Select(key => (string)key!));
        Assert.Equal("kubernetes.io/hostname", (string?)pod["affinity"]!["podAntiAffinity"]!["preferredDuringSchedulingIgnoredDuringExecution"]![0]!["podAffinityTerm"]!["topologyKey"]);
    }

    [Fact]
    public async Task What_is_said_of_placement_takes_the_place_of_the_charts_own()
    {
        var pod = (await Release.RenderAsync(Release.Values("""
            affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
            topologySpreadConstraints: [{topologyKey: a, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {b: c}}}]
            """))).PodSpec;

        Assert.Equal(["nodeAffinity"], pod["affinity"]!.AsObject().Select(field => field.Key));
        Assert.True(JsonNode.DeepEquals(Release.Values("{topologyKey: a, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {b: c}}}"), pod["topologySpreadConstraints"]![0]));
        Assert.Null((await Release.RenderAsync(Release.Values("topologySpreadConstraints: []"))).PodSpec["topologySpreadConstraints"]);
    }

    [Fact]
    public async Task A_drain_takes_one_silo_at_a_time_and_is_not_held_up_by_a_broken_one()
    {
        var spec = (await Release.RenderAsync()).Only("PodDisruptionBudget")["spec"]!;

        Assert.Equal(1, (int)spec["maxUnavailable"]!);
        Assert.Equal("AlwaysAllow", (string?)spec["unhealthyPodEvictionPolicy"]);
    }
}
