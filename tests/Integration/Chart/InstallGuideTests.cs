using System.Text.Json.Nodes;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.Chart;

/// <summary>The values that docs/install.md prints. Its commands are tried beside the image.</summary>
public sealed class InstallGuideTests
{
    private const string Adapter = "# values of the chart prometheus-adapter";

    public static TheoryData<string> Values => [.. InstallGuide.Blocks("yaml").Where(block => !block.StartsWith(Adapter, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Printed_values_fit_and_change_what_is_rendered(string values)
    {
        Assert.Empty(await SchemaTests.ErrorsAsync(Release.Values(values)));
        Assert.NotEqual((await Release.RenderAsync()).Text, (await Release.RenderAsync(Release.Values(values))).Text);
    }

    [Fact]
    public async Task The_rule_for_the_adapter_serves_what_is_scaled_by()
    {
        var rule = Assert.Single(Release.Values(InstallGuide.Blocks("yaml").Single(block => block.StartsWith(Adapter, StringComparison.Ordinal)))["rules"]!["custom"]!.AsArray())!;
        var metrics = (await Release.RenderAsync(Release.Values("autoscaling: {enabled: true, workReady: {enabled: true}}"))).Only("HorizontalPodAutoscaler")["spec"]!["metrics"]!.AsArray();
        var name = (string)metrics.Single(metric => (string?)metric!["type"] == "Pods")!["pods"]!["metric"]!["name"]!;

        Assert.Equal(name, (string?)rule["name"]!["as"]);
        Assert.StartsWith($"{name}{{", (string?)rule["seriesQuery"], StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(Release.Values("{namespace: {resource: namespace}, pod: {resource: pod}}"), rule["resources"]!["overrides"]));
        Assert.Contains(InstallGuide.Blocks("bash"), block => block.Contains($"/pods/*/{name}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_printed_proxy_can_be_reached_and_is_not_asked_for_the_API_server()
    {
        var release = await Release.RenderAsync(Release.Values(InstallGuide.BlockWith("HTTPS_PROXY")));
        var egress = release.Only("NetworkPolicy")["spec"]!["egress"]!.AsArray();

        Assert.Contains(new Uri(release.Variables["HTTPS_PROXY"]).Port, egress.SelectMany(rule => rule!["ports"]!.AsArray()).Select(port => (int)port!["port"]!));
        Assert.Contains("$(KUBERNETES_SERVICE_HOST)", release.Variables["NO_PROXY"].Split(','));
    }

    [Fact]
    public async Task The_printed_CA_is_mounted_where_it_is_looked_for_beside_the_images_own()
    {
        var release = await Release.RenderAsync(Release.Values(InstallGuide.BlockWith("SSL_CERT_DIR")));
        var volume = Assert.Single(release.PodSpec["volumes"]!.AsArray(), volume => volume!["configMap"] is not null)!;
        var mount = Assert.Single(release.Container["volumeMounts"]!.AsArray(), mount => (string?)mount!["name"] == (string?)volume["name"])!;

        Assert.Equal(["/etc/ssl/certs", (string?)mount["mountPath"]], release.Variables["SSL_CERT_DIR"].Split(':'));
    }

    [Fact]
    public async Task The_printed_trust_policy_is_of_the_charts_account()
    {
        var release = await Release.RenderAsync();
        var statement = JsonNode.Parse(PrintedPolicies.TrustInServiceAccount)!["Statement"]![0]!;
        var conditions = statement["Condition"]!["StringEquals"]!.AsObject().Select(condition => (string?)condition.Value);

        Assert.Equal(
            [$"system:serviceaccount:{Release.DefaultNamespace}:{release.PodSpec["serviceAccountName"]}", (string?)release.PodSpec["volumes"]![0]!["projected"]!["sources"]![0]!["serviceAccountToken"]!["audience"]],
            conditions);
    }
}
