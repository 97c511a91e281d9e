using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>A path under /api or /apis, taken apart.</summary>
internal sealed record ResourcePath(ResourceType Type, string? Namespace, string? Name, string? Subresource);

/// <summary>HTTP on one side, <see cref="ResourceRegistry"/> on the other.</summary>
internal sealed class ApiRoutes(ResourceRegistry registry, WatchStreams watches, TimeProvider time, IReadOnlyDictionary<string, Func<int?, IEnumerable<string>>> logs)
{
    /// <summary>Finds the resource that a path names; null where it names none.</summary>
    public ResourcePath? Find(string[] path)
    {
        var (group, version, rest) = path switch
        {
            ["api", var v, .. var tail] => ("", v, tail),
            ["apis", var g, var v, .. var tail] => (g, v, tail),
            _ => ("", "", []),
        };
        return rest switch
        {
            [] => null,
            ["namespaces", var name] => At("namespaces", null, name, null),
            ["namespaces", var name, "status" or "finalize"] => At("namespaces", null, name, rest[2]),
            ["namespaces", var ns, var plural, .. var tail] => At(plural, ns, tail.ElementAtOrDefault(0), tail.ElementAtOrDefault(1)),
            [var plural, .. var tail] => At(plural, null, tail.ElementAtOrDefault(0), tail.ElementAtOrDefault(1)),
        };

        ResourcePath? At(string plural, string? ns, string? name, string? subresource) =>
            registry.Type(group, version, plural) is { } type && (ns is null || type.Namespaced) ? new(type, ns, name, subresource) : null;
    }

    /// <summary>The Kubernetes verb of a request.</summary>
    public static string Verb(HttpRequest request, ResourcePath path) => (request.Method, path.Name) switch
    {
        ("GET", _) when request.Query["watch"] == "true" || request.Query["watch"] == "1" => "watch",
        ("GET", null) => "list",
        ("GET", _) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", null) => "deletecollection",
        ("DELETE", _) => "delete",
        _ => throw NotAllowed(),
    };

