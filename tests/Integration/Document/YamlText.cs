using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace InfraOperator.Integration.Document;

/// <summary>YAML as JSON, with the types that Kubernetes reads, and the mend of the document's lost indentation.</summary>
internal static class YamlText
{
    private static readonly string[] TopLevel = ["apiVersion", "kind", "metadata", "spec", "status", "type", "stringData"];

    private static readonly IDeserializer Deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    public static JsonNode Parse(string yaml) => ToJson(Deserializer.Deserialize<object>(yaml))!;

    /// <summary>Whether a block has lines that lost their indentation.</summary>
    public static bool IsMisindented(string yaml) => Lines(yaml).Any(IsLost);

    /// <summary>Gives lines that stand at the margin, though nothing of theirs is a top-level field, the four blanks that they lost.</summary>
    public static string Mend(string yaml) => string.Join('\n', Lines(yaml).Select(line => IsLost(line) ? $"    {line}" : line));

    private static string[] Lines(string yaml) => yaml.Split('\n');

    private static bool IsLost(string line) =>
        line.Length > 0 && line[0] is not (' ' or '#' or '-') && !TopLevel.Any(field => line.StartsWith($"{field}:", StringComparison.Ordinal));

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(entry => KeyValuePair.Create((string)entry.Key, ToJson(entry.Value)))),
        IList list => new JsonArray([.. list.Cast<object?>().Select(ToJson)]),
        bool truth => JsonValue.Create(truth),
        string text => JsonValue.Create(text),
        IConvertible number => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException($"There is no JSON for {value.GetType()}."),
    };
}
