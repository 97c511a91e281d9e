using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>Who may talk to the silos, and whom they talk to.</summary>
public sealed class NetworkPolicyTests
{
    [Fact]
    public async Task The_silo_port_is_open_to_silos_of_the_same_release_only()
    {
        var release = await Release.RenderAsync();
        var spec = release.Only("NetworkPolicy")["spec"]!;
        var pods = spec["podSelector"]!;

        Assert.Equal(["Ingress", "Egress"], spec["policyTypes"]!.AsArray().Select(type => (string)type!));
        var rule = Assert.Single(spec["ingress"]!.AsArray(), rule => Ports(rule!).Contains(("TCP", 11111)))!;
        Assert.Equal([("TCP", 11111)], Ports(rule));
        var from = Assert.Single(rule["from"]!.AsArray())!;
        Assert.Equal(["podSelector"], from.AsObject().Select(field => field.Key));
        Assert.True(JsonNode.DeepEquals(pods, from["podSelector"]));
        Assert.All(spec["ingress"]!.AsArray(), rule => Assert.NotEmpty(Ports(rule!)));
    }

    [Fact]
    public async Task Health_and_metrics_are_open_to_all_or_to_whom_is_said()
    {
        Assert.Null(Http(await Release.RenderAsync())["from"]);

        var monitoring = Release.Values("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}");
        var release = await Release.RenderAsync(new() { ["networkPolicy"] = new JsonObject { ["httpFrom"] = new JsonArray(monitoring.DeepClone()) } });
        Assert.True(JsonNode.DeepEquals(new JsonArray(monitoring), Http(release)["from"]));

        static JsonNode Http(Release release) => Assert.Single(release.Only("NetworkPolicy")["spec"]!["ingress"]!.AsArray(), rule => Ports(rule!).SequenceEqual([("TCP", 8080)]))!;
    }

    [Fact]
    public async Task Silos_reach_each_other_DNS_AWS_the_API_server_and_Pod_Identity_and_nothing_else()
    {
        var spec = (await Release.RenderAsync()).Only("NetworkPolicy")["spec"]!;

        Assert.Equal(
            [
                $"{spec["podSelector"]!["matchLabels"]!.ToJsonString()}: TCP 11111",
                "everywhere: UDP 53, TCP 53",
                "everywhere: TCP 443, TCP 6443",
                "169.254.170.23/32 and fd00:ec2::23/128: TCP 80",
            ],
            spec["egress"]!.AsArray().Select(rule => $"{To(rule!)}: {string.Join(", ", Ports(rule!).Select(port => $"{port.Protocol} {port.Port}"))}"));

        static string To(JsonNode rule) => rule["to"] is not JsonArray peers ? "everywhere"
            : string.Join(" and ", peers.Select(peer => (string?)peer!["ipBlock"]?["cidr"] ?? peer["podSelector"]!["matchLabels"]!.ToJsonString()));
    }

    [Fact]
    public async Task More_can_be_allowed()
    {
        var egress = (await Release.RenderAsync(Release.Values("networkPolicy: {apiServerPorts: [8443], extraEgress: [{ports: [{port: 4566, protocol: TCP}]}]}"))).Only("NetworkPolicy")["spec"]!["egress"]!.AsArray();

        Assert.Contains(egress, rule => Ports(rule!).SequenceEqual([("TCP", 443), ("TCP", 8443)]));
        Assert.Contains(egress, rule => Ports(rule!).SequenceEqual([("TCP", 4566)]));
        Assert.DoesNotContain(egress, rule => Ports(rule!).Contains(("TCP", 6443)));
    }

    [Fact]
    public async Task It_can_be_left_out() => Assert.Empty((await Release.RenderAsync(Release.Values("networkPolicy: {enabled: false}"))).Of("NetworkPolicy"));

    private static IReadOnlyList<(string Protocol, int Port)> Ports(JsonNode rule) =>
        [.. (rule["ports"] as JsonArray ?? []).Select(port => ((string)port!["protocol"]!, (int)port["port"]!))];
}
