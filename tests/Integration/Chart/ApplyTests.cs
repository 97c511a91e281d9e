using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using InfraOperator.Integration.Crds;
using k8s.Models;

namespace InfraOperator.Integration.Chart;

/// <summary>The API server takes every object as it is rendered, to the last field, and finds nothing to change in it the second time.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly Dictionary<string, Type> Types = new()
    {
        ["v1 Service"] = typeof(V1Service),
        ["v1 ServiceAccount"] = typeof(V1ServiceAccount),
        ["apps/v1 Deployment"] = typeof(V1Deployment),
        ["autoscaling/v2 HorizontalPodAutoscaler"] = typeof(V2HorizontalPodAutoscaler),
        ["networking.k8s.io/v1 NetworkPolicy"] = typeof(V1NetworkPolicy),
        ["policy/v1 PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
        ["rbac.authorization.k8s.io/v1 ClusterRole"] = typeof(V1ClusterRole),
        ["rbac.authorization.k8s.io/v1 ClusterRoleBinding"] = typeof(V1ClusterRoleBinding),
        ["rbac.authorization.k8s.io/v1 Role"] = typeof(V1Role),
        ["rbac.authorization.k8s.io/v1 RoleBinding"] = typeof(V1RoleBinding),
    };

    private readonly RawApiServer _server = new();
    private readonly string _namespace = $"chart-{Guid.NewGuid():N}"[..20];
    private readonly string _folder = Directory.CreateTempSubdirectory("chart-").FullName;

    public static TheoryData<string, string> Cases => new()
    {
        { "as it is", "{}" },
        { "everything", "everything" },
        { "namespaces", "{watchNamespaces: [NAMESPACE-a, NAMESPACE-b]}" },
        { "namespaces, among them its own", "{watchNamespaces: [NAMESPACE]}" },
        { "as little as there can be", """
            rbac: {create: false}
            serviceAccount: {create: false}
            networkPolicy: {enabled: false}
            podDisruptionBudget: {enabled: false}
            webIdentityToken: {enabled: false}
            topologySpreadConstraints: []
            """ },
        { "strings for numbers", "{updateStrategy: {maxSurge: 50%, maxUnavailable: 25%}, podDisruptionBudget: {maxUnavailable: 50%}, resources: {requests: {cpu: 1}, limits: {cpu: 2, memory: 1Gi}}}" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_rendered_is_accepted_and_stays_as_it_is(string name, string values)
    {
        var release = await RenderAsync(values);
        var served = new List<JsonObject>();
        foreach (var item in release.Objects)
        {
            if (await IsServedAsync(item))
            {
                served.Add(item);
            }
            else
            {
                // Not every test server has it; Types holds it to the API's own type all the same.
                Assert.Equal("HorizontalPodAutoscaler", (string?)item["kind"]);
            }
        }

        var file = Path.Combine(_folder, "release.json");
        await File.WriteAllTextAsync(file, string.Join('\n', served.Select(item => item.ToJsonString())), TestContext.Current.CancellationToken);
        await Kubectl.RunAsync("apply", "--validate=strict", "--server-side", "--dry-run=server", "-f", file);
        await Kubectl.RunAsync("apply", "--validate=strict", "--server-side", "-f", file);

        // Ends in an error where it finds a difference.
        Assert.Empty(await Kubectl.RunAsync("diff", "--server-side", "-f", file));
        Assert.Equal(served.Count, Lines(await Kubectl.RunAsync("delete", "--wait=false", "-f", file)).Length);
        Assert.NotEmpty(name);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_field_is_one_of_its_kind(string name, string values)
    {
        var release = await RenderAsync(values);

        Assert.NotEmpty(name);
        Assert.All(release.Objects.Where(item => (string?)item["kind"] != "ServiceMonitor"), item =>
            Assert.NotNull(item.Deserialize(Types[$"{item["apiVersion"]} {item["kind"]}"], Strict)));
    }

    public async ValueTask InitializeAsync()
    {
        await ServiceMonitorDefinition.EnsureAppliedAsync();
        foreach (var suffix in new[] { "", "-a", "-b" })
        {
            _ = (await _server.PostYamlAsync("/api/v1/namespaces", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {_namespace}{suffix}}}}}")).Success;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var suffix in new[] { "", "-a", "-b" })
        {
            _ = (await _server.DeleteAsync($"/api/v1/namespaces/{_namespace}{suffix}")).Success;
        }

        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<Release> RenderAsync(string values) =>
        Release.RenderAsync(values == "everything" ? Release.Everything : Release.Values(values.Replace("NAMESPACE", _namespace, StringComparison.Ordinal)), @namespace: _namespace);

    private async Task<bool> IsServedAsync(JsonObject item)
    {
        var version = (string)item["apiVersion"]!;
        var (code, body) = await _server.GetAsync(version.Contains('/', StringComparison.Ordinal) ? $"/apis/{version}" : $"/api/{version}");
        return code == HttpStatusCode.OK && body["resources"]!.AsArray().Any(resource => (string?)resource!["kind"] == (string?)item["kind"]);
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
