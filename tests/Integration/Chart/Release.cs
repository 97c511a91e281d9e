using System.Text.Json.Nodes;
using InfraOperator.Integration.Document;

namespace InfraOperator.Integration.Chart;

/// <summary>What the chart renders for one release.</summary>
internal sealed class Release(string text)
{
    public const string DefaultName = "infra-operator";
    public const string DefaultNamespace = "infra-operator-system";

    /// <summary>The objects, in the order that they are applied in.</summary>
    public IReadOnlyList<JsonObject> Objects { get; } =
        [.. $"\n{text}".Split("\n---\n").Where(part => part.Contains("\nkind: ", StringComparison.Ordinal)).Select(part => (JsonObject)YamlText.Parse(part))];

    public string Text => text;

    public JsonObject Deployment => Only("Deployment");

    public JsonNode PodSpec => Deployment["spec"]!["template"]!["spec"]!;

    public JsonNode Container => Assert.Single(PodSpec["containers"]!.AsArray())!;

    /// <summary>The variables of the container: their values, or the field that one is taken from.</summary>
    public IReadOnlyDictionary<string, string> Variables => Container["env"]!.AsArray().ToDictionary(
        variable => (string)variable!["name"]!,
        variable => (string?)variable!["value"] ?? (string)variable["valueFrom"]!["fieldRef"]!["fieldPath"]!);

    /// <summary>The chart with the id of a cluster and whatever values are given beside it.</summary>
    public static async Task<Release> RenderAsync(JsonObject? values = null, string name = DefaultName, string @namespace = DefaultNamespace)
    {
        values ??= [];
        values.TryAdd("clusterId", "suite");
        return new(await HelmTemplate.RunAsync(ChartFiles.Folder, name, @namespace, values));
    }

    /// <summary>Everything that is off by default switched on.</summary>
    public static JsonObject Everything => Values("""
        clusterId: suite
        autoscaling: {enabled: true, workReady: {enabled: true}}
        serviceMonitor: {enabled: true, labels: {release: prometheus}, metricRelabelings: [{action: drop, sourceLabels: [__name__], regex: orleans_.*}]}
        imagePullSecrets: [{name: registry}]
        image: {tag: "1.2.3", digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
        commonLabels: {team: platform}
        podLabels: {sidecar: "false"}
        podAnnotations: {example.com/scrape: "true"}
        priorityClassName: system-cluster-critical
        nodeSelector: {kubernetes.io/os: linux}
        tolerations: [{key: dedicated, operator: Exists, effect: NoSchedule}]
        service: {annotations: {example.com/a: b}}
        serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::123456789012:role/infra-operator-ecr-role"}}
        operator: {acceptedOwners: [old-cluster, "other/team-a/*"], allowedEndpointHosts: [localhost], awsEndpointUrl: "http://localstack:4566"}
        extraEnv: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://collector:4317"}]
        extraVolumes: [{name: ca, configMap: {name: ca}}]
        extraVolumeMounts: [{name: ca, mountPath: /etc/ssl/extra, readOnly: true}]
        networkPolicy: {httpFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], extraEgress: [{ports: [{port: 4317, protocol: TCP}]}]}
        """);

    /// <summary>Values that are written as YAML.</summary>
    public static JsonObject Values(string yaml) => (JsonObject)YamlText.Parse(yaml);

    public IEnumerable<JsonObject> Of(string kind) => Objects.Where(item => (string?)item["kind"] == kind);

    public JsonObject Only(string kind) => Assert.Single(Of(kind));

    /// <summary>What names an object in a cluster.</summary>
    public static string IdentityOf(JsonObject item) => $"{item["kind"]} {item["metadata"]!["namespace"]}/{item["metadata"]!["name"]}";

    public static string NameOf(JsonObject item) => (string)item["metadata"]!["name"]!;

    /// <summary>Whether labels are selected by <c>matchLabels</c>.</summary>
    public static bool Selects(JsonNode matchLabels, JsonNode labels) =>
        matchLabels.AsObject() is { Count: > 0 } wanted && wanted.All(label => JsonNode.DeepEquals(labels[label.Key], label.Value));
}
