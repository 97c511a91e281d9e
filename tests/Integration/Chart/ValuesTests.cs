using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Integration.Chart;

/// <summary>Values, their schema and the templates speak of the same: nothing is read that is not there, nothing is there that nothing reads.</summary>
public sealed partial class ValuesTests
{
    /// <summary>Values that a sample of their type would not be seen by, or that allow only some.</summary>
    private static readonly Dictionary<string, string> Samples = new()
    {
        ["clusterId"] = "other",
        ["operator.acceptedOwners"] = "[another]",
        ["operator.allowedEndpointHosts"] = "[another]",
        ["operator.internalEndpointHosts"] = "[another]",
        ["operator.refusedEndpointNetworks"] = "[10.96.0.0/12]",
        ["operator.namesPerCall"] = "50",
        ["operator.tenants"] = "[{name: all, namespaces: ['*']}]",
        ["watchNamespaces"] = "[team-a]",
        ["networkPolicy.apiServerPorts"] = "[8443]",
        ["image.digest"] = "sha256:1111111111111111111111111111111111111111111111111111111111111111",
        ["imagePullSecrets"] = "[{name: other}]",
        ["securityContext.capabilities.drop"] = "[NET_RAW]",
        ["topologySpreadConstraints"] = "[{topologyKey: example.com/rack, maxSkew: 1, whenUnsatisfiable: DoNotSchedule}]",
    };

    public static TheoryData<string> Paths => [.. ChartFiles.PathsOf(ChartFiles.Values)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Another_value_renders_another_chart(string path)
    {
        var values = Release.Everything;
        if (path is "replicaCount")
        {
            ((JsonObject)values["autoscaling"]!)["enabled"] = false;
        }

        var before = await HelmTemplate.RunAsync(ChartFiles.Folder, Release.DefaultName, Release.DefaultNamespace, values);
        Set(values, path, Another(path, values));
        var after = await HelmTemplate.RunAsync(ChartFiles.Folder, Release.DefaultName, Release.DefaultNamespace, values);

        Assert.True(before != after, $"Nothing reads {path}.");
    }

    [Fact]
    public void Every_value_that_a_template_reads_exists()
    {
        var values = ChartFiles.Values;
        Assert.All(Reads(), read => Assert.True(Find(values, read.Path) is not null, $"{read.File} reads .Values.{read.Path}, which values.yaml does not have."));
    }

    [Fact]
    public void Every_value_has_its_type_in_the_schema_and_nothing_else_has()
    {
        // What a chart above shares with those below it is Helm's.
        Assert.Equal(
            Branches(ChartFiles.Values).Order(StringComparer.Ordinal),
            Properties(ChartFiles.Schema).Where(path => path != "global" && IsOurs(path)).Order(StringComparer.Ordinal));

        // The fields of Kubernetes' own types are not the chart's to describe.
        static bool IsOurs(string path) => path is not ("resources.claims");
    }

    [Fact]
    public void Every_value_is_explained_in_the_line_above_it()
    {
        var lines = ChartFiles.ValuesText.Split('\n');
        var explained = new List<string>();
        var path = new List<(int Depth, string Key)>();
        for (var index = 0; index < lines.Length; index++)
        {
            if (Key().Match(lines[index]) is { Success: true } key)
            {
                path.RemoveAll(block => block.Depth >= key.Groups[1].Length);
                path.Add((key.Groups[1].Length, key.Groups[2].Value));
                if (index > 0 && lines[index - 1].TrimStart().StartsWith("# ", StringComparison.Ordinal))
                {
                    explained.Add(string.Join('.', path.Select(block => block.Key)));
                }
            }
        }

        Assert.Empty(Branches(ChartFiles.Values).Except(explained));
    }

    private static IEnumerable<(string File, string Path)> Reads() =>
        from template in ChartFiles.Templates
        from Match match in Read().Matches(template.Value)
        select (template.Key, match.Groups[1].Value);

    private static JsonNode? Find(JsonNode? node, string path) => path.Split('.').Aggregate(node, (found, key) => (found as JsonObject)?[key]);

    /// <summary>The paths of values and of the blocks that hold them.</summary>
    private static IEnumerable<string> Branches(JsonObject map, string path = "") => map.SelectMany(entry =>
    {
        var here = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
        return entry.Value is JsonObject { Count: > 0 } inner && !IsFree(here) ? [here, .. Branches(inner, here)] : (IEnumerable<string>)[here];
    });

    private static IEnumerable<string> Properties(JsonObject schema, string path = "") => (schema["properties"] as JsonObject ?? []).SelectMany(entry =>
    {
        var here = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
        return (IEnumerable<string>)[here, .. Properties((JsonObject)entry.Value!, here)];
    });

    /// <summary>Whether the schema leaves the keys to whoever sets the value.</summary>
    private static bool IsFree(string path)
    {
        var schema = path.Split('.').Aggregate((JsonNode?)ChartFiles.Schema, (schema, key) => schema?["properties"]?[key]);
        return schema?["properties"] is null;
    }

    private static JsonNode Another(string path, JsonObject values)
    {
        if (Samples.TryGetValue(path, out var sample))
        {
            return Release.Values($"value: {sample}")["value"]!.DeepClone();
        }

        return (Find(values, path) ?? Find(ChartFiles.Values, path)) switch
        {
            JsonObject => new JsonObject { ["example.com/another"] = "value" },
            JsonArray => new JsonArray(new JsonObject { ["name"] = "another" }),
            JsonValue scalar when scalar.TryGetValue(out bool truth) => !truth,
            JsonValue scalar when scalar.GetValueKind() == System.Text.Json.JsonValueKind.Number => (double)scalar + 1,
            _ => "another",
        };
    }

    private static void Set(JsonObject values, string path, JsonNode value)
    {
        var keys = path.Split('.');
        foreach (var key in keys[..^1])
        {
            if (values[key] is not JsonObject next)
            {
                values[key] = next = [];
            }

            values = next;
        }

        values[keys[^1]] = value;
    }

    [GeneratedRegex(@"^( *)(\w+):")]
    private static partial Regex Key();

    [GeneratedRegex(@"\.Values\.([\w.]*\w)")]
    private static partial Regex Read();
}
