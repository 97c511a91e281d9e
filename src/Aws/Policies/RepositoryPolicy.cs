using System.Text.Json;
using System.Text.RegularExpressions;
using InfraOperator.Aws.Policies;

namespace InfraOperator.Aws;

/// <summary>Repository policies, compared as IAM reads them.</summary>
public static partial class RepositoryPolicy
{
    /// <summary>What IAM assumes where a policy names no version.</summary>
    private const string DefaultVersion = "2008-10-17";

    /// <summary>
    /// Reads a policy. Its normal form does not depend on white space, on the order of keys, statements or lists, on whether a
    /// single value stands in a list, on the case of actions and of a condition's operators and keys, on whether an account is
    /// written as its id or as its root ARN, on whether everybody is <c>"*"</c> or <c>{"AWS":"*"}</c>, on whether a statement is
    /// repeated, nor on names and conditions that are empty. All else counts, keys that this version does not know included.
    /// </summary>
    /// <param name="text">The policy's JSON, from anywhere; nothing is thrown for garbage.</param>
    public static PolicyParse Parse(string text) => PolicyDocument.Parse(text, Normalize);

    private static string Normalize(JsonElement policy)
    {
        var members = policy.EnumerateObject().Where(member => member.Name != "Id" || !IsEmptyText(member.Value)).Select(member => (member.Name, Value: member.Name switch
        {
            "Statement" => CanonicalJson.Set(Each(member.Value).Select(Statement)),
            _ => CanonicalJson.Of(member.Value),
        }));
        return CanonicalJson.Object(policy.TryGetProperty("Version", out _) ? members : members.Append(("Version", CanonicalJson.Text(DefaultVersion))));
    }

    private static string Statement(JsonElement statement) => statement.ValueKind is not JsonValueKind.Object
        ? CanonicalJson.Of(statement)
        : CanonicalJson.Object(statement.EnumerateObject()
            .Where(member => member.Name switch
            {
                "Sid" => !IsEmptyText(member.Value),
                "Condition" => member.Value.ValueKind is not JsonValueKind.Object || !member.Value.EnumerateObject().All(keys => IsEmpty(keys.Value)),
                _ => true,
            })
            .Select(member => (member.Name, member.Name switch
            {
                "Action" or "NotAction" => CanonicalJson.Set(Each(member.Value).Select(action => CanonicalJson.Of(action).ToLowerInvariant())),
                "Resource" or "NotResource" => CanonicalJson.Set(Each(member.Value).Select(CanonicalJson.Of)),
                "Principal" or "NotPrincipal" => Principal(member.Value),
                "Condition" => Lowered(member.Value, keys => IsEmpty(keys) ? null : Lowered(keys, values => CanonicalJson.Set(Each(values).Select(AsText)))),
                _ => CanonicalJson.Of(member.Value),
            })));

    private static string Principal(JsonElement principal) => principal switch
    {
        { ValueKind: JsonValueKind.String } when principal.GetString() == "*" => """{"AWS":["*"]}""",
        { ValueKind: JsonValueKind.Object } => CanonicalJson.Object(principal.EnumerateObject()
            .Where(kind => kind.Value.ValueKind is not JsonValueKind.Array || kind.Value.GetArrayLength() > 0)
            .Select(kind => (kind.Name, CanonicalJson.Set(Each(kind.Value).Select(who => kind.Name == "AWS" ? Account(who) : CanonicalJson.Of(who)))))),
        _ => CanonicalJson.Of(principal),
    };

    private static string Account(JsonElement who) =>
        who.ValueKind is JsonValueKind.String && RootArn().Match(who.GetString()!) is { Success: true } root
            ? CanonicalJson.Text(root.Groups["account"].Value)
            : CanonicalJson.Of(who);

    /// <summary>An object whose keys IAM reads in any case, without members that come to nothing. Keys that then collide are left as they are: IAM has no rule for them.</summary>
    private static string Lowered(JsonElement value, Func<JsonElement, string?> inner)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return CanonicalJson.Of(value);
        }

        var members = value.EnumerateObject().Select(member => (member.Name, Value: inner(member.Value)!)).Where(member => member.Value is not null).ToList();
        var collide = members.DistinctBy(member => member.Name.ToLowerInvariant()).Count() < members.Count;
        return CanonicalJson.Object(collide ? members : members.Select(member => (member.Name.ToLowerInvariant(), member.Value)));
    }

    /// <summary>IAM compares a condition's values as text.</summary>
    private static string AsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => CanonicalJson.Text(CanonicalJson.Number(value.GetRawText())),
        JsonValueKind.True or JsonValueKind.False => CanonicalJson.Text(value.GetRawText()),
        _ => CanonicalJson.Of(value),
    };

    private static bool IsEmpty(JsonElement value) => value.ValueKind is JsonValueKind.Object && !value.EnumerateObject().Any();

    private static bool IsEmptyText(JsonElement value) => value.ValueKind is JsonValueKind.String && value.GetString() == "";

    private static IEnumerable<JsonElement> Each(JsonElement value) => value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : [value];

    [GeneratedRegex("^arn:[a-z-]+:iam::(?<account>[0-9]{12}):root\\z", RegexOptions.CultureInvariant)]
    private static partial Regex RootArn();
}
