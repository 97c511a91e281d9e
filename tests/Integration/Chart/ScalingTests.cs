using System.Text.Json.Nodes;
using InfraOperator.Grains;

namespace InfraOperator.Integration.Chart;

/// <summary>The HorizontalPodAutoscaler.</summary>
public sealed class ScalingTests
{
    private static readonly TimeSpan Migration = new OperatorOptions().RebalancePeriod;

    [Fact]
    public async Task There_is_none_unless_it_is_asked_for() => Assert.Empty((await Release.RenderAsync()).Of("HorizontalPodAutoscaler"));

    [Fact]
    public async Task It_scales_the_Deployment_which_then_names_no_number()
    {
        var release = await Release.RenderAsync(Release.Values("autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 9}"));
        var spec = release.Only("HorizontalPodAutoscaler")["spec"]!;

        Assert.True(JsonNode.DeepEquals(Release.Values("{apiVersion: apps/v1, kind: Deployment, name: infra-operator-controller-manager}"), spec["scaleTargetRef"]));
        Assert.Equal((3, 9), ((int)spec["minReplicas"]!, (int)spec["maxReplicas"]!));
        Assert.Null(release.Deployment["spec"]!["replicas"]);
    }

    [Fact]
    public async Task It_looks_at_CPU_and_at_the_work_that_is_ready_only_where_that_is_asked_for()
    {
        var cpu = Release.Values("{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}");
        var work = Release.Values("{type: Pods, pods: {metric: {name: infra_operator_work_ready}, target: {type: AverageValue, averageValue: '50'}}}");

        Assert.True(JsonNode.DeepEquals(new JsonArray(cpu.DeepClone()), await MetricsAsync("autoscaling: {enabled: true}")));
        Assert.True(JsonNode.DeepEquals(new JsonArray(cpu, work), await MetricsAsync("autoscaling: {enabled: true, workReady: {enabled: true}}")));

        static async Task<JsonNode> MetricsAsync(string values) => (await Release.RenderAsync(Release.Values(values))).Only("HorizontalPodAutoscaler")["spec"]!["metrics"]!;
    }

    [Fact]
    public async Task Silos_go_more_slowly_than_their_objects_move()
    {
        var down = (await Release.RenderAsync(Release.Values("autoscaling: {enabled: true}"))).Only("HorizontalPodAutoscaler")["spec"]!["behavior"]!["scaleDown"]!;
        var policy = Assert.Single(down["policies"]!.AsArray())!;

        Assert.Equal(("Pods", 1), ((string)policy["type"]!, (int)policy["value"]!));
        Assert.True((int)policy["periodSeconds"]! >= 2 * Migration.TotalSeconds);
        Assert.True((int)down["stabilizationWindowSeconds"]! >= 2 * Migration.TotalSeconds);
    }
}
