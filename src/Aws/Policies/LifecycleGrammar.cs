using System.Text.Json;

namespace InfraOperator.Aws.Policies;

/// <summary>
/// What of a lifecycle policy can be known to be wrong without asking AWS, rule by rule. What only AWS can judge, such as keys
/// that this version does not know, passes.
/// </summary>
internal static class LifecycleGrammar
{
    private const int MaxRules = 50;
    private const int MinCharacters = 100;
    private const int MaxCharacters = 30_720;
    private const string ImageCount = "imageCountMoreThan";
    private static readonly string[] Ages = ["sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"];

    /// <summary>Each problem as a sentence that names rule and field and says the mend; none where AWS may be asked.</summary>
    /// <param name="text">The policy as AWS would get it.</param>
    /// <param name="policy">The same, read.</param>
    public static IEnumerable<string> Problems(string text, JsonElement policy)
    {
        if (text.Length is < MinCharacters or > MaxCharacters)
        {
            yield return $"the policy has {text.Length} characters; AWS takes {MinCharacters} to {MaxCharacters}";
        }

        if (!policy.TryGetProperty("rules", out var list) || list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxRules)
        {
            yield return $"rules: must be a list of 1 to {MaxRules} rules";
            yield break;
        }

        var rules = list.EnumerateArray().Select((json, index) => new Rule(json, index + 1)).ToArray();
        foreach (var problem in rules.SelectMany(RuleProblems).Concat(OrderProblems(rules)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> RuleProblems(Rule rule)
    {
        if (rule.Priority is not >= 1)
        {
            yield return rule.Says("rulePriority", "must be a whole number from 1");
        }

        var hasPrefixes = rule.ListLength("tagPrefixList") > 0;
        var hasPatterns = rule.ListLength("tagPatternList") > 0;
        switch (rule.TagStatus)
        {
            case "tagged" when hasPrefixes && hasPatterns:
                yield return rule.Says("selection", "has both tagPrefixList and tagPatternList; take one out");
                break;
            case "untagged" or "any" when hasPrefixes || hasPatterns:
                yield return rule.Says("selection", $"has a list of tags, which tagStatus '{rule.TagStatus}' does not take; take the list out, or write 'tagged'");
                break;
            case not ("tagged" or "untagged" or "any"):
                yield return rule.Says("selection.tagStatus", "must be tagged, untagged or any");
                break;
        }

        var unit = rule.Text("selection", "countUnit");
        switch (rule.Text("selection", "countType"))
        {
            case ImageCount when unit is not null:
                yield return rule.Says("selection.countUnit", $"does not go with {ImageCount}; take it out");
                break;
            case { } age when Ages.Contains(age) && unit is not "days":
                yield return rule.Says("selection.countUnit", "must be days");
                break;
            case { } other when other != ImageCount && !Ages.Contains(other):
            case null:
                yield return rule.Says("selection.countType", $"must be one of {ImageCount}, {string.Join(", ", Ages)}");
                break;
        }

        if (rule.Number("selection", "countNumber") is not >= 1)
        {
            yield return rule.Says("selection.countNumber", "must be a whole number from 1");
        }

        if (rule.Text("action", "type") is not ("expire" or "transition"))
        {
            yield return rule.Says("action.type", "must be expire or transition");
        }
    }

    private static IEnumerable<string> OrderProblems(Rule[] rules)
    {
        foreach (var same in rules.Where(rule => rule.Priority is not null).GroupBy(rule => rule.Priority).Where(same => same.Count() > 1))
        {
            yield return same.Last().Says("rulePriority", $"{same.Key} is that of rule {same.First().Position} too; each rule needs its own");
        }

        foreach (var storage in rules.GroupBy(rule => rule.StorageClass))
        {
            if (storage.Where(rule => rule.TagStatus == "any").ToArray() is [var first, var second, ..])
            {
                yield return second.Says("selection.tagStatus", $"'any' is already in rule {first.Position}; AWS takes one per storage class");
            }
            else if (storage.FirstOrDefault(rule => rule.TagStatus == "any") is { } any && storage.FirstOrDefault(rule => rule.Priority > any.Priority) is { } behind)
            {
                yield return any.Says("selection.tagStatus", $"'any' must come last, and rule {behind.Position} has a higher rulePriority; give this rule the highest");
            }
        }
    }

    private sealed class Rule(JsonElement json, int position)
    {
        public int Position => position;

        public decimal? Priority => Whole(Member(json, "rulePriority"));

        public string? TagStatus => Text("selection", "tagStatus");

        public string StorageClass => Text("selection", "storageClass") ?? "standard";

        public string Says(string field, string words) => $"rule {position}, {field}: {words}";

        public string? Text(string part, string name) => Member(Member(json, part), name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

        public decimal? Number(string part, string name) => Whole(Member(Member(json, part), name));

        public int ListLength(string name) => Member(Member(json, "selection"), name) is { ValueKind: JsonValueKind.Array } list ? list.GetArrayLength() : 0;

        private static JsonElement? Member(JsonElement? parent, string name) =>
            parent is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var member) ? member : null;

        private static decimal? Whole(JsonElement? json) =>
            json is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) && decimal.IsInteger(value) ? value : null;
    }
}
