using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>How a write is to be done.</summary>
/// <param name="FieldValidation">What to do about unknown and duplicate fields: <c>Ignore</c>, <c>Warn</c> or <c>Strict</c>.</param>
/// <param name="DryRun">Answer as if, store nothing.</param>
internal sealed record WriteOptions(string FieldValidation = "Warn", bool DryRun = false)
{
    /// <summary>What its author is warned of; filled in by the write, also when it is refused for another reason.</summary>
    public List<string> Warnings { get; } = [];
}

/// <summary>What becomes of a body between the request and the store: checked, pruned, filled in, validated.</summary>
internal static class ObjectBody
{
    /// <summary>The body as an object of its kind, or the refusal that a body of another kind gets.</summary>
    public static JsonObject Envelope(ResourceType type, JsonNode? given)
    {
        var body = given as JsonObject ?? throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {type.Kind}): couldn't get version/kind");
        if (!type.Custom)
        {
            body["apiVersion"] ??= type.ApiVersion;
            body["kind"] ??= type.Kind;
        }

        if ((string?)body["apiVersion"] != type.ApiVersion)
        {
            throw ApiException.BadRequest($"the API version in the data ({body["apiVersion"]}) does not match the expected API version ({type.ApiVersion})");
        }

        RequireKind(type, body);
        return body;
    }

    public static void RequireKind(ResourceType type, JsonObject body)
    {
        if ((string?)body["kind"] != type.Kind)
        {
            throw ApiException.Invalid($"{body["kind"]}", type.Group, (string?)body["metadata"]?["name"] ?? "", [FieldError.Invalid("kind", body["kind"], $"must be {type.Kind}")]);
        }
    }

    /// <summary>Brings a body into the form it is stored in: prunes, fills in defaults; refuses or warns of unknown fields.</summary>
    public static void Decode(ResourceType type, JsonObject body, IReadOnlyList<string> duplicates, WriteOptions options, bool patched)
    {
        var asGiven = patched ? body.DeepClone() : body;
        try
        {
            List<string> problems = [.. duplicates.Select(path => $"duplicate field \"{path}\"")];
            problems.AddRange(ObjectMeta.Normalize(body).Concat(type.Schema?.Prune(body) ?? []).Order(StringComparer.Ordinal).Select(path => $"unknown field \"{path}\""));
            type.Schema?.Default(body);
            BuiltInRules.Normalize(body, type);
            if (options.FieldValidation == "Strict" && problems.Count > 0)
            {
                throw new FormatException($"strict decoding error: {string.Join(", ", problems)}");
            }

            options.Warnings.AddRange(options.FieldValidation == "Ignore" ? [] : problems);
        }
        catch (FormatException problem)
        {
            throw patched
                ? ApiException.InvalidPatch(asGiven, problem.Message)
                : ApiException.BadRequest($"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: {problem.Message}");
        }
    }

    public static void Validate(ResourceType type, JsonObject body, JsonObject? old, IEnumerable<FieldError> first)
    {
        List<FieldError> errors = [.. first, .. ObjectMeta.Validate(body, type), .. type.Schema?.Validate(body, old) ?? [], .. BuiltInRules.Validate(body, old, type)];
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(type.Kind, type.Kind == "Event" ? "" : type.Group, ObjectMeta.Text(body, "name"), errors);
        }
    }

    public static void RequireSame(JsonObject body, string? ns, string name)
    {
        var given = ObjectMeta.Text(body, "name");
        if (given != name)
        {
            throw ApiException.BadRequest(given.Length == 0
                ? $"the name of the object ({name} based on URL) was undeterminable: name must be provided"
                : $"the name of the object ({given}) does not match the name on the URL ({name})");
        }

        if (ns is not null && ObjectMeta.Text(body, "namespace") is { Length: > 0 } other && other != ns)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    public static void Take(JsonObject to, JsonObject from, string field)
    {
        to.Remove(field);
        if (from[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
    }
}
