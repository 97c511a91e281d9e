using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>The server-side tables that <c>kubectl get</c> prints.</summary>
internal static partial class Tables
{
    private const string NameColumn = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

    /// <summary>A table with one row for each object.</summary>
    /// <param name="type">Their kind, which has the columns.</param>
    /// <param name="items">The objects.</param>
    /// <param name="metadata">The metadata of the table.</param>
    /// <param name="include">What comes with a row: <c>Metadata</c> (default), <c>Object</c> or <c>None</c>.</param>
    /// <param name="now">The time that ages are counted to.</param>
    /// <param name="headers">False leaves out the columns, as after the first event of a watch.</param>
    public static JsonObject Render(ResourceType type, IEnumerable<JsonObject> items, JsonObject metadata, string? include, DateTimeOffset now, bool headers = true) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = metadata,
        ["columnDefinitions"] = !headers ? null : new JsonArray(
        [
            Column(new("Name", "string", "", 0, "name", NameColumn)),
            .. type.Columns.Select(Column),
        ]),
        ["rows"] = new JsonArray(
        [
            .. items.Select(item => (JsonNode)new JsonObject
            {
                ["cells"] = new JsonArray([ObjectMeta.Text(item, "name"), .. type.Columns.Select(column => Cell(column, item, now))]),
                ["object"] = include switch { "None" => null, "Object" => item.DeepClone(), _ => Partial(item) },
            }),
        ]),
    };

    /// <summary>The metadata of an object without the rest.</summary>
    public static JsonObject Partial(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]!.DeepClone(),
    };

    private static JsonNode Column(PrinterColumn column) => new JsonObject
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description ?? $"Custom resource definition column (in JSONPath format): {column.Path}",
        ["priority"] = column.Priority,
    };

    private static JsonNode? Cell(PrinterColumn column, JsonObject item, DateTimeOffset now)
    {
        var value = Find(item, column.Path).FirstOrDefault();
        return (column.Type, value) switch
        {
            (_, null) => null,
            ("date", JsonValue text) => DateTimeOffset.TryParse(text.ToString(), CultureInfo.InvariantCulture, out var then) ? Age(now - then) : "<invalid>",
            ("string", JsonValue text) => text.ToString(),
            ("string", _) => value.ToJsonString(FieldError.Plain),
            ("integer", JsonValue number) => number.TryGetValue<long>(out var whole) ? whole : number.TryGetValue<double>(out var real) ? (long)real : null,
            ("number" or "boolean", JsonValue plain) => plain.DeepClone(),
            _ => null,
        };
    }

    /// <summary>The values at a JSONPath of the kind that columns use: fields, indexes, <c>[*]</c> and <c>[?(@.a=="b")]</c>.</summary>
    private static IEnumerable<JsonNode?> Find(JsonNode root, string path) =>
        Steps().Matches(path).Aggregate((IEnumerable<JsonNode?>)[root], (nodes, step) => nodes.SelectMany(node => Step(node, step)).ToList());

    private static IEnumerable<JsonNode?> Step(JsonNode? node, Match step) => node switch
    {
        JsonObject map when step.Groups["field"].Success => map.TryGetPropertyValue(step.Groups["field"].Value.Replace("\\", "", StringComparison.Ordinal), out var child) ? [child] : [],
        JsonArray list when step.Groups["index"].Success => step.Groups["index"].Value == "*" ? list : list.Skip(int.Parse(step.Groups["index"].Value, CultureInfo.InvariantCulture)).Take(1),
        JsonArray list when step.Groups["key"].Success => list.Where(item => Find(item!, step.Groups["key"].Value).FirstOrDefault()?.ToString() == step.Groups["value"].Value),
        _ => [],
    };

    /// <summary>The age as kubectl writes it: two units at most, fewer as it grows.</summary>
    public static string Age(TimeSpan age)
    {
        var (seconds, minutes, hours, days) = ((long)age.TotalSeconds, (long)age.TotalMinutes, (long)age.TotalHours, (long)age.TotalDays);
        return age switch
        {
            _ when seconds < -1 => "<invalid>",
            _ when seconds < 0 => "0s",
            _ when seconds < 120 => $"{seconds}s",
            _ when minutes < 10 => seconds % 60 == 0 ? $"{minutes}m" : $"{minutes}m{seconds % 60}s",
            _ when minutes < 180 => $"{minutes}m",
            _ when hours < 8 => minutes % 60 == 0 ? $"{hours}h" : $"{hours}h{minutes % 60}m",
            _ when hours < 48 => $"{hours}h",
            _ when days < 8 => hours % 24 == 0 ? $"{days}d" : $"{days}d{hours % 24}h",
            _ when days < 730 => $"{days}d",
            _ when days < 365 * 8 => days % 365 == 0 ? $"{days / 365}y" : $"{days / 365}y{days % 365}d",
            _ => $"{days / 365}y",
        };
    }

    [GeneratedRegex(@"\.(?<field>(\\.|[^.\[\]\\])+)|\['(?<field>[^']+)'\]|\[(?<index>\d+|\*)\]|\[\?\(@(?<key>[^=]+?)\s*==\s*[""'](?<value>[^""']*)[""']\)\]")]
    private static partial Regex Steps();
}
