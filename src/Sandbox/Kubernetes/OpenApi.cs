using System.Text.Json.Nodes;
using static InfraOperator.Sandbox.Kubernetes.Discovery;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>OpenAPI v3 documents, as far as kubectl reads them: the schema of each kind, and that writes take <c>fieldValidation</c>.</summary>
internal static class OpenApi
{
    private const string Metadata = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    public static JsonObject Document(IReadOnlyList<ResourceType> types)
    {
        var schemas = new JsonObject { [Metadata] = ObjectMetaSchema() };
        var paths = new JsonObject();
        foreach (var type in types)
        {
            var name = string.Join('.', type.Group.Split('.').Reverse().Append(type.Version).Append(type.Kind).Where(part => part.Length > 0));
            schemas[name] = Schema(type);
            var collection = type.Group.Length == 0 ? $"/api/{type.Version}" : $"/apis/{type.ApiVersion}";
            collection += type.Namespaced ? $"/namespaces/{{namespace}}/{type.Plural}" : $"/{type.Plural}";
            paths[collection] = Json(("get", Operation(type, "list")), ("post", Operation(type, "post")));
            foreach (var item in (string[])[$"{collection}/{{name}}", .. type.HasStatus ? [$"{collection}/{{name}}/status"] : Array.Empty<string>()])
            {
                paths[item] = Json(("get", Operation(type, "get")), ("put", Operation(type, "put")), ("patch", Operation(type, "patch")));
            }
        }

        return Json(
            ("openapi", "3.0.0"), ("info", Json(("title", "infra-operator sandbox"), ("version", "v1"))),
            ("paths", paths), ("components", Json(("schemas", schemas))));
    }

    private static JsonObject Operation(ResourceType type, string action) => Json(
        ("x-kubernetes-action", action), ("x-kubernetes-group-version-kind", Kind(type)),
        ("parameters", List(["dryRun", "fieldManager", "fieldValidation"], name => Json(("name", name), ("in", "query"), ("schema", Json(("type", "string")))))),
        ("responses", Json(("200", Json(("description", "OK"))))));

    private static JsonObject Kind(ResourceType type) => Json(("group", type.Group), ("version", type.Version), ("kind", type.Kind));

    private static JsonObject Schema(ResourceType type)
    {
        var schema = (type.Schema?.Root.DeepClone() ?? Json(("type", "object"), ("description", "A built-in kind, which the sandbox keeps without a schema."))).AsObject();
        if (schema["properties"] is not JsonObject properties)
        {
            schema["properties"] = properties = [];
        }

        properties["apiVersion"] = Json(("type", "string"), ("description", "The group and version of this representation of the object."));
        properties["kind"] = Json(("type", "string"), ("description", "The kind of the object."));
        properties["metadata"] = Json(("description", "Standard object's metadata."), ("allOf", new JsonArray(Json(("$ref", $"#/components/schemas/{Metadata}")))));
        schema["x-kubernetes-group-version-kind"] = new JsonArray(Kind(type));
        return schema;
    }

    private static JsonObject ObjectMetaSchema()
    {
        var text = Json(("type", "string"));
        var texts = Json(("type", "object"), ("additionalProperties", text.DeepClone()));
        return Json(
            ("description", "ObjectMeta is metadata that all persisted resources must have."), ("type", "object"),
            ("properties", Json(
                ("name", text.DeepClone()), ("generateName", text.DeepClone()), ("namespace", text.DeepClone()), ("uid", text.DeepClone()), ("resourceVersion", text.DeepClone()),
                ("generation", Json(("type", "integer"))), ("creationTimestamp", text.DeepClone()), ("deletionTimestamp", text.DeepClone()),
                ("labels", texts), ("annotations", texts.DeepClone()), ("finalizers", Json(("type", "array"), ("items", text))))));
    }
}
