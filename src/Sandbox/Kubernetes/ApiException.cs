using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>A refusal, on its way to the client as a Kubernetes <c>Status</c>.</summary>
internal sealed class ApiException(int code, string? reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (reason is not null)
        {
            status["reason"] = reason;
        }

        if (details is not null)
        {
            status["details"] = details.DeepClone();
        }

        status["code"] = Code;
        return status;
    }

    public static ApiException NotFound(ResourceType type, string? name) =>
        new(404, "NotFound", $"{type.QualifiedName} \"{name}\" not found", Details(name, type.Group, type.Plural));

    public static ApiException UnknownResource() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists", Details(name, type.Group, type.Plural));

    public static ApiException Forbidden(ResourceType type, string name, string why, JsonArray? causes = null) =>
        new(403, "Forbidden", $"{type.QualifiedName} \"{name}\" is forbidden: {why}", Details(name, type.Group, type.Plural, causes));

    public static ApiException Conflict(ResourceType type, string called, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {(type.Group.Length == 0 ? called : $"{called}.{type.Group}")} \"{name}\": {why}", Details(name, type.Group, called));

    public static ApiException Modified(ResourceType type, string name) =>
        Conflict(type, type.Plural, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    public static ApiException Unprocessable() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);

    public static ApiException InvalidPatch(JsonNode patched, string why) => Invalid("", "", "", [FieldError.Invalid("patch", patched.ToJsonString(FieldError.Plain), why)]);

    public static ApiException Invalid(string kind, string group, string name, IReadOnlyList<FieldError> errors)
    {
        var all = errors.Select(error => $"{error.Field}: {error.Message}").Distinct().ToList();
        var list = all.Count == 1 ? all[0] : $"[{string.Join(", ", all)}]";
        var causes = errors.Select(error => (JsonNode)new JsonObject { ["reason"] = error.Reason, ["message"] = error.Message, ["field"] = error.Field });
        return new(422, "Invalid", $"{(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\" is invalid: {list}", Details(name, group, kind, [.. causes]));
    }

    private static JsonObject Details(string? name, string group, string kind, JsonArray? causes = null)
    {
        var details = new JsonObject();
        foreach (var (key, value) in new[] { ("name", name), ("group", group), ("kind", kind) })
        {
            if (!string.IsNullOrEmpty(value))
            {
                details[key] = value;
            }
        }

        if (causes is { Count: > 0 })
        {
            details["causes"] = causes;
        }

        return details;
    }
}

/// <summary>What is wrong with one field, worded as the real API server words it.</summary>
internal sealed record FieldError(string Field, string Reason, string Message)
{
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FieldError Required(string field, string? hint = null) =>
        new(field, "FieldValueRequired", hint is null ? "Required value" : $"Required value: {hint}");

    public static FieldError Invalid(string field, JsonNode? value, string problem) =>
        new(field, "FieldValueInvalid", $"Invalid value: {Show(value)}: {problem}");

    public static FieldError Type(string field, JsonNode? value, string problem) =>
        new(field, "FieldValueTypeInvalid", $"Invalid value: {Show(value)}: {problem}");

    public static FieldError Unsupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported)}");

    public static FieldError TooMany(string field, int count, long most) =>
        new(field, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items");

    public static FieldError TooLong(string field, long most) =>
        new(field, "FieldValueTooLong", $"Too long: may not be more than {most} bytes");

    public static FieldError Forbidden(string field, string problem) => new(field, "FieldValueForbidden", $"Forbidden: {problem}");

    public static FieldError Immutable(string field, JsonNode? value) => Invalid(field, value, "field is immutable");

    public static string Show(JsonNode? value) => value?.ToJsonString(Plain) ?? "null";
}
