using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>The ServiceMonitor.</summary>
public sealed class MonitoringTests
{
    [Fact]
    public async Task There_is_none_unless_it_is_asked_for() => Assert.Empty((await Release.RenderAsync()).Of("ServiceMonitor"));

    [Fact]
    public async Task It_scrapes_the_metrics_of_the_service_in_the_releases_namespace()
    {
        var release = await Release.RenderAsync(Release.Values("serviceMonitor: {enabled: true, labels: {release: prometheus}, interval: 15s, scrapeTimeout: 5s}"));
        var monitor = release.Only("ServiceMonitor");

        Assert.Equal("prometheus", (string?)monitor["metadata"]!["labels"]!["release"]);
        Assert.True(JsonNode.DeepEquals(new JsonArray(Release.Values("{port: http, path: /metrics, interval: 15s, scrapeTimeout: 5s}")), monitor["spec"]!["endpoints"]));
        Assert.True(JsonNode.DeepEquals(Release.Values("{matchNames: [infra-operator-system]}"), monitor["spec"]!["namespaceSelector"]));
        Assert.Contains(release.Only("Service")["spec"]!["ports"]!.AsArray(), port => (string?)port!["name"] == "http");
    }
}
