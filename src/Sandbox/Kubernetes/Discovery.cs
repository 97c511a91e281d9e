using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>What the server says about itself: groups, resources, version, and schemas for <c>kubectl explain</c> and field validation.</summary>
internal sealed class Discovery(ResourceRegistry registry)
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>The answer to a path that is no resource; null where there is none.</summary>
    public JsonNode? Answer(string[] path) => path switch
    {
        ["version"] => Json(("major", "1"), ("minor", "33"), ("gitVersion", "v1.33.0+sandbox"), ("platform", "dotnet")),
        ["api"] => Json(("kind", "APIVersions"), ("versions", new JsonArray("v1"))),
        ["apis"] => Json(("kind", "APIGroupList"), ("apiVersion", "v1"), ("groups", List(Groups(), Group))),
        ["api", var version] when Served("", version) is { Count: > 0 } types => Resources(types),
        ["apis", var group] when Groups().Contains(group) => Group(group),
        ["apis", var group, var version] when Served(group, version) is { Count: > 0 } types => Resources(types),
        ["openapi", "v3"] => Json(("paths", Paths())),
        ["openapi", "v3", "api", var version] when Served("", version) is { Count: > 0 } types => OpenApi.Document(types),
        ["openapi", "v3", "apis", var group, var version] when Served(group, version) is { Count: > 0 } types => OpenApi.Document(types),
        _ => null,
    };

    private IReadOnlyList<string> Groups() => [.. registry.Types.Select(type => type.Group).Where(group => group.Length > 0).Distinct()];

    private List<ResourceType> Served(string group, string version) => [.. registry.Types.Where(type => type.Group == group && type.Version == version)];

    private JsonObject Paths() => new(registry.Types.Select(type => type.Group.Length == 0 ? $"api/{type.ApiVersion}" : $"apis/{type.ApiVersion}").Distinct()
        .Select(path => KeyValuePair.Create(path, (JsonNode?)Json(("serverRelativeURL", $"/openapi/v3/{path}")))));

    private JsonObject Group(string group)
    {
        var versions = registry.Types.Where(type => type.Group == group).Select(type => type.Version).Distinct().ToList();
        return Json(
            ("kind", "APIGroup"), ("apiVersion", "v1"), ("name", group),
            ("versions", List(versions, Version)), ("preferredVersion", Version(versions[0])));

        JsonObject Version(string version) => Json(("groupVersion", $"{group}/{version}"), ("version", version));
    }

    private static JsonObject Resources(List<ResourceType> types) => Json(
        ("kind", "APIResourceList"), ("apiVersion", "v1"), ("groupVersion", types[0].ApiVersion),
        ("resources", new JsonArray([.. types.SelectMany(Names)])));

    private static IEnumerable<JsonNode> Names(ResourceType type)
    {
        yield return Json(
            ("name", type.Plural), ("singularName", type.Singular), ("namespaced", type.Namespaced), ("kind", type.Kind), ("verbs", List(Verbs, verb => verb)),
            ("shortNames", List(type.ShortNames, name => name)), ("categories", List(type.Categories, name => name)));
        if (type.HasStatus)
        {
            yield return Sub("status", "get", "patch", "update");
        }

        if (type.Kind == "Pod")
        {
            yield return Sub("log", "get");
        }

        JsonObject Sub(string name, params string[] verbs) => Json(
            ("name", $"{type.Plural}/{name}"), ("singularName", ""), ("namespaced", type.Namespaced), ("kind", type.Kind), ("verbs", List(verbs, verb => verb)));
    }

    public static JsonObject Json(params (string Name, JsonNode? Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    public static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode> each) => [.. items.Select(each)];
}
