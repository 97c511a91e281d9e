using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>Says what a request to one of the two servers is.</summary>
internal static class CallNames
{
    /// <summary>A request to the API server: a verb as RBAC knows it, and a resource.</summary>
    public static CallName OfKubernetes(HttpRequest request, byte[] body)
    {
        var rest = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["api", _, "namespaces", _, .. var path] => path,
            ["apis", _, _, "namespaces", _, .. var path] => path,
            ["api", _, .. var path] => path,
            ["apis", _, _, .. var path] => path,
            var path => path,
        };
        var (plural, name) = (rest.ElementAtOrDefault(0) ?? "", rest.ElementAtOrDefault(1) ?? "");
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

        // A new event says what it is about; a known one is named for it, with a suffix that makes it unique.
        var subject = plural != "events" ? name : name.Length > 0 ? name[..Math.Max(name.LastIndexOf('.'), 0)] : (string?)JsonNode.Parse(body)?["regarding"]?["name"] ?? "";
        return new(kind, rest is [_, _, var subresource, ..] ? $"{verb} {plural}/{subresource}" : $"{verb} {plural}", subject);
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
        var reads = ((string[])["Describe", "Get", "List", "BatchGet"]).Any(verb => operation.StartsWith(verb, StringComparison.Ordinal));
        var json = JsonNode.Parse(body)!;
        var subject = (string?)json["repositoryName"] ?? ((string?)json["resourceArn"])?.Split(":repository/")[^1] ?? (json["repositoryNames"] is JsonArray { Count: 1 } names ? (string?)names[0] : null);
        return new(reads ? CallKind.Read : CallKind.Write, operation, subject ?? "");
    }
}
