using System.Text.Json.Nodes;

namespace InfraOperator.Kubernetes;

/// <summary>
/// What the API server does with the objects of a custom kind, as its OpenAPI v3 document tells. A field that the schema does
/// not know is pruned: a write of it succeeds and leaves nothing.
/// </summary>
public sealed class ServedSchema
{
    /// <summary>The name of the items of a list, or of the values of a map, in a path.</summary>
    public const string Each = "*";

    private const string PreserveUnknown = "x-kubernetes-preserve-unknown-fields";

    private readonly JsonObject _root;

    private ServedSchema(JsonObject root, bool hasStatus)
    {
        _root = root;
        HasStatusSubresource = hasStatus;
    }

    /// <summary>Whether the status is written by requests of its own.</summary>
    public bool HasStatusSubresource { get; }

    /// <summary>Whether a field that is written can be read again.</summary>
    /// <param name="path">The names from the object's root, such as <c>spec</c>, <c>rules</c>, <see cref="Each"/>, <c>name</c>.</param>
    public bool Keeps(IEnumerable<string> path)
    {
        var schema = _root;
        foreach (var name in path)
        {
            if (Below(schema, name) is { } below)
            {
                schema = below;
            }
            else
            {
                return IsOpen(schema);
            }
        }

        return true;
    }

    /// <summary>The value that an absent field is filled with; null where there is none, or the field is not in the schema.</summary>
    /// <param name="path">The names from the object's root.</param>
    public JsonNode? DefaultOf(params IEnumerable<string> path) =>
        path.Aggregate<string, JsonObject?>(_root, static (schema, name) => schema is null ? null : Below(schema, name))?["default"];

    /// <summary>Whether the schema names a field, rather than keep it for not looking at it.</summary>
    /// <param name="path">The names from the object's root.</param>
    public bool Names(params IEnumerable<string> path) =>
        path.Aggregate<string, JsonObject?>(_root, static (schema, name) => schema is null ? null : Below(schema, name)) is not null;

    /// <summary>Reads the document of a kind's group and version.</summary>
    /// <param name="body">The document. Some servers have an empty one, and some 404, for a group that they do not serve.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>null where the document does not have it.</returns>
    /// <exception cref="System.Text.Json.JsonException">The document cannot be read.</exception>
    internal static async ValueTask<ServedSchema?> ReadAsync(Stream body, ResourceKind kind, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await body.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        return buffer.Length == 0 ? null : Find(JsonNode.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)), kind);
    }

    private static ServedSchema? Find(JsonNode? document, ResourceKind kind)
    {
        var schema = (document?["components"]?["schemas"] as JsonObject ?? []).Select(pair => pair.Value as JsonObject).FirstOrDefault(schema =>
            schema?["x-kubernetes-group-version-kind"] is JsonArray kinds
            && kinds.Any(named => ((string?)named?["group"], (string?)named?["version"], (string?)named?["kind"]) == (kind.Group, kind.Version, kind.Kind)));
        var status = $"/{kind.Plural}/{{name}}/status";
        return schema is null ? null
            : new(schema, (document!["paths"] as JsonObject ?? []).Any(path => path.Key.EndsWith(status, StringComparison.Ordinal)));
    }

    private static JsonObject? Below(JsonObject schema, string name) => name == Each
        ? schema["items"] as JsonObject ?? schema["additionalProperties"] as JsonObject
        : schema["properties"]?[name] as JsonObject;

    private static bool IsOpen(JsonObject schema) => schema[PreserveUnknown] is JsonValue value && value.TryGetValue<bool>(out var open) && open;
}
