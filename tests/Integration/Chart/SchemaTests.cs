using System.Text.Json.Nodes;
using NJsonSchema;
using NJsonSchema.Validation;

namespace InfraOperator.Integration.Chart;

/// <summary>What Helm does before it renders: the values have to fit values.schema.json.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task The_default_values_fit() => Assert.Empty(await ErrorsAsync([]));

    [Fact]
    public async Task The_values_of_an_installation_with_everything_fit() => Assert.Empty(await ErrorsAsync(Release.Everything));

    [Theory]
    [InlineData("watchNamespaces: [team-a, team-b]")]
    [InlineData("resources: {limits: {memory: 1Gi, cpu: 2}}")]
    [InlineData("updateStrategy: {maxSurge: 25%}")]
    [InlineData("operator: {comparePeriod: '1.00:00:00', minRetryDelay: '00:00:00.5'}")]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}")]
    [InlineData("global: {anything: goes}")]
    public async Task What_people_may_want_fits(string values) => Assert.Empty(await ErrorsAsync(Release.Values(values)));

    [Theory]
    [InlineData("clusterId: Prod", "clusterId")]
    [InlineData("clusterId: a-name-of-more-than-32-characters-in-all", "clusterId")]
    [InlineData("clusterId: 12", "clusterId")]
    [InlineData("watchNamespaces: team-a", "watchNamespaces")]
    [InlineData("watchNamespaces: [Team_A]", "watchNamespaces")]
    [InlineData("watchNamespaces: [a, a]", "watchNamespaces")]
    [InlineData("replicaCount: two", "replicaCount")]
    [InlineData("replicaCount: -1", "replicaCount")]
    [InlineData("replicas: 3", "replicas")]
    [InlineData("image: {tags: '1'}", "image.tags")]
    [InlineData("image: {tag: 1.2}", "image.tag")]
    [InlineData("image: {digest: abc}", "image.digest")]
    [InlineData("image: {pullPolicy: Sometimes}", "image.pullPolicy")]
    [InlineData("imagePullSecrets: [registry]", "imagePullSecrets")]
    [InlineData("operator: {comparePeriod: 5m}", "operator.comparePeriod")]
    [InlineData("operator: {comparePeriod: 300}", "operator.comparePeriod")]
    [InlineData("operator: {awsEndpointUrl: localstack:4566}", "operator.awsEndpointUrl")]
    [InlineData("operator: {maxCallsPerProvider: 0}", "operator.maxCallsPerProvider")]
    [InlineData("operator: {clusterId: prod}", "operator.clusterId")]
    [InlineData("operator: {tenants: [{name: a}]}", "operator.tenants")]
    [InlineData("operator: {tenants: [{name: a, namespaces: [A]}]}", "operator.tenants")]
    [InlineData("operator: {tenants: [{name: a, namespaces: [a], accountIDs: [123456789012]}]}", "operator.tenants")]
    [InlineData("operator: {tenants: [{name: a, namespaces: [a], maxRepositories: -1}]}", "operator.tenants")]
    [InlineData("operator: {tenants: [{name: a, namespaces: [a], roles: [arn]}]}", "operator.tenants")]
    [InlineData("logLevel: loud", "logLevel")]
    [InlineData("webIdentityToken: {expirationSeconds: 60}", "webIdentityToken.expirationSeconds")]
    [InlineData("serviceAccount: {annotations: {a: 1}}", "serviceAccount.annotations.a")]
    [InlineData("ports: {http: 70000}", "ports.http")]
    [InlineData("probes: {startup: {path: /}}", "probes.startup.path")]
    [InlineData("shutdownTimeoutSeconds: 0", "shutdownTimeoutSeconds")]
    [InlineData("updateStrategy: {maxSurge: many}", "updateStrategy.maxSurge")]
    [InlineData("resources: {limits: {memory: lots}}", "resources.limits.memory")]
    [InlineData("autoscaling: {enabled: 'yes'}", "autoscaling.enabled")]
    [InlineData("autoscaling: {scaleDown: {periodSeconds: 30}}", "autoscaling.scaleDown.periodSeconds")]
    [InlineData("autoscaling: {workReady: {averageValue: 0}}", "autoscaling.workReady.averageValue")]
    [InlineData("podDisruptionBudget: {minAvailable: 1}", "podDisruptionBudget.minAvailable")]
    [InlineData("networkPolicy: {apiServerPorts: [https]}", "networkPolicy.apiServerPorts")]
    [InlineData("networkPolicy: {extraEgress: {}}", "networkPolicy.extraEgress")]
    [InlineData("serviceMonitor: {interval: often}", "serviceMonitor.interval")]
    [InlineData("extraEnv: [{value: a}]", "extraEnv")]
    public async Task What_cannot_work_is_refused_by_its_name(string values, string field)
    {
        var errors = await ErrorsAsync(Release.Values(values));

        Assert.Contains(errors, error => error == $"#/{field}" || error.StartsWith($"#/{field}[", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_block_of_the_charts_own_says_which_values_there_are()
    {
        Assert.All(Blocks(ChartFiles.Schema), block => Assert.True(
            block.Schema["additionalProperties"]?.GetValueKind() is System.Text.Json.JsonValueKind.False,
            $"{block.Path} takes values that there are not."));

        static IEnumerable<(string Path, JsonObject Schema)> Blocks(JsonObject schema, string path = "#") => schema["properties"] is JsonObject properties
            ? [(path, schema), .. properties.SelectMany(property => Blocks((JsonObject)property.Value!, $"{path}/{property.Key}"))]
            : [];
    }

    [Fact]
    public void Every_value_has_a_description_and_a_type()
    {
        Assert.All(Values(ChartFiles.Schema), value =>
        {
            Assert.False(string.IsNullOrEmpty((string?)value.Schema["description"]), $"{value.Path} has no description.");
            Assert.True(value.Schema.ContainsKey("type") || value.Schema.ContainsKey("oneOf"), $"{value.Path} has no type.");
        });

        static IEnumerable<(string Path, JsonObject Schema)> Values(JsonObject schema, string path = "#") =>
            (schema["properties"] as JsonObject ?? []).SelectMany(property => (IEnumerable<(string, JsonObject)>)
                [($"{path}/{property.Key}", (JsonObject)property.Value!), .. Values((JsonObject)property.Value!, $"{path}/{property.Key}")]);
    }

    /// <summary>Where the default values with others laid over them do not fit.</summary>
    internal static async Task<IReadOnlyList<string>> ErrorsAsync(JsonObject values)
    {
        var schema = await JsonSchema.FromJsonAsync(ChartFiles.SchemaText, TestContext.Current.CancellationToken);
        return [.. schema.Validate(Merged(ChartFiles.Values, values).ToJsonString()).SelectMany(Leaves).Select(error => error.Path!)];

        // A refused alternative says of itself only that none fits.
        static IEnumerable<ValidationError> Leaves(ValidationError error) =>
            error is ChildSchemaValidationError child ? [error, .. child.Errors.Values.SelectMany(errors => errors).SelectMany(Leaves)] : [error];
    }

    private static JsonObject Merged(JsonObject values, JsonObject over)
    {
        foreach (var (key, value) in over)
        {
            values[key] = value is JsonObject inner && values[key] is JsonObject outer ? Merged(outer, inner) : value?.DeepClone();
        }

        return values;
    }
}
