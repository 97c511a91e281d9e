using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>
/// An IAM identity policy: statements with Effect, Action and Resource, in which <c>*</c> and <c>?</c> are wildcards. Everything else
/// (conditions, NotAction, NotResource, principals) is refused: to leave it unread would be to misread the policy.
/// </summary>
public sealed class IdentityPolicy
{
    private static readonly HashSet<string> Read = ["Sid", "Effect", "Action", "Resource"];

    private readonly Statement[] _statements;

    private IdentityPolicy(Statement[] statements) => _statements = statements;

    /// <summary>The actions that the policy allows, as it spells them.</summary>
    public IReadOnlyList<string> AllowedActions => [.. _statements.Where(statement => statement.Allows).SelectMany(statement => statement.Actions)];

    /// <summary>Reads a policy.</summary>
    /// <param name="json">The document.</param>
    /// <exception cref="FormatException">It is no policy, or holds what is not evaluated here.</exception>
    public static IdentityPolicy Parse(string json)
    {
        try
        {
            var statements = JsonNode.Parse(json)?["Statement"] ?? throw new FormatException("The policy has no Statement.");
            return new([.. Many(statements).Select(ReadStatement)]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException($"The policy cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Why a caller may not do something, in AWS's words.</summary>
    /// <param name="caller">The caller's ARN.</param>
    /// <param name="action">Such as <c>ecr:CreateRepository</c>; its case does not matter.</param>
    /// <param name="resource">The resource's ARN.</param>
    /// <returns>Null where the policy allows it.</returns>
    public string? Refusal(string caller, string action, string resource)
    {
        var fitting = _statements.Where(statement => statement.Fits(action, resource)).ToArray();
        return fitting.Any(statement => !statement.Allows) ? Words(caller, action, resource, "with an explicit deny in an identity-based policy")
            : fitting.Length == 0 ? Words(caller, action, resource, $"because no identity-based policy allows the {action} action")
            : null;
    }

    /// <summary>AWS names no resource where an action is of none in particular.</summary>
    internal static string Words(string caller, string action, string resource, string why) =>
        $"User: {caller} is not authorized to perform: {action}{(resource == "*" ? "" : $" on resource: {resource}")} {why}";

    private static Statement ReadStatement(JsonNode? node)
    {
        var statement = node!.AsObject();
        if (statement.FirstOrDefault(member => !Read.Contains(member.Key)).Key is { } unread)
        {
            throw new FormatException($"A statement holds {unread}, which is not evaluated here.");
        }

        return (string?)statement["Effect"] is "Allow" or "Deny"
            ? new((string?)statement["Effect"] == "Allow", Texts(statement, "Action"), Texts(statement, "Resource"))
            : throw new FormatException("A statement's Effect is neither Allow nor Deny.");
    }

    private static string[] Texts(JsonObject statement, string member) => statement[member] is { } value
        ? [.. Many(value).Select(text => (string)text!)]
        : throw new FormatException($"A statement has no {member}.");

    private static IEnumerable<JsonNode?> Many(JsonNode value) => value as IEnumerable<JsonNode?> ?? [value];

    private sealed record Statement(bool Allows, string[] Actions, string[] Resources)
    {
        public bool Fits(string action, string resource) =>
            Actions.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, action, ignoreCase: true))
            && Resources.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, resource, ignoreCase: false));
    }
}
