using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>
/// The schema of a custom kind: what it prunes, what it fills in and what it refuses. Not evaluated: CEL rules and
/// allOf, anyOf, oneOf, not; formats other than date-time.
/// </summary>
internal sealed partial class StructuralSchema(JsonObject root)
{
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    public JsonObject Root { get; } = root;

    /// <summary>Removes fields that the schema does not know and nulls that it does not allow, in place; returns the paths of the unknown.</summary>
    public IReadOnlyList<string> Prune(JsonObject body)
    {
        var unknown = new List<string>();
        foreach (var (name, value) in body.ToList())
        {
            if (name is not ("apiVersion" or "kind" or "metadata"))
            {
                PruneField(body, name, value, Root, "", unknown);
            }
        }

        return unknown;
    }

    /// <summary>Fills in the defaults, in place; true when there was something to fill in.</summary>
    public bool Default(JsonObject body) => Default(body, Root);

    /// <summary>What the schema finds wrong. A value that is as it was is not looked at again, though the schema would refuse it by now.</summary>
    /// <param name="body">The object.</param>
    /// <param name="old">The object before; null for one that is created.</param>
    public List<FieldError> Validate(JsonObject body, JsonObject? old)
    {
        var errors = new List<FieldError>();
        Validate(body, old, Root, "", errors);
        return errors;
    }