    /// <summary>Does what a request asks for.</summary>
    /// <returns>How to answer: the writing is a step of its own, so that a fault can come in between.</returns>
    public Func<HttpContext, Task> Act(HttpContext context, ResourcePath path, string verb, byte[] body)
    {
        var (type, ns, name, subresource) = path;
        var query = context.Request.Query;
        if (subresource is not null && verb is not ("get" or "update" or "patch"))
        {
            throw NotAllowed();
        }

        if (subresource is not (null or "status" or "log") || (subresource == "status" && !type.HasStatus) || (subresource == "log" && type.Kind != "Pod"))
        {
            throw ApiException.UnknownResource();
        }

        var status = subresource == "status";
        if (query["dryRun"] is [not "All", ..])
        {
            throw ApiException.Invalid("Options", "meta.k8s.io", "", [FieldError.Unsupported("dryRun", new JsonArray((string?)query["dryRun"]), ["\"All\""])]);
        }

        var options = new WriteOptions((string?)query["fieldValidation"] ?? "Warn", query["dryRun"] == "All");
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.Append("Warning", options.Warnings.Select(warning => $"299 - \"{warning.Replace("\"", "\\\"", StringComparison.Ordinal)}\"").ToArray());
            return Task.CompletedTask;
        });
        switch (verb)
        {
            case "get" when subresource == "log":
                return answering => LogAsync(answering, registry.Get(type, ns, name!));
            case "get":
                return Shown(type, registry.Get(type, ns, name!));
            case "list":
                var at = registry.ExactVersion(query["resourceVersion"], query["resourceVersionMatch"]);
                return Shown(type, registry.List(type, ns, Selection(type, query), int.TryParse(query["limit"], out var limit) ? limit : 0, query["continue"], at));
            case "watch":
                // kubectl also watches one object by its path.
                var selector = Selector.Parse(query["labelSelector"], name is null ? query["fieldSelector"] : $"metadata.name={name}", type);
                return answering => watches.ServeAsync(answering, type, ns, selector);
            case "create":
                return Shown(type, registry.Create(type, ns, Read(body, context, type, out var created), created, options), 201);
            case "update":
                return Shown(type, registry.Replace(type, ns, name ?? throw ApiException.BadRequest("name must be provided"), status, Read(body, context, type, out var replaced), replaced, options));
            case "patch":
                return Shown(type, registry.Patch(type, ns, name!, status, MediaType(context), ReadPatch(body, context, type), options));
            case "delete":
                var preconditions = body.Length == 0 ? null : Read(body, context, type, out _)?["preconditions"] as JsonObject;
                return answering => WriteAsync(answering, 200, registry.Delete(type, ns, name!, preconditions, options.DryRun));
            default:
                var page = registry.List(type, ns, Selection(type, query));
                foreach (var item in page.Items)
                {
                    registry.Delete(type, ObjectMeta.Text(item, "namespace") is { Length: > 0 } home ? home : null, ObjectMeta.Text(item, "name"), null, options.DryRun);
                }

                return Shown(type, page);
        }
    }

    private static ApiException NotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static async Task WriteAsync(HttpContext context, int code, JsonNode body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await context.Response.WriteAsync(body.ToJsonString(FieldError.Plain), context.RequestAborted);
    }

    private Func<HttpContext, Task> Shown(ResourceType type, JsonObject item, int code = 200) => context => WriteAsync(context, code, Shape(context, type, item));

    private JsonObject Shape(HttpContext context, ResourceType type, JsonObject item) => As(context) switch
    {
        "Table" => Tables.Render(type, [item], new JsonObject { ["resourceVersion"] = ObjectMeta.Text(item, "resourceVersion") }, context.Request.Query["includeObject"], time.GetUtcNow()),
        "PartialObjectMetadata" => Tables.Partial(item),
        _ => item,
    };

    private Func<HttpContext, Task> Shown(ResourceType type, Page page) => context =>
    {
        var metadata = new JsonObject { ["continue"] = page.Continue };
        if (page.Remaining is { } remaining && string.IsNullOrEmpty(context.Request.Query["labelSelector"]) && string.IsNullOrEmpty(context.Request.Query["fieldSelector"]))
        {
            metadata["remainingItemCount"] = remaining;
        }

        metadata["resourceVersion"] = $"{page.Version}";
        return As(context) switch
        {
            "Table" => WriteAsync(context, 200, Tables.Render(type, page.Items, metadata, context.Request.Query["includeObject"], time.GetUtcNow())),
            "PartialObjectMetadata" => WriteAsync(context, 200, ListOf("PartialObjectMetadataList", "meta.k8s.io/v1", metadata, page.Items.Select(Tables.Partial))),
            _ => WriteAsync(context, 200, ListOf(type.ListKind, type.ApiVersion, metadata, page.Items.Select(item => item.DeepClone()))),
        };
    };

    private static JsonObject ListOf(string kind, string apiVersion, JsonObject metadata, IEnumerable<JsonNode> items) =>
        Discovery.Json(("kind", kind), ("apiVersion", apiVersion), ("metadata", metadata), ("items", new JsonArray([.. items])));

    private static string? As(HttpContext context)
    {
        var accept = context.Request.Headers.Accept.ToString();
        return accept.Contains("as=Table", StringComparison.Ordinal) ? "Table" : accept.Contains("as=PartialObjectMetadata", StringComparison.Ordinal) ? "PartialObjectMetadata" : null;
    }

    private static Selector Selection(ResourceType type, IQueryCollection query) => Selector.Parse(query["labelSelector"], query["fieldSelector"], type);

    private static string MediaType(HttpContext context) => (context.Request.ContentType ?? "").Split(';')[0].Trim();

    private static JsonNode? Read(byte[] body, HttpContext context, ResourceType type, out List<string> duplicates)
    {
        duplicates = [];
        try
        {
            return MediaType(context) switch
            {
                "application/yaml" => JsonReading.Yaml(Encoding.UTF8.GetString(body)).FirstOrDefault(),
                "" or "application/json" => JsonReading.Json(Encoding.UTF8.GetString(body), duplicates),
                "application/vnd.kubernetes.protobuf" => ProtobufBody.Read(body),
                _ => throw ApiException.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"),
            };
        }
        catch (Exception problem) when (problem is JsonException or YamlException or FormatException)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {type.Kind}): couldn't get version/kind; json parse error: {problem.Message}");
        }
    }

    private static JsonNode? ReadPatch(byte[] body, HttpContext context, ResourceType type)
    {
        Patches.Require(MediaType(context), type);
        try
        {
            return JsonReading.Json(Encoding.UTF8.GetString(body), []);
        }
        catch (JsonException problem)
        {
            throw ApiException.BadRequest($"error decoding patch: {problem.Message}");
        }
    }

    private async Task LogAsync(HttpContext context, JsonObject pod)
    {
        var owner = $"{ObjectMeta.Text(pod, "namespace")}/{pod["metadata"]?["labels"]?["app"]}";
        int? tail = int.TryParse(context.Request.Query["tailLines"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        context.Response.ContentType = MediaTypeNames.Text.Plain;
        foreach (var line in logs.TryGetValue(owner, out var lines) ? lines(tail) : [])
        {
            await context.Response.WriteAsync(line + "\n", context.RequestAborted);
        }
    }
}
