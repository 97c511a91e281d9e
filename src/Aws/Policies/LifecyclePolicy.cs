using System.Text.Json;
using InfraOperator.Aws.Policies;

namespace InfraOperator.Aws;

/// <summary>A lifecycle policy in AWS's spelling.</summary>
/// <param name="Text">The policy's JSON; the given text where nothing had to be changed.</param>
/// <param name="Notes">What was changed, a sentence each, for the person who wrote it.</param>
public sealed record LifecycleSpelling(string Text, IReadOnlyList<string> Notes);

/// <summary>Lifecycle policies, compared by what they do.</summary>
public static class LifecyclePolicy
{
    /// <summary>
    /// Reads a policy. Its normal form does not depend on white space, on the order of keys, rules or tag lists, on how numbers
    /// are spelled, nor on whether a default (an empty description, an empty list, the storage class <c>standard</c>) is written
    /// down. All else counts, keys that this version does not know included.
    /// </summary>
    /// <param name="text">The policy's JSON, from anywhere; nothing is thrown for garbage.</param>
    public static PolicyParse Parse(string text) => PolicyDocument.Parse(text, Normalize);

    /// <summary>Reads a policy that is to be put. It has an error also where AWS is known to refuse it; the error names each rule, field and mend.</summary>
    /// <param name="text">The policy's JSON in AWS's spelling.</param>
    public static PolicyParse ParseWanted(string text)
    {
        var parsed = Parse(text);
        if (!parsed.IsValid)
        {
            return parsed;
        }

        using var policy = JsonDocument.Parse(text);
        return string.Join("; ", LifecycleGrammar.Problems(text, policy.RootElement)) is { Length: > 0 } problems ? PolicyParse.Broken(problems) : parsed;
    }

    /// <summary>
    /// Spells a policy as AWS wants it: <c>tagged</c> without a list of tags gets the pattern <c>*</c>; <c>months</c> and
    /// <c>years</c> become days, 31 and 366 each, so that nothing expires earlier than asked.
    /// </summary>
    /// <param name="text">The policy's JSON, from anywhere; what is no policy comes back as it is.</param>
    public static LifecycleSpelling Spell(string text) => LifecycleTranslation.Translate(text);

    private static string Normalize(JsonElement policy) => CanonicalJson.Object(policy.EnumerateObject().Select(member => (member.Name, member switch
    {
        { Name: "rules", Value: { ValueKind: JsonValueKind.Array } rules } => CanonicalJson.List(rules.EnumerateArray()
            .Select(rule => (Priority: Priority(rule), Text: Rule(rule)))
            .OrderBy(rule => rule.Priority).ThenBy(rule => rule.Text, StringComparer.Ordinal)
            .Select(rule => rule.Text)),
        _ => CanonicalJson.Of(member.Value),
    })));

    /// <summary>AWS answers rules in this order; the text behind it settles what AWS would refuse.</summary>
    private static decimal Priority(JsonElement rule) =>
        rule.ValueKind is JsonValueKind.Object && rule.TryGetProperty("rulePriority", out var priority)
        && priority.ValueKind is JsonValueKind.Number && priority.TryGetDecimal(out var number) ? number : decimal.MaxValue;

    private static string Rule(JsonElement rule) => rule.ValueKind is not JsonValueKind.Object
        ? CanonicalJson.Of(rule)
        : CanonicalJson.Object(rule.EnumerateObject()
            .Where(member => member is not { Name: "description", Value: { ValueKind: JsonValueKind.String } words } || words.GetString() != "")
            .Select(member => (member.Name, member is { Name: "selection", Value.ValueKind: JsonValueKind.Object } ? Selection(member.Value) : CanonicalJson.Of(member.Value))));

    private static string Selection(JsonElement selection) => CanonicalJson.Object(selection.EnumerateObject()
        .Where(member => !IsDefault(member))
        .Select(member => (member.Name, member is { Name: "tagPatternList" or "tagPrefixList", Value.ValueKind: JsonValueKind.Array }
            ? CanonicalJson.Set(member.Value.EnumerateArray().Select(CanonicalJson.Of))
            : CanonicalJson.Of(member.Value))));

    private static bool IsDefault(JsonProperty member) => member switch
    {
        { Name: "tagPatternList" or "tagPrefixList", Value: { ValueKind: JsonValueKind.Array } list } => list.GetArrayLength() == 0,
        { Name: "storageClass", Value: { ValueKind: JsonValueKind.String } storage } => storage.GetString() == "standard",
        _ => false,
    };
}
