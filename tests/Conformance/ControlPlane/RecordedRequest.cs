using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using InfraOperator.Sandbox.Ecr;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>A request that the control plane made.</summary>
/// <param name="Operation">
/// Of AWS its name, such as <c>CreateRepository</c>; of Kubernetes verb and resource, such as <c>patch ecrrepositories/status</c>.
/// </param>
/// <param name="Namespace">The Kubernetes namespace of the path; empty for AWS.</param>
/// <param name="Name">The Kubernetes object, also of one that an event regards, or the AWS repository, of several the first; empty where there is none.</param>
/// <param name="AccessKeyId">Who signed a request to AWS; empty for Kubernetes.</param>
/// <param name="Body">The body as sent.</param>
/// <param name="Region">The region that a request to AWS is signed for; empty for Kubernetes.</param>
/// <param name="Group">The Kubernetes API group; empty for the core group, and for AWS.</param>
public sealed partial record RecordedRequest(string Operation, string Namespace, string Name, string AccessKeyId, string Body, string Region = "", string Group = "")
{
    /// <summary>The operation that reads what the API server tells of its kinds. It is of no resource: who is authenticated may read it.</summary>
    public const string ReadOfDocument = "get openapi";

    /// <summary>Whether the request changes something, if it is served.</summary>
    public bool IsWrite => !Reads().IsMatch(Operation);

    /// <summary>The IAM actions that a request to AWS takes; none where it takes none, or a trust policy decides.</summary>
    public IReadOnlyList<string> Actions => Operation switch
    {
        "GetCallerIdentity" or "AssumeRoleWithWebIdentity" => [],
        "AssumeRole" when Body.Contains("&Tags.member.", StringComparison.Ordinal) => ["sts:AssumeRole", "sts:TagSession"],
        "AssumeRole" => ["sts:AssumeRole"],
        _ => EcrPermissions.ActionsOf(Operation, Body),
    };

    public static RecordedRequest Of(HttpRequest request, string body)
    {
        var target = request.Headers["X-Amz-Target"].ToString();
        var credential = Credential().Match(request.Headers.Authorization.ToString());
        var (key, region) = (credential.Groups[1].Value, credential.Groups[2].Value);
        return target.Length > 0 ? new(target[(target.IndexOf('.', StringComparison.Ordinal) + 1)..], "", RepositoryOf(body), key, body, region)
            : request.Path.Value is null or "/" ? new(QueryHelpers.ParseQuery(body).GetValueOrDefault("Action").ToString(), "", "", key, body, region)
            : OfKubernetes(request, body);
    }

    private static RecordedRequest OfKubernetes(HttpRequest request, string body)
    {
        // /api/v1/… or /apis/group/version/…, then namespaces/NAME/… where the kind has one.
        var path = request.Path.Value!.Trim('/').Split('/');
        if (path[0] == "openapi")
        {
            return new(ReadOfDocument, "", "", "", body);
        }

        var rest = path.Skip(path[0] == "api" ? 2 : 3).ToArray();
        var ns = "";
        if (rest is ["namespaces", var given, _, ..])
        {
            (ns, rest) = (given, rest[2..]);
        }

        var resource = rest is [var plural, _, var subresource, ..] ? $"{plural}/{subresource}" : rest is [var only, ..] ? only : "";
        var name = rest is [_, var named, ..] ? named : SelectedBy().Match(request.Query["fieldSelector"].ToString()).Groups[1].Value;
        var verb = request.Method switch
        {
            "GET" when request.Query["watch"] == "true" => "watch",
            "GET" => rest.Length > 1 ? "get" : "list",
            "POST" => "create",
            var other => other.ToLowerInvariant(),
        };
        return new($"{verb} {resource}", ns, resource == "events" && body.Length > 0 ? RegardedBy(body) : name, "", body, Group: path[0] == "api" ? "" : path[1]);
    }

    private static string RegardedBy(string body) => (string?)JsonNode.Parse(body)?["regarding"]?["name"] ?? "";

    private static string RepositoryOf(string body)
    {
        var request = JsonNode.Parse(body.Length == 0 ? "{}" : body) as JsonObject;
        return (string?)request?["repositoryName"]
            ?? ((string?)request?["resourceArn"])?.Split(":repository/")[^1]
            ?? (string?)(request?["repositoryNames"] as JsonArray)?.FirstOrDefault()
            ?? ((string?)(request?["ResourceARNList"] as JsonArray)?.FirstOrDefault())?.Split(":repository/")[^1]
            ?? "";
    }

    [GeneratedRegex("^(get|list|watch) |^(Get|List|Describe)|^StartLifecyclePolicyPreview$")]
    private static partial Regex Reads();

    [GeneratedRegex("^spec.repositoryName=(.+)$")]
    private static partial Regex SelectedBy();

    [GeneratedRegex("Credential=([^/]+)/[^/]+/([^/]+)/")]
    private static partial Regex Credential();
}
