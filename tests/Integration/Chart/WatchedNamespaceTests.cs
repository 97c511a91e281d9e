using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration.ControlPlane;

namespace InfraOperator.Integration.Chart;

/// <summary>
/// A release that watches one namespace, on the real API server: what it asks for is what its Roles allow, in that namespace and in its
/// own, and nothing anywhere else. So it can run beside other tests.
/// </summary>
public sealed class WatchedNamespaceTests : IAsyncDisposable
{
    private readonly string _watched = Unique("watched");
    private readonly string _foreign = Unique("foreign");
    private readonly string _own = Unique("own");

    [Fact]
    public async Task What_is_asked_for_is_what_the_Roles_allow()
    {
        var release = await Release.RenderAsync(Release.Values($"watchNamespaces: [{_watched}]"), @namespace: _own);
        await using var environment = new OfOneNamespace(release);
        await environment.EnsureStartedAsync();
        foreach (var ns in (string[])[_own, _watched, _foreign])
        {
            await environment.Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = ns } });
        }

        using var server = new RawApiServer();
        _ = (await server.PostYamlAsync($"/apis/apps/v1/namespaces/{_own}/deployments", release.Deployment.ToJsonString())).Success;
        await environment.StartSiloAsync();
        await ServeAsync(environment);
        await environment.StopSiloAsync();

        var asked = environment.Kubernetes.Log.Where(request => request.Operation != RecordedRequest.ReadOfDocument).ToArray();
        Assert.Empty(asked.Where(request => request.Namespace != _watched && request.Namespace != _own).Select(request => $"{request.Operation} in '{request.Namespace}'").Distinct());
        Assert.Empty(asked.Where(request => request.Namespace == _watched).Select(Right.Of).Distinct().Except(RightsIn(release, _watched)));

        // Of its own namespace the silos' membership is all that it takes. A create cannot be allowed by name.
        Assert.Equal(
            RightsIn(release, _own).Select(right => right.ToString()).Order(StringComparer.Ordinal),
            asked.Where(request => request.Namespace == _own)
                .Select(request => Right.Of(request) with { ResourceName = request.Operation.StartsWith("create ", StringComparison.Ordinal) ? "" : request.Name })
                .Distinct().Select(right => right.ToString()).Order(StringComparer.Ordinal));

        // The object goes with the Deployment.
        var membership = (await server.GetAsync($"/apis/orleans.runner.codes/v1alpha1/namespaces/{_own}/orleansclusters/{release.Variables["Silo__OrleansClusterId"]}")).Success;
        Assert.Equal(Release.NameOf(release.Deployment), (string?)Assert.Single(membership["metadata"]!["ownerReferences"]!.AsArray())!["name"]);
    }

    public async ValueTask DisposeAsync()
    {
        using var server = new RawApiServer();
        foreach (var ns in (string[])[_own, _watched, _foreign])
        {
            _ = await server.DeleteAsync($"/api/v1/namespaces/{ns}");
        }
    }

    private static string Unique(string name) => $"{name}-{Guid.NewGuid():N}"[..20];

    private static IReadOnlyList<Right> RightsIn(Release release, string ns) => Right.Of(release.Of("Role").Single(role => (string?)role["metadata"]!["namespace"] == ns));

    /// <summary>Has a repository made, another refused, and the first deleted; the same objects elsewhere are nobody's.</summary>
    private async Task ServeAsync(OfOneNamespace environment)
    {
        foreach (var ns in (string[])[_foreign, _watched])
        {
            await environment.Objects.CreateAsync(new()
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject { ["name"] = "keys", ["namespace"] = ns },
                ["data"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = Convert.ToBase64String("AKIAKEYS"u8), ["AWS_SECRET_ACCESS_KEY"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(PlantedSecrets.SecretAccessKey)) },
            });
            await CreateAsync(environment, AWSProvider.Kind, ns, "app", Release.Values("{region: us-east-1, credentialsSecret: {name: keys}}"));
            await CreateAsync(environment, ECRRepository.Kind, ns, "app", Repository(ns));
        }

        await environment.Objects.UntilAsync(ECRRepository.Kind, _watched, "app", item => item.IsSynced(), "synced");

        // Neighbours are looked for where a repository exists already.
        await CreateAsync(environment, ECRRepository.Kind, _watched, "twin", Repository(_watched));
        await environment.Objects.UntilAsync(ECRRepository.Kind, _watched, "twin", item => item.Condition(ConditionTypes.Synced)?.Reason == Reasons.OwnedByAnother, "owned by another");
        foreach (var name in (string[])["twin", "app"])
        {
            await environment.Objects.DeleteAsync(ECRRepository.Kind, _watched, name);
            await environment.Objects.UntilGoneAsync(ECRRepository.Kind, _watched, name);
        }

        await environment.Objects.DeleteAsync(AWSProvider.Kind, _watched, "app");
        await environment.Objects.UntilGoneAsync(AWSProvider.Kind, _watched, "app");

        static JsonObject Repository(string ns) => Release.Values($"{{providerRef: {{name: app}}, repositoryName: {ns}/app, deletionPolicy: Delete}}");
    }

    private static Task<JsonObject> CreateAsync(OfOneNamespace environment, string kind, string ns, string name, JsonObject spec) => environment.Objects.CreateAsync(new()
    {
        ["apiVersion"] = ApiNames.ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["spec"] = spec,
    });

    /// <summary>The release's silo, with the settings of its Deployment wherever the suite has none of its own.</summary>
    private sealed class OfOneNamespace(Release release) : RealControlPlane
    {
        protected override bool StartsWithSilo => false;

        protected override Dictionary<string, string?> Settings => new(base.Settings)
        {
            ["Operator:Namespaces:0"] = release.Variables["Operator__Namespaces__0"],
            ["Silo:Clustering"] = release.Variables["Silo__Clustering"],
            ["Silo:OrleansClusterId"] = release.Variables["Silo__OrleansClusterId"],
            ["Silo:DeploymentName"] = release.Variables["Silo__DeploymentName"],
            ["POD_NAMESPACE"] = (string?)release.Deployment["metadata"]!["namespace"],
            ["POD_NAME"] = "infra-operator-controller-manager-0",
            ["POD_IP"] = "127.0.0.1",
        };
    }
}
