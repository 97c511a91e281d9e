using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>The rules of <c>metadata</c>, the same for every kind.</summary>
internal static partial class ObjectMeta
{
    private const string NameShape = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string KeyShape = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string ValueShape = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private static readonly HashSet<string> Known =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    public static JsonObject Of(JsonObject value) => value["metadata"]!.AsObject();

    public static string Text(JsonObject value, string field) => (string?)value["metadata"]?[field] ?? "";

    public static IReadOnlyList<string> Finalizers(JsonObject value) => [.. (value["metadata"]?["finalizers"]?.AsArray() ?? []).Select(item => (string)item!)];

    public static bool IsDeleting(JsonObject value) => value["metadata"]?["deletionTimestamp"] is not null;

    /// <summary>Brings metadata into the form it is stored in; returns the paths of unknown fields.</summary>
    /// <exception cref="FormatException">A field has the wrong type; the message is the real server's.</exception>
    public static IReadOnlyList<string> Normalize(JsonObject body)
    {
        var unknown = new List<string>();
        var metadata = Shaped<JsonObject>(body, "metadata") ?? [];
        body["metadata"] ??= metadata;

        foreach (var (name, value) in metadata.ToList())
        {
            var empty = value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || (value is JsonValue text && text.TryGetValue<string>(out var s) && s.Length == 0);
            if (!Known.Contains(name))
            {
                unknown.Add($"metadata.{name}");
            }

            if (empty || !Known.Contains(name) || name is "managedFields" or "selfLink")
            {
                metadata.Remove(name);
            }
        }

        foreach (var field in new[] { "labels", "annotations" })
        {
            foreach (var (_, value) in Shaped<JsonObject>(metadata, field) ?? [])
            {
                RequireText(value, field);
            }
        }

        foreach (var value in Shaped<JsonArray>(metadata, "finalizers") ?? [])
        {
            RequireText(value, "finalizers");
        }

        foreach (var field in new[] { "name", "namespace", "generateName", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp" }.Where(metadata.ContainsKey))
        {
            RequireText(metadata[field], field);
        }

        return unknown;
    }

    /// <summary>A field as the map or list that it has to be.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static T? Shaped<T>(JsonObject map, string field)
        where T : JsonNode => map[field] switch
        {
            null => null,
            T shaped => shaped,
            var other => throw new FormatException($"json: cannot unmarshal {other.GetValueKind().ToString().ToLowerInvariant()} into Go struct field .{field}"),
        };

    public static void RequireText(JsonNode? value, string field)
    {
        if (value is not JsonValue text || !text.TryGetValue<string>(out _))
        {
            throw new FormatException($"json: cannot unmarshal {value?.GetValueKind().ToString().ToLowerInvariant() ?? "null"} into Go struct field ObjectMeta.{field} of type string");
        }
    }

    /// <summary>What a new object gets from the server.</summary>
    public static void Create(JsonObject body, ResourceType type, string? ns, DateTimeOffset now)
    {
        var metadata = Of(body);
        foreach (var field in new[] { "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion" })
        {
            metadata.Remove(field);
        }

        if (Text(body, "name").Length == 0 && Text(body, "generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
        }

        if (type.Namespaced)
        {
            metadata["namespace"] = ns;
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Time(now);
        if (type.HasGeneration)
        {
            metadata["generation"] = 1L;
        }
    }

    public static string Time(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    public static IEnumerable<FieldError> Validate(JsonObject body, ResourceType type)
    {
        var name = Text(body, "name");
        if (name.Length == 0)
        {
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        }
        else if (type.Kind == "Namespace" && name.Contains('.'))
        {
            yield return FieldError.Invalid("metadata.name", name, "must not contain dots");
        }
        else if (name.Length > 253)
        {
            yield return FieldError.Invalid("metadata.name", name, "must be no more than 253 characters");
        }
        else if (!Subdomain().IsMatch(name))
        {
            yield return FieldError.Invalid("metadata.name", name, NameShape);
        }

        var metadata = Of(body);
        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            foreach (var error in Key("metadata.labels", key))
            {
                yield return error;
            }

            if (!LabelValue().IsMatch((string)value!))
            {
                yield return FieldError.Invalid("metadata.labels", value, ValueShape);
            }
        }

        foreach (var error in (metadata["annotations"] as JsonObject ?? []).SelectMany(pair => Key("metadata.annotations", pair.Key)))
        {
            yield return error;
        }

        foreach (var error in Finalizers(body).SelectMany(finalizer => Key("metadata.finalizers", finalizer)))
        {
            yield return error;
        }
    }

    /// <summary>What an update may not change; what it left out is taken from the old object.</summary>
    public static IEnumerable<FieldError> ValidateUpdate(JsonObject body, JsonObject old)
    {
        var (metadata, before) = (Of(body), Of(old));
        foreach (var field in new[] { "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName" })
        {
            if (metadata[field] is null)
            {
                metadata[field] = before[field]?.DeepClone();
                if (metadata[field] is null)
                {
                    metadata.Remove(field);
                }
            }
            else if (field != "generateName" && !JsonNode.DeepEquals(metadata[field], before[field]))
            {
                yield return FieldError.Immutable($"metadata.{field}", metadata[field]);
            }
        }

        if (IsDeleting(old) && Finalizers(body).Except(Finalizers(old)).ToList() is { Count: > 0 } added)
        {
            yield return FieldError.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(name => $"\"{name}\""))}}}");
        }
    }

    private static IEnumerable<FieldError> Key(string field, string key)
    {
        var slash = key.IndexOf('/');
        if (slash >= 0 && !Subdomain().IsMatch(key[..slash]))
        {
            yield return FieldError.Invalid(field, key, $"prefix part {NameShape}");
        }

        if (key.Length - slash - 1 > 63)
        {
            yield return FieldError.Invalid(field, key, "name part must be no more than 63 bytes");
        }
        else if (!KeyName().IsMatch(key[(slash + 1)..]))
        {
            yield return FieldError.Invalid(field, key, KeyShape);
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex KeyName();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}
