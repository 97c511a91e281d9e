using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>The patch formats: JSON Merge Patch (RFC 7386) and JSON Patch (RFC 6902), with the real server's refusals.</summary>
internal static class Patches
{
    /// <summary>Applies a patch of a format that <see cref="Require"/> allows to a copy of <paramref name="target"/>.</summary>
    public static JsonObject Apply(string contentType, JsonNode? patch, JsonObject target)
    {
        var patched = contentType switch
        {
            "application/merge-patch+json" => Merge(target.DeepClone(), Map(patch)),
            "application/json-patch+json" => JsonPatch(target.DeepClone(), patch),
            _ => Strategic(target, Map(patch)),
        };
        return patched as JsonObject ?? throw ApiException.BadRequest("Invalid JSON Patch");
    }

    /// <summary>Refuses the formats that are not served.</summary>
    public static void Require(string contentType, ResourceType type)
    {
        switch (contentType)
        {
            case "application/apply-patch+yaml":
                throw ApiException.UnsupportedMediaType("the sandbox has no server-side apply: use client-side apply, a merge patch or a JSON patch");
            case "application/merge-patch+json" or "application/json-patch+json":
            case "application/strategic-merge-patch+json" when !type.Custom:
                return;
            default:
                throw ApiException.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
        }
    }

    /// <summary>A strategic merge patch without lists and directives means the same as a merge patch; any other needs the schemas of built-in kinds.</summary>
    private static JsonNode? Strategic(JsonObject target, JsonObject patch) =>
        IsPlain(patch)
            ? Merge(target.DeepClone(), patch)
            : throw ApiException.UnsupportedMediaType("the sandbox has no strategic merge patch for lists: use --type merge or --type json");

    private static bool IsPlain(JsonNode? node) => node is not JsonArray && (node is not JsonObject map || map.All(pair => !pair.Key.StartsWith('$') && IsPlain(pair.Value)));

    private static JsonObject Map(JsonNode? patch) => patch as JsonObject
        ?? throw ApiException.BadRequest($"error decoding patch: json: cannot unmarshal {(patch is JsonArray ? "array" : "value")} into Go value of type map[string]interface {{}}");

    /// <summary>RFC 7386, changing <paramref name="target"/> where it is an object.</summary>
    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else if (Merge(merged[name], value) is var child && !ReferenceEquals(child, merged[name]))
            {
                merged[name] = child;
            }
        }

        return merged;
    }

    private static JsonNode? JsonPatch(JsonNode? document, JsonNode? patch)
    {
        var operations = patch as JsonArray
            ?? throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
        foreach (var operation in operations)
        {
            var (op, path) = ((string?)operation?["op"], (string?)operation?["path"] ?? "");
            var value = operation?["value"]?.DeepClone();
            switch (op)
            {
                case "add":
                    document = Put(document, path, value, insert: true);
                    break;
                case "replace":
                    document = Put(document, path, value, insert: false);
                    break;
                case "remove":
                    Take(document, path);
                    break;
                case "move":
                    document = Put(document, path, Take(document, (string?)operation!["from"] ?? ""), insert: true);
                    break;
                case "copy":
                    document = Put(document, path, Find(document, (string?)operation!["from"] ?? "", absentIsNull: false)?.DeepClone(), insert: true);
                    break;
                case "test":
                    // An absent last step counts as null, as in the library that the real server uses.
                    if (!JsonNode.DeepEquals(Find(document, path, absentIsNull: true), value))
                    {
                        throw ApiException.Unprocessable();
                    }

                    break;
                default:
                    throw ApiException.BadRequest($"invalid operation {operation?.ToJsonString()}: unsupported operation");
            }
        }

        return document;
    }

    private static (JsonNode Parent, string Last) Walk(JsonNode? document, string path)
    {
        if (!path.StartsWith('/'))
        {
            throw ApiException.Unprocessable();
        }

        var steps = path[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        var parent = steps[..^1].Aggregate(document, (node, step) => Step(node, step, absentIsNull: false));
        return (parent ?? throw ApiException.Unprocessable(), steps[^1]);
    }

    private static JsonNode? Step(JsonNode? node, string step, bool absentIsNull) => node switch
    {
        JsonObject map when map.TryGetPropertyValue(step, out var child) => child,
        JsonObject when absentIsNull => null,
        JsonArray list when Index(step, list.Count - 1) is { } index => list[index],
        _ => throw ApiException.Unprocessable(),
    };

    private static int? Index(string step, int last) => int.TryParse(step, out var index) && index >= 0 && index <= last ? index : null;

    private static JsonNode? Find(JsonNode? document, string path, bool absentIsNull)
    {
        if (path.Length == 0)
        {
            return document;
        }

        var (parent, last) = Walk(document, path);
        return Step(parent, last, absentIsNull);
    }

    private static JsonNode? Put(JsonNode? document, string path, JsonNode? value, bool insert)
    {
        if (path.Length == 0)
        {
            return value;
        }

        var (parent, last) = Walk(document, path);
        switch (parent)
        {
            case JsonObject map when insert || map.ContainsKey(last):
                map[last] = value;
                break;
            case JsonArray list when insert && (last == "-" ? list.Count : Index(last, list.Count)) is { } index:
                list.Insert(index, value);
                break;
            case JsonArray list when !insert && Index(last, list.Count - 1) is { } index:
                list[index] = value;
                break;
            default:
                throw ApiException.Unprocessable();
        }

        return document;
    }

    private static JsonNode? Take(JsonNode? document, string path)
    {
        var (parent, last) = Walk(document, path);
        var taken = Step(parent, last, absentIsNull: false);
        if (parent is JsonArray list)
        {
            list.RemoveAt(int.Parse(last));
        }
        else
        {
            parent.AsObject().Remove(last);
        }

        return taken;
    }
}
