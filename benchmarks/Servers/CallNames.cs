using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>Says what a request to one of the two servers is.</summary>
internal static class CallNames
{
    /// <summary>A request to the API server: a verb as RBAC knows it, and a resource.</summary>
    public static CallName OfKubernetes(HttpRequest request, byte[] body)
    {
        var path = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path is not (["api", _, ..] or ["apis", _, _, ..]))
        {
            return new(CallKind.Read, $"{request.Method} {request.Path}", "");
        }

        var rest = path[(path[0] == "api" ? 2 : 3)..];
        rest = rest is ["namespaces", _, _, ..] ? rest[2..] : rest;
        var (plural, name) = (rest.ElementAtOrDefault(0) ?? "", rest.ElementAtOrDefault(1) ?? "");
        var resource = rest is [_, _, var subresource, ..] ? $"{plural}/{subresource}" : plural;
        var verb = request.Method switch
        {
            "GET" when request.Query["watch"] == "true" => "watch",
            "GET" => name.Length > 0 ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            var method => method.ToLowerInvariant(),
        };
        var kind = verb switch
        {
            "watch" => CallKind.Watch,
            "get" or "list" => CallKind.Read,
            _ => plural == "events" ? CallKind.Event : CallKind.Write,
        };
        var subject = (plural, name) switch
        {
            ("events", "") => (string?)JsonNode.Parse(body)?["regarding"]?["name"] ?? "",

            // An event is named for its object, with a suffix that makes it unique.
            ("events", _) => name[..Math.Max(name.LastIndexOf('.'), 0)],
            _ => name,
        };
        return new(kind, $"{verb} {resource}", subject);
    }

    /// <summary>A request to AWS: the operation, as JSON services (ECR) and query services (STS) name it.</summary>
    public static CallName OfAws(HttpRequest request, byte[] body)
    {
        if (request.Headers["X-Amz-Target"].ToString() is not { Length: > 0 } target)
        {
            var action = Encoding.UTF8.GetString(body).Split('&').FirstOrDefault(pair => pair.StartsWith("Action=", StringComparison.Ordinal));
            return new(CallKind.Read, action?["Action=".Length..] ?? $"{request.Method} {request.Path}", "");
        }

        var operation = target[(target.LastIndexOf('.') + 1)..];
        var kind = operation.StartsWith("Describe", StringComparison.Ordinal) || operation.StartsWith("Get", StringComparison.Ordinal) || operation.StartsWith("List", StringComparison.Ordinal)
            ? CallKind.Read
            : CallKind.Write;
        using var json = JsonDocument.Parse(body);
        return new(kind, operation, SubjectOf(json.RootElement));
    }

    private static string SubjectOf(JsonElement request)
    {
        if (request.TryGetProperty("repositoryName", out var name))
        {
            return name.GetString() ?? "";
        }

        if (request.TryGetProperty("resourceArn", out var arn))
        {
            return arn.GetString()!.Split(":repository/")[^1];
        }

        return request.TryGetProperty("repositoryNames", out var names) && names.GetArrayLength() == 1 ? names[0].GetString() ?? "" : "";
    }
}
