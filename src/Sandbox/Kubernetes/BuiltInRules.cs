using System.Text;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>What the built-in kinds add to the rules that hold for all: only what an operator and its users notice.</summary>
internal static class BuiltInRules
{
    /// <summary>Brings an object of a built-in kind into the form it is stored in.</summary>
    /// <exception cref="FormatException">A field cannot be read.</exception>
    public static void Normalize(JsonObject body, ResourceType type)
    {
        switch (type.Kind)
        {
            case "Secret":
                body["type"] ??= "Opaque";
                ObjectMeta.Shaped<JsonObject>(body, "data");
                foreach (var (key, text) in ObjectMeta.Shaped<JsonObject>(body, "stringData") ?? [])
                {
                    ObjectMeta.RequireText(text, "stringData");
                    (body["data"] ??= new JsonObject())[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes((string?)text ?? ""));
                }

                body.Remove("stringData");
                foreach (var (_, value) in body["data"] as JsonObject ?? [])
                {
                    ObjectMeta.RequireText(value, "data");
                    var buffer = new byte[((string?)value ?? "").Length];
                    if (!Convert.TryFromBase64String((string?)value ?? "", buffer, out _))
                    {
                        throw new FormatException("illegal base64 data at input byte 0");
                    }
                }

                break;
            case "Namespace":
                body["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
                body["status"] ??= new JsonObject { ["phase"] = "Active" };
                (ObjectMeta.Of(body)["labels"] ??= new JsonObject())["kubernetes.io/metadata.name"] = ObjectMeta.Text(body, "name");
                break;
            case "CustomResourceDefinition":
                body["status"] = new JsonObject
                {
                    ["acceptedNames"] = body["spec"]?["names"]?.DeepClone(),
                    ["conditions"] = new JsonArray(Condition("NamesAccepted", "NoConflicts"), Condition("Established", "InitialNamesAccepted")),
                    ["storedVersions"] = new JsonArray([.. (body["spec"]?["versions"] as JsonArray ?? []).Where(version => (bool?)version!["storage"] == true).Select(version => version!["name"]?.DeepClone())]),
                };
                break;
        }

        static JsonObject Condition(string name, string reason) => new() { ["type"] = name, ["status"] = "True", ["reason"] = reason };
    }

    public static IEnumerable<FieldError> Validate(JsonObject body, JsonObject? old, ResourceType type) => type.Kind switch
    {
        "Secret" when old is not null && !JsonNode.DeepEquals(old["type"], body["type"]) => [FieldError.Immutable("type", body["type"])],
        "Event" => Event(body, type),
        "CustomResourceDefinition" => Definition(body),
        _ => [],
    };

    private static IEnumerable<FieldError> Event(JsonObject body, ResourceType type)
    {
        var ns = (string?)body["involvedObject"]?["namespace"];
        if (ns != ObjectMeta.Text(body, "namespace") && !(string.IsNullOrEmpty(ns) && ObjectMeta.Text(body, "namespace") == "default"))
        {
            yield return FieldError.Invalid("involvedObject.namespace", ns ?? "", "does not match event.namespace");
        }

        if (type.Group.Length == 0)
        {
            yield break;
        }

        foreach (var (field, shown) in new[] { ("eventTime", "eventTime"), ("reportingComponent", "reportingController"), ("reportingInstance", "reportingInstance"), ("action", "action"), ("reason", "reason") })
        {
            if (string.IsNullOrEmpty((string?)body[field]))
            {
                yield return FieldError.Required(shown);
            }
        }

        if ((string?)body["type"] is not ("Normal" or "Warning"))
        {
            yield return FieldError.Invalid("type", "", "has invalid value: " + (string?)body["type"]);
        }

        if (((string?)body["message"] ?? "").Length > 1024)
        {
            yield return FieldError.Invalid("message", "", "can have at most 1024 characters");
        }
    }

    private static IEnumerable<FieldError> Definition(JsonObject body)
    {
        var expected = $"{body["spec"]?["names"]?["plural"]}.{body["spec"]?["group"]}";
        if (ObjectMeta.Text(body, "name") != expected)
        {
            yield return FieldError.Invalid("metadata.name", ObjectMeta.Text(body, "name"), "must be spec.names.plural+\".\"+spec.group");
        }

        foreach (var field in new[] { "group", "scope", "names.plural", "names.kind" })
        {
            if (field.Split('.').Aggregate(body["spec"], (node, step) => (node as JsonObject)?[step]) is not JsonValue)
            {
                yield return FieldError.Required($"spec.{field}");
            }
        }

        foreach (var (version, index) in (body["spec"]?["versions"] as JsonArray ?? []).Select((version, index) => (version, index)))
        {
            if (version?["schema"]?["openAPIV3Schema"] is not JsonObject)
            {
                yield return FieldError.Required($"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required");
            }
        }
    }
}
