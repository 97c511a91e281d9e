using System.Text.Json.Nodes;
using InfraOperator.Conformance;
using InfraOperator.Integration.Document;

namespace InfraOperator.Integration.Chart;

/// <summary>The chart as it lies in the source tree.</summary>
internal static class ChartFiles
{
    public static string Folder { get; } = Path.Combine(SourceTree.Root, "helm", "infra-operator");

    public static string SchemaText { get; } = Read("values.schema.json");

    public static string ValuesText { get; } = Read("values.yaml");

    /// <summary>The default values, afresh for each caller.</summary>
    public static JsonObject Values => (JsonObject)YamlText.Parse(ValuesText);

    public static JsonObject Schema => (JsonObject)JsonNode.Parse(SchemaText)!;

    public static JsonObject Metadata => (JsonObject)YamlText.Parse(Read("Chart.yaml"));

    /// <summary>The templates by file name, notes and helpers among them.</summary>
    public static IReadOnlyDictionary<string, string> Templates { get; } =
        Directory.EnumerateFiles(Path.Combine(Folder, "templates")).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);

    /// <summary>The paths of all values, such as <c>image.tag</c>. A list, and a map that is empty, is one value.</summary>
    public static IEnumerable<string> PathsOf(JsonNode? node, string path = "") => node is JsonObject { Count: > 0 } map
        ? map.SelectMany(entry => PathsOf(entry.Value, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}"))
        : [path];

    private static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));
}
