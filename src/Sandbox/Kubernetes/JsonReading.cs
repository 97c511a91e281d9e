using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>JSON and YAML texts as JSON trees.</summary>
internal static partial class JsonReading
{
    /// <summary>Reads JSON; of a field that is given twice the last one counts, and <paramref name="duplicates"/> tells its path.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonNode? Json(string text, List<string> duplicates)
    {
        using var document = JsonDocument.Parse(text);
        return Build(document.RootElement, "", duplicates);
    }

    /// <summary>Reads the documents of a YAML text, as kubectl does before it sends them.</summary>
    public static IEnumerable<JsonObject> Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => Build(document.RootNode)).OfType<JsonObject>();
    }

    private static JsonNode? Build(JsonElement element, string path, List<string> duplicates)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new JsonObject();
                foreach (var property in element.EnumerateObject())
                {
                    var field = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                    if (map.ContainsKey(property.Name))
                    {
                        duplicates.Add(field);
                    }

                    map[property.Name] = Build(property.Value, field, duplicates);
                }

                return map;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select((item, i) => Build(item, $"{path}[{i}]", duplicates))]);
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.TryGetInt64(out var whole) ? JsonValue.Create(whole) : JsonValue.Create(element.GetDouble());
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            default:
                return null;
        }
    }

    private static JsonNode? Build(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Build(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Build)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => scalar.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            var text when Decimal().IsMatch(text) => double.Parse(text, CultureInfo.InvariantCulture),
            var text => text,
        },
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    [GeneratedRegex(@"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")]
    private static partial Regex Decimal();
}
