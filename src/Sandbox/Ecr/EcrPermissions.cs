using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>
/// Which access keys may do what: a key without a policy may do everything, as may the sessions of assumed roles. STS asks for no
/// permission here.
/// </summary>
public sealed class EcrPermissions
{
    private const string ReadOfTags = "tag:GetResources";

    private readonly ConcurrentDictionary<string, IdentityPolicy> _policies = new();

    /// <summary>From now on an access key may do what its policy allows, and nothing else.</summary>
    /// <param name="accessKeyId">The access key.</param>
    /// <param name="policy">The policy; null lets the key do everything again.</param>
    public void Set(string accessKeyId, IdentityPolicy? policy)
    {
        if (policy is null)
        {
            _policies.TryRemove(accessKeyId, out _);
        }
        else
        {
            _policies[accessKeyId] = policy;
        }
    }

    /// <summary>Why a call to ECR or to the tagging API is denied, in AWS's words.</summary>
    /// <param name="accessKeyId">Who signed it.</param>
    /// <param name="caller">The signer's ARN.</param>
    /// <param name="operation">Such as <c>CreateRepository</c>.</param>
    /// <param name="repositories">What stands before a repository's name in its ARN, such as <c>arn:aws:ecr:us-east-1:000000000000:repository/</c>.</param>
    /// <param name="body">The request's body.</param>
    /// <returns>Null where the call is allowed.</returns>
    public string? Refusal(string accessKeyId, string caller, string operation, string repositories, string body) =>
        _policies.TryGetValue(accessKeyId, out var policy)
            ? ActionsOf(operation, body)
                .SelectMany(action => ResourcesOf(action, repositories, body).Select(resource => policy.Refusal(caller, action, resource)))
                .FirstOrDefault(refusal => refusal is not null)
            : null;

    /// <summary>The permissions that a call to ECR or to the tagging API takes. To create a repository with tags is to tag it as well.</summary>
    /// <param name="operation">Such as <c>CreateRepository</c>.</param>
    /// <param name="body">The request's body.</param>
    public static IReadOnlyList<string> ActionsOf(string operation, string body) => operation switch
    {
        "GetResources" => [ReadOfTags],
        "CreateRepository" when Parse(body)?["tags"] is JsonArray { Count: > 0 } => ["ecr:CreateRepository", "ecr:TagResource"],
        _ => [$"ecr:{operation}"],
    };

    /// <summary>The names of the repositories that a request is about; <c>*</c> where it names none and so is about all.</summary>
    internal static IReadOnlyList<string> NamesIn(string body)
    {
        var request = Parse(body);
        var one = Text(request?["repositoryName"]) ?? Text(request?["resourceArn"])?.Split(":repository/")[^1];
        return one is not null ? [one]
            : request?["repositoryNames"] is JsonArray { Count: > 0 } many ? [.. many.Select(Text).OfType<string>()]
            : ["*"];
    }

    /// <summary>The tagging API is allowed as a whole or not at all, whatever it is asked about.</summary>
    private static IEnumerable<string> ResourcesOf(string action, string repositories, string body) =>
        action == ReadOfTags ? ["*"] : NamesIn(body).Select(name => repositories + name);

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? (string?)node : null;

    // What is no JSON is refused for that, not for want of a permission.
    private static JsonObject? Parse(string body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
