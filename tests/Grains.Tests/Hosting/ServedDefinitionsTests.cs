using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Hosting;
using InfraOperator.Kubernetes;
using InfraOperator.Sandbox;
using InfraOperator.Sandbox.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Grains.Tests.Hosting;

/// <summary>The start is refused under definitions that lack what this version needs. The chart's lack nothing.</summary>
public sealed class ServedDefinitionsTests : IAsyncLifetime
{
    private SandboxApiServer _server = null!;
    private KubernetesApi _api = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Each field that this version uses, but for the two parts of an object themselves.</summary>
    public static TheoryData<string, string> Fields =>
    [
        .. RequiredFields.Of(ResourceJson.ECRRepository).Where(path => path.Length > 1).Select(path => (ECRRepository.Plural, string.Join('.', path))),
        .. RequiredFields.Of(ResourceJson.AWSProvider).Where(path => path.Length > 1).Select(path => (AWSProvider.Plural, string.Join('.', path))),
    ];

    public async ValueTask InitializeAsync()
    {
        _server = await SandboxApiServer.StartAsync(new() { Manifests = [.. SandboxResources.CustomResourceDefinitions] }, Cancel);
        _api = new(new KubernetesClientConfiguration { Host = _server.Url.ToString() }, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_charts_definitions_have_all_that_this_version_needs() => Assert.Null(await ProblemAsync());

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_definition_that_lacks_any_field_that_we_use_is_named_with_it(string plural, string field)
    {
        Change(plural, version =>
        {
            var path = field.Split('.');
            var parent = path[..^1].Aggregate(Root(version), static (schema, name) => name == ServedSchema.Each ? schema["items"]!.AsObject() : schema["properties"]![name]!.AsObject());
            if (path[^1] == ServedSchema.Each)
            {
                parent.Remove("items");
            }
            else
            {
                parent["properties"]!.AsObject().Remove(path[^1]);
            }
        });

        var problem = await ProblemAsync();
        Assert.Contains($"CustomResourceDefinition {plural}.{ApiNames.Group} is older", problem);
        Assert.Contains($"drop {field.Replace($".{ServedSchema.Each}", "", StringComparison.Ordinal)}", problem);
        Assert.Contains("kubectl apply -f helm/infra-operator/crds", problem);
    }

    [Theory]
    [InlineData(ECRRepository.Plural)]
    [InlineData(AWSProvider.Plural)]
    public async Task A_definition_without_the_status_subresource_is_refused(string plural)
    {
        Change(plural, version => version.Remove("subresources"));
        Assert.Contains($"{plural}.{ApiNames.Group} is older than this version of the operator: it has no status subresource", await ProblemAsync());
    }

    [Theory]
    [InlineData(ECRRepository.Plural)]
    [InlineData(AWSProvider.Plural)]
    public async Task A_definition_that_calls_an_object_healthy_that_nobody_has_seen_is_refused(string plural)
    {
        Change(plural, version => Root(version)["properties"]!["status"]!.AsObject().Remove("default"));
        Assert.Contains($"{plural}.{ApiNames.Group} is older than this version of the operator: it gives a new object no status Ready=Unknown, reason Pending", await ProblemAsync());
    }

    [Fact]
    public async Task A_definition_that_is_not_there_is_named()
    {
        _server.Delete("customresourcedefinitions", null, $"{ECRRepository.Plural}.{ApiNames.Group}");
        var problem = await ProblemAsync();
        Assert.StartsWith($"CustomResourceDefinition {ECRRepository.Plural}.{ApiNames.Group} is not installed", problem);
        Assert.DoesNotContain(AWSProvider.Plural, problem);

        _server.Delete("customresourcedefinitions", null, $"{AWSProvider.Plural}.{ApiNames.Group}");
        Assert.StartsWith($"CustomResourceDefinition {AWSProvider.Plural}.{ApiNames.Group} is not installed", await ProblemAsync());
    }

    [Fact]
    public async Task A_newer_definition_will_do()
    {
        Change(ECRRepository.Plural, version =>
        {
            Root(version)["properties"]!["spec"]!["properties"]!["invented"] = new JsonObject { ["type"] = "string" };
            Root(version)["properties"]!["status"]!["default"]!["invented"] = "yes";
        });
        Assert.Null(await ProblemAsync());
    }

    [Fact]
    public async Task A_definition_that_keeps_whatever_is_written_will_do()
    {
        Change(ECRRepository.Plural, version => version["schema"]!["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });
        Change(AWSProvider.Plural, version => Root(version)["properties"]!["spec"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });
        Assert.Null(await ProblemAsync());
    }

    private Task<string?> ProblemAsync() => new ServedDefinitions(_api).FindProblemAsync(Cancel);

    private static JsonObject Root(JsonObject version) => version["schema"]!["openAPIV3Schema"]!.AsObject();

    private void Change(string plural, Action<JsonObject> change)
    {
        var name = $"{plural}.{ApiNames.Group}";
        var versions = _server.Get("customresourcedefinitions", null, name)!["spec"]!["versions"]!.DeepClone().AsArray();
        change(versions.Single()!.AsObject());
        _server.Patch("customresourcedefinitions", null, name, new JsonObject { ["spec"] = new JsonObject { ["versions"] = versions } }.ToJsonString());
    }
}
