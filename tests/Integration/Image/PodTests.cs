using System.Net;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Integration.Chart;

namespace InfraOperator.Integration.Image;

/// <summary>What is published works as the chart runs it.</summary>
[Collection(nameof(ImageCollection))]
public sealed class PodTests(PublishedImage image) : IDisposable
{
    private const string Namespace = Release.DefaultNamespace;

    private readonly RawApiServer _server = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _server.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task It_starts_serves_and_ends_as_a_stranger_that_may_write_nowhere()
    {
        var (silo, http) = (Pod.FreePort(), Pod.FreePort());
        var release = await Release.RenderAsync(Release.Values($"{{ports: {{silo: {silo}, http: {http}}}, operator: {{awsEndpointUrl: '{IntegrationEnvironment.AwsEndpointUrl}'}}}}"));

        await CustomResourceDefinitions.EnsureAppliedAsync();
        _ = (await _server.PostYamlAsync("/api/v1/namespaces", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Namespace}}}}}")).Success;

        // The membership belongs to the Deployment.
        _ = (await _server.PostYamlAsync($"/apis/apps/v1/namespaces/{Namespace}/deployments", release.Deployment.ToJsonString())).Success;
        await using var agent = await PodIdentityAgent.StartAsync();
        using var run = Pod.Start(image, release, new Dictionary<string, string>
        {
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.Url,
            ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = Pod.PodIdentityToken,
        });
        await run.WatchingAsync();
        Assert.Equal($"uid {Dockerfile.Final.Only("USER").Arguments.Split(':')[0]}, capabilities 0000000000000000", Privileges(run.Id));
        foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
        {
            await UntilSuccessAsync(run, new($"http://127.0.0.1:{http}{release.Container[probe]!["httpGet"]!["path"]}"));
        }

        // What the autoscaler goes by.
        Assert.Contains("\ninfra_operator_work_ready", await _http.GetStringAsync(new Uri($"http://127.0.0.1:{http}/metrics"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // By the projected token of the chart, and by the identity that EKS gives the pod.
        await ServesAsync("irsa", "{region: us-east-1, roleARN: 'arn:aws:iam::123456789012:role/infra-operator-ecr-role'}");
        await ServesAsync("pod-identity", "{region: us-east-1}");

        await run.StopAsync();
        _ = (await _server.DeleteAsync($"/api/v1/namespaces/{Namespace}")).Success;
        Assert.True(run.ExitCode == 0, $"It ended with exit code {run.ExitCode}: {run.LastWords()}");
        Assert.DoesNotContain(run.Output, line => line.Contains("warn: Microsoft", StringComparison.Ordinal) || line.Contains("denied", StringComparison.OrdinalIgnoreCase) || line.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void It_needs_no_culture() =>
        Assert.True((bool?)JsonNode.Parse(File.ReadAllText(Path.Combine(image.App, "InfraOperator.Silo.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!["System.Globalization.Invariant"]);

    [Fact]
    public void It_needs_the_framework_of_the_base_image_and_brings_no_other() => Assert.Equal(
        ["Microsoft.AspNetCore.App", "Microsoft.NETCore.App"],
        JsonNode.Parse(File.ReadAllText(Path.Combine(image.App, "InfraOperator.Silo.runtimeconfig.json")))!["runtimeOptions"]!["frameworks"]!.AsArray().Select(framework => (string)framework!["name"]!).Order(StringComparer.Ordinal));

    [Fact]
    public void It_is_the_same_for_the_other_architecture()
    {
        Assert.Equal(FilesOf(image.App), FilesOf(image.OtherApp));

        // What is not code for every architecture would be here.
        Assert.DoesNotContain(FilesOf(image.App), file => file.EndsWith(".so", StringComparison.Ordinal));

        static string[] FilesOf(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void It_holds_nothing_to_write_to_and_nothing_that_is_only_for_development()
    {
        Assert.Empty(image.Changeable);
        Assert.DoesNotContain(Directory.EnumerateFiles(image.App), file => Path.GetFileName(file).Contains("Sandbox", StringComparison.Ordinal) || Path.GetFileName(file).Contains("xunit", StringComparison.Ordinal) || file.EndsWith(".xml", StringComparison.Ordinal));
    }

    private async Task ServesAsync(string name, string provider)
    {
        await CreateAsync(AWSProvider.Kind, name, Release.Values(provider));
        await CreateAsync(ECRRepository.Kind, name, Release.Values($"{{providerRef: {{name: {name}}}, repositoryName: image/{name}, deletionPolicy: Delete}}"));
        _ = await _server.HoldsAsync(ECRRepository.Kind, Namespace, name, item => (bool?)item["status"]?["ready"] == true);
        foreach (var kind in (string[])[ECRRepository.Kind, AWSProvider.Kind])
        {
            _ = (await _server.DeleteAsync($"{CustomResourceDefinitions.PathOf(kind, Namespace)}/{name}")).Success;
            await _server.GoneAsync(kind, Namespace, name);
        }
    }

    private async Task CreateAsync(string kind, string name, JsonObject spec)
    {
        var item = new JsonObject { ["apiVersion"] = ApiNames.ApiVersion, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
        _ = (await _server.PostYamlAsync(CustomResourceDefinitions.PathOf(kind, Namespace), item.ToJsonString())).Success;
    }

    /// <summary>Asks as a kubelet does, until the answer is a success.</summary>
    private async Task UntilSuccessAsync(SiloRun run, Uri url)
    {
        var start = TimeProvider.System.GetTimestamp();
        while ((await _http.GetAsync(url, TestContext.Current.CancellationToken)).StatusCode is not HttpStatusCode.OK)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Eventually.Deadline, $"{url} answered with no success: {run.LastWords()}");
        }
    }

    private static string Privileges(int process)
    {
        var status = File.ReadLines($"/proc/{process}/status").Select(line => line.Split(['\t', ':'], StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length > 1).ToDictionary(fields => fields[0], fields => fields[1]);
        return $"uid {status["Uid"]}, capabilities {status["CapEff"]}";
    }
}