    private static void Prune(JsonNode? node, JsonObject schema, string path, List<string> unknown)
    {
        if (node is JsonObject map)
        {
            foreach (var (name, value) in map.ToList())
            {
                PruneField(map, name, value, schema, path, unknown);
            }
        }
        else if (node is JsonArray list && schema["items"] is JsonObject items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Prune(list[i], items, $"{path}[{i}]", unknown);
            }
        }
    }

    private static void PruneField(JsonObject map, string name, JsonNode? value, JsonObject schema, string path, List<string> unknown)
    {
        var field = Join(path, name);
        if (Field(schema, name) is { } known)
        {
            if (value is null && !Flag(known, "nullable"))
            {
                map.Remove(name);
            }

            Prune(value, known, field, unknown);
        }
        else if (!Flag(schema, "x-kubernetes-preserve-unknown-fields") && !Flag(schema, "additionalProperties"))
        {
            unknown.Add(field);
            map.Remove(name);
        }
    }

    private static bool Default(JsonNode? node, JsonObject schema)
    {
        var changed = false;
        if (node is JsonObject map)
        {
            foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
            {
                if (property!["default"] is { } value && map[name] is null && !(map.ContainsKey(name) && Flag(property, "nullable")))
                {
                    map[name] = value.DeepClone();
                    changed = true;
                }
            }

            foreach (var (name, value) in map)
            {
                changed |= Field(schema, name) is { } known && Default(value, known);
            }
        }
        else if (node is JsonArray list && schema["items"] is JsonObject items)
        {
            foreach (var item in list)
            {
                changed |= Default(item, items);
            }
        }

        return changed;
    }

    private static void Validate(JsonNode? node, JsonNode? old, JsonObject schema, string path, List<FieldError> errors)
    {
        if ((node is null && (Flag(schema, "nullable") || path.Length == 0)) || (old is not null && JsonNode.DeepEquals(node, old)))
        {
            return;
        }

        var actual = TypeOf(node);
        var intOrString = Flag(schema, "x-kubernetes-int-or-string");
        var expected = intOrString ? "integer,string" : (string?)schema["type"];
        if (expected is not null && !expected.Split(',').Contains(actual) && !(expected == "number" && actual == "integer"))
        {
            // The real server leaves the path out of the sentence for the fields at the root.
            var place = path.Contains('.') || path.Contains('[') ? path : "";
            errors.Add(FieldError.Type(path, actual, $"{place} in body must be of type {expected}: \"{actual}\""));
        }

        if (schema["enum"] is JsonArray values && !values.Any(value => JsonNode.DeepEquals(value, node)))
        {
            errors.Add(FieldError.Unsupported(path, node, values.Select(FieldError.Show)));
        }

        switch (node)
        {
            case JsonObject map:
                ValidateObject(map, old as JsonObject, schema, path, errors);
                break;
            case JsonArray list:
                ValidateArray(list, old as JsonArray, schema, path, errors);
                break;
            case JsonValue value when actual == "string":
                ValidateString(value, schema, path, errors);
                break;
            case JsonValue value when actual is "integer" or "number":
                ValidateNumber(value, schema, path, errors);
                break;
        }
    }

    private static void ValidateObject(JsonObject map, JsonObject? old, JsonObject schema, string path, List<FieldError> errors)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
        {
            if (!map.ContainsKey((string)name!))
            {
                errors.Add(FieldError.Required(Join(path, (string)name!)));
            }
        }

        if (Number(schema, "maxProperties") is { } most && map.Count > most)
        {
            errors.Add(FieldError.TooMany(path, map.Count, (long)most));
        }

        if (Number(schema, "minProperties") is { } least && map.Count < least)
        {
            errors.Add(FieldError.Invalid(path, map.Count, $"{path} in body should have at least {least} properties"));
        }

        foreach (var (name, value) in map)
        {
            if (!(path.Length == 0 && name is "apiVersion" or "kind" or "metadata") && Field(schema, name) is { } known)
            {
                Validate(value, old?[name], known, Join(path, name), errors);
            }
        }
    }

    private static void ValidateArray(JsonArray list, JsonArray? old, JsonObject schema, string path, List<FieldError> errors)
    {
        if (Number(schema, "maxItems") is { } most && list.Count > most)
        {
            errors.Add(FieldError.TooMany(path, list.Count, (long)most));
        }

        if (Number(schema, "minItems") is { } least && list.Count < least)
        {
            errors.Add(FieldError.Invalid(path, list.Count, $"{path} in body should have at least {least} items"));
        }

        for (var i = 0; schema["items"] is JsonObject items && i < list.Count; i++)
        {
            Validate(list[i], Before(list[i], old, schema), items, $"{path}[{i}]", errors);
        }
    }

    // Only the items of a list that is a map by some keys can be told to be the same as before.
    private static JsonNode? Before(JsonNode? item, JsonArray? old, JsonObject schema) =>
        (string?)schema["x-kubernetes-list-type"] == "map" && schema["x-kubernetes-list-map-keys"] is JsonArray keys
            ? old?.FirstOrDefault(before => keys.All(key => JsonNode.DeepEquals((before as JsonObject)?[(string)key!], (item as JsonObject)?[(string)key!])))
            : null;

    // Of length and pattern only the first failure is told, as the real server does.
    private static void ValidateString(JsonValue value, JsonObject schema, string path, List<FieldError> errors)
    {
        var text = value.GetValue<string>();
        var length = text.EnumerateRunes().Count();
        if (Number(schema, "maxLength") is { } most && length > most)
        {
            errors.Add(FieldError.TooLong(path, (long)most));
        }
        else if (Number(schema, "minLength") is { } least && length < least)
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should be at least {least} chars long"));
        }
        else if ((string?)schema["pattern"] is { } pattern && !Pattern(pattern).IsMatch(text))
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should match '{pattern}'"));
        }

        if ((string?)schema["format"] == "date-time" && !(DateTimeShape().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _)))
        {
            errors.Add(FieldError.Type(path, text, $"{path} in body must be of type date-time: \"{text}\""));
        }
    }

    private static void ValidateNumber(JsonValue value, JsonObject schema, string path, List<FieldError> errors)
    {
        var number = value.TryGetValue<long>(out var whole) ? whole : value.GetValue<double>();
        if (Number(schema, "minimum") is { } least && (Flag(schema, "exclusiveMinimum") ? number <= least : number < least))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be greater than {(Flag(schema, "exclusiveMinimum") ? "" : "or equal to ")}{Text(least)}"));
        }

        if (Number(schema, "maximum") is { } most && (Flag(schema, "exclusiveMaximum") ? number >= most : number > most))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be less than {(Flag(schema, "exclusiveMaximum") ? "" : "or equal to ")}{Text(most)}"));
        }

        if (Number(schema, "multipleOf") is { } factor && Math.Abs(Math.IEEERemainder(number, factor)) > 1e-9)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be a multiple of {Text(factor)}"));
        }

        static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static string TypeOf(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        JsonValue value when value.TryGetValue<string>(out _) => "string",
        JsonValue value when value.TryGetValue<bool>(out _) => "boolean",
        JsonValue value when value.TryGetValue<long>(out _) => "integer",
        _ => "number",
    };

    private static JsonObject? Field(JsonObject schema, string name) =>
        schema["properties"]?[name] as JsonObject ?? schema["additionalProperties"] as JsonObject;

    private static bool Flag(JsonNode schema, string name) => schema[name] is JsonValue value && value.TryGetValue<bool>(out var set) && set;

    private static double? Number(JsonObject schema, string name) => schema[name] is JsonValue value ? value.TryGetValue<long>(out var whole) ? whole : value.GetValue<double>() : null;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    // Go's "$" is the end of the text; .NET's also matches before a last line break.
    private static Regex Pattern(string pattern) => Patterns.GetOrAdd(pattern, static text =>
        new Regex(text.EndsWith('$') && !text.EndsWith(@"\$", StringComparison.Ordinal) ? text[..^1] + @"\z" : text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z")]
    private static partial Regex DateTimeShape();
}
