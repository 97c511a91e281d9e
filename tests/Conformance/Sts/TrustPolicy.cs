using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Sts;

/// <summary>
/// The trust policy of a role: statements with Effect, Principal, Action and the conditions StringEquals and StringLike. Everything
/// else is refused: to leave it unread would be to misread the policy.
/// </summary>
public sealed class TrustPolicy
{
    private static readonly HashSet<string> Read = ["Sid", "Effect", "Principal", "Action", "Condition"];

    private readonly Statement[] _statements;

    private TrustPolicy(Statement[] statements) => _statements = statements;

    /// <param name="json">The document.</param>
    /// <exception cref="FormatException">It is no trust policy, or holds what is not evaluated here.</exception>
    public static TrustPolicy Parse(string json)
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

    /// <summary>Whether the policy lets somebody do something.</summary>
    /// <param name="kind">How the policy names such principals: <c>AWS</c>, <c>Federated</c> or <c>Service</c>.</param>
    /// <param name="principals">All the names that mean this one.</param>
    /// <param name="action">Such as <c>sts:AssumeRole</c>.</param>
    /// <param name="context">The request's condition keys and their values.</param>
    public bool Allows(string kind, IReadOnlyCollection<string> principals, string action, IReadOnlyDictionary<string, string> context)
    {
        var fitting = _statements.Where(statement => statement.Fits(kind, principals, action, context)).ToArray();
        return fitting.Length > 0 && fitting.All(statement => statement.Allows);
    }

    private static Statement ReadStatement(JsonNode? node)
    {
        var statement = node!.AsObject();
        if (statement.FirstOrDefault(member => !Read.Contains(member.Key)).Key is { } unread)
        {
            throw new FormatException($"A statement holds {unread}, which is not evaluated here.");
        }

        var effect = (string?)statement["Effect"];
        return effect is "Allow" or "Deny"
            ? new(
                effect == "Allow",
                [.. from member in Members(statement, "Principal") from name in Texts(member.Value) select (member.Key, name)],
                [.. Texts(statement["Action"] ?? throw new FormatException("A statement has no Action."))],
                statement["Condition"] is null ? [] : [.. Members(statement, "Condition").SelectMany(test => ReadConditions(test.Key, test.Value))])
            : throw new FormatException("A statement's Effect is neither Allow nor Deny.");
    }

    private static IEnumerable<Condition> ReadConditions(string test, JsonNode? keys) => test is "StringEquals" or "StringLike"
        ? keys!.AsObject().Select(key => new Condition(key.Key, test == "StringLike", [.. Texts(key.Value)]))
        : throw new FormatException($"A statement holds the condition {test}, which is not evaluated here.");

    private static JsonObject Members(JsonObject statement, string member) =>
        statement[member] as JsonObject ?? throw new FormatException($"A statement's {member} is no object.");

    private static IEnumerable<string> Texts(JsonNode? value) => Many(value!).Select(text => (string)text!);

    private static IEnumerable<JsonNode?> Many(JsonNode value) => value as IEnumerable<JsonNode?> ?? [value];

    private sealed record Condition(string Key, bool IsPattern, string[] Values)
    {
        // A key that the request does not have is like no value.
        public bool Holds(IReadOnlyDictionary<string, string> context) => context.TryGetValue(Key, out var value)
            && Values.Any(wanted => IsPattern ? FileSystemName.MatchesSimpleExpression(wanted, value, ignoreCase: false) : wanted == value);
    }

    private sealed record Statement(bool Allows, (string Kind, string Name)[] Principals, string[] Actions, Condition[] Conditions)
    {
        public bool Fits(string kind, IReadOnlyCollection<string> principals, string action, IReadOnlyDictionary<string, string> context) =>
            Principals.Any(principal => principal.Kind == kind && principals.Contains(principal.Name))
            && Actions.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, action, ignoreCase: true))
            && Conditions.All(condition => condition.Holds(context));
    }
}
