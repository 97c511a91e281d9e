using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Chart;

/// <summary>What the pods are.</summary>
public sealed class DeploymentTests
{
    [Fact]
    public async Task The_names_are_those_of_the_user_document()
    {
        var release = await Release.RenderAsync();

        Assert.Equal("infra-operator-controller-manager", Release.NameOf(release.Deployment));
        Assert.Equal("infra-operator-controller-manager", Release.NameOf(release.Only("ServiceAccount")));
        Assert.Equal("infra-operator-controller-manager", (string?)release.PodSpec["serviceAccountName"]);
        Assert.All(release.Objects.Where(item => !((string)item["kind"]!).StartsWith("Cluster", StringComparison.Ordinal)), item => Assert.Equal("infra-operator-system", (string?)item["metadata"]!["namespace"]));
    }

    [Theory]
    [InlineData("{}", "clusterId is required")]
    [InlineData("{clusterId: ''}", "clusterId is required")]
    [InlineData("{clusterId: Prod}", "clusterId is 'Prod': it must be 1 to 32 characters of a-z, 0-9 and -.")]
    [InlineData("{clusterId: a-name-of-more-than-32-characters-in-all}", "it must be 1 to 32 characters")]
    public async Task A_cluster_without_an_id_that_can_be_used_is_told_so(string values, string message) =>
        Assert.Contains(message, await HelmTemplate.RefusalAsync(ChartFiles.Folder, Release.DefaultName, Release.DefaultNamespace, Release.Values(values)), StringComparison.Ordinal);

    [Fact]
    public async Task Silos_know_their_place()
    {
        var variables = (await Release.RenderAsync()).Variables;

        Assert.Equal("suite", variables["Operator__ClusterId"]);
        Assert.Equal("Kubernetes", variables["Silo__Clustering"]);
        Assert.Equal("infra-operator", variables["Silo__OrleansClusterId"]);
        Assert.Equal("infra-operator-controller-manager", variables["Silo__DeploymentName"]);
        Assert.Equal(("metadata.name", "metadata.namespace", "status.podIP"), (variables["POD_NAME"], variables["POD_NAMESPACE"], variables["POD_IP"]));
    }

    [Fact]
    public async Task Ports_are_the_same_wherever_they_are_named()
    {
        var release = await Release.RenderAsync(Release.Values("ports: {silo: 12345, http: 9090}"));

        Assert.Equal(("12345", "9090"), (release.Variables["Silo__Port"], release.Variables["Http__Port"]));
        Assert.Equal([("silo", 12345), ("http", 9090)], release.Container["ports"]!.AsArray().Select(port => ((string)port!["name"]!, (int)port["containerPort"]!)));
        var service = Assert.Single(release.Only("Service")["spec"]!["ports"]!.AsArray())!;
        Assert.Equal(("http", 9090, "http"), ((string)service["name"]!, (int)service["port"]!, (string)service["targetPort"]!));
    }

    [Theory]
    [InlineData("startupProbe", "/healthz/startup")]
    [InlineData("readinessProbe", "/healthz/ready")]
    [InlineData("livenessProbe", "/healthz/live")]
    public async Task Probes_ask_for_health(string probe, string path)
    {
        var asked = (await Release.RenderAsync()).Container[probe]!;

        Assert.Equal((path, "http"), ((string)asked["httpGet"]!["path"]!, (string)asked["httpGet"]!["port"]!));
        Assert.All(["periodSeconds", "timeoutSeconds", "failureThreshold"], field => Assert.True((int)asked[field]! > 0));
    }

    [Theory]
    [InlineData(30, "00:00:30")]
    [InlineData(3600, "01:00:00")]
    [InlineData(95, "00:01:35")]
    public async Task The_grace_period_is_longer_than_the_shutdown(int seconds, string text)
    {
        var release = await Release.RenderAsync(new() { ["shutdownTimeoutSeconds"] = seconds });

        Assert.Equal(text, release.Variables["Silo__ShutdownTimeout"]);
        Assert.Equal(seconds + 15, (int)release.PodSpec["terminationGracePeriodSeconds"]!);
    }

    [Fact]
    public async Task Memory_is_limited_and_CPU_is_not()
    {
        var resources = (await Release.RenderAsync()).Container["resources"]!;

        Assert.Equal(["memory"], resources["limits"]!.AsObject().Select(limit => limit.Key));
        Assert.Equal(["cpu", "memory"], resources["requests"]!.AsObject().Select(request => request.Key).Order());
    }

    [Fact]
    public async Task Pods_fit_the_restricted_profile_and_write_nothing()
    {
        var release = await Release.RenderAsync();

        Assert.True(JsonNode.DeepEquals(Release.Values("{runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}"), release.PodSpec["securityContext"]));
        Assert.True(JsonNode.DeepEquals(Release.Values("{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}"), release.Container["securityContext"]));
        Assert.All(["hostNetwork", "hostPID", "hostIPC"], field => Assert.Null(release.PodSpec[field]));
        Assert.All(release.PodSpec["volumes"]!.AsArray(), volume => Assert.NotNull(volume!["projected"]));
        Assert.False((bool)release.PodSpec["enableServiceLinks"]!);
    }

    [Fact]
    public async Task Updates_never_take_a_silo_before_another_is_there()
    {
        var spec = (await Release.RenderAsync()).Deployment["spec"]!;

        Assert.True(JsonNode.DeepEquals(Release.Values("{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"), spec["strategy"]));
        Assert.True((int)spec["minReadySeconds"]! > 0);
        Assert.Equal(2, (int)spec["replicas"]!);
    }

    [Fact]
    public async Task The_token_for_AWS_is_where_the_silo_looks_for_it()
    {
        var release = await Release.RenderAsync();
        var mount = Assert.Single(release.Container["volumeMounts"]!.AsArray())!;
        var source = Assert.Single(Assert.Single(release.PodSpec["volumes"]!.AsArray())!["projected"]!["sources"]!.AsArray())!["serviceAccountToken"]!;

        Assert.Equal($"{mount["mountPath"]}/{source["path"]}", release.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"]);
        Assert.Equal("sts.amazonaws.com", (string?)source["audience"]);
    }

    [Fact]
    public async Task Without_the_token_nothing_speaks_of_it()
    {
        var release = await Release.RenderAsync(Release.Values("webIdentityToken: {enabled: false}"));

        Assert.DoesNotContain("AWS_WEB_IDENTITY_TOKEN_FILE", release.Variables.Keys);
        Assert.Null(release.PodSpec["volumes"]);
        Assert.Null(release.Container["volumeMounts"]);
    }

    [Theory]
    [InlineData("{}", "infra-operator:{appVersion}")]
    [InlineData("{image: {repository: registry.example.com/a, tag: v2}}", "registry.example.com/a:v2")]
    [InlineData("{image: {digest: 'sha256:1'}}", "infra-operator:{appVersion}@sha256:1")]
    public async Task The_image_is_of_the_charts_version_unless_another_is_named(string values, string image) =>
        Assert.Equal(image.Replace("{appVersion}", (string)ChartFiles.Metadata["appVersion"]!, StringComparison.Ordinal), (string?)(await Release.RenderAsync(Release.Values(values))).Container["image"]);
}
