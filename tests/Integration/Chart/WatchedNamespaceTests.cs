using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Sandbox;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;

namespace InfraOperator.Integration.Chart;

/// <summary>A control plane that is to watch one namespace asks for nothing elsewhere: the chart gives it no right there.</summary>
public sealed class WatchedNamespaceTests : IAsyncDisposable
{
    private const string Watched = "team-a";
    private const string Foreign = "team-b";

    private readonly OfOneNamespace _environment = new();

    [Fact]
    public async Task What_is_asked_for_is_what_the_Role_of_the_namespace_allows()
    {
        await _environment.EnsureStartedAsync();
        foreach (var ns in (string[])[Watched, Foreign])
        {
            await _environment.Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = ns } });
            await _environment.Objects.CreateAsync(new()
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject { ["name"] = "keys", ["namespace"] = ns },
                ["data"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = Convert.ToBase64String("AKIAKEYS"u8), ["AWS_SECRET_ACCESS_KEY"] = Convert.ToBase64String("secret"u8) },
            });
            await CreateAsync(AWSProvider.Kind, ns, Release.Values("{region: us-east-1, credentialsSecret: {name: keys}}"));
            await CreateAsync(ECRRepository.Kind, ns, Release.Values($"{{providerRef: {{name: app}}, repositoryName: {ns}/app, deletionPolicy: Delete}}"));
        }

        await _environment.Objects.UntilAsync(ECRRepository.Kind, Watched, "app", item => item.IsSynced(), "synced");

        // Neighbours are looked for where a repository exists already.
        await CreateAsync(ECRRepository.Kind, Watched, Release.Values($"{{providerRef: {{name: app}}, repositoryName: {Watched}/app, deletionPolicy: Delete}}"), "twin");
        await _environment.Objects.UntilAsync(ECRRepository.Kind, Watched, "twin", item => item.Condition(ConditionTypes.Synced)?.Reason == Reasons.OwnedByAnother, "owned by another");
        await _environment.Objects.DeleteAsync(ECRRepository.Kind, Watched, "app");
        await _environment.Objects.UntilGoneAsync(ECRRepository.Kind, Watched, "app");

        var asked = _environment.Kubernetes.Log.Where(request => request.Operation != RecordedRequest.ReadOfDocument).ToArray();
        Assert.Empty(asked.Where(request => request.Namespace != Watched).Select(request => $"{request.Operation} in '{request.Namespace}'").Distinct());
        var role = (await Release.RenderAsync(Release.Values($"watchNamespaces: [{Watched}]"))).Of("Role").Single(role => (string?)role["metadata"]!["namespace"] == Watched);
        Assert.Empty(asked.Select(Right.Of).Distinct().Except(Right.Of(role)));
    }

    public ValueTask DisposeAsync() => _environment.DisposeAsync();

    private Task<JsonObject> CreateAsync(string kind, string ns, JsonObject spec, string name = "app") => _environment.Objects.CreateAsync(new()
    {
        ["apiVersion"] = ApiNames.ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["spec"] = spec,
    });

    private sealed class OfOneNamespace : ControlPlaneEnvironment
    {
        private SandboxApiServer? _kubernetes;
        private SandboxEcr? _ecr;

        public override Uri AwsUrl => _ecr!.Url;

        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:Namespaces:0"] = Watched };

        public override IDisposable Enforce(string accessKeyId, IdentityPolicy policy) => throw new NotSupportedException("No test asks for it.");

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await (_kubernetes?.DisposeAsync() ?? default);
            await (_ecr?.DisposeAsync() ?? default);
        }

        protected override async Task StartServersAsync()
        {
            _kubernetes = await SandboxApiServer.StartAsync(new() { Manifests = [.. SandboxResources.CustomResourceDefinitions] }, CancellationToken.None);
            _ecr = await SandboxEcr.StartAsync(new(), CancellationToken.None);
        }

        protected override HttpClient OpenKubernetes() => new() { BaseAddress = _kubernetes!.Url, Timeout = Timeout.InfiniteTimeSpan };
    }
}
