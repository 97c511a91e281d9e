using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>AWS's grammar of lifecycle policies, as documented in <c>lifecycle_policy_parameters</c> of the ECR user guide.</summary>
internal static class LifecycleRules
{
    private static readonly string[] RuleKeys = ["rulePriority", "description", "selection", "action"];
    private static readonly string[] SelectionKeys = ["tagStatus", "tagPatternList", "tagPrefixList", "storageClass", "countType", "countUnit", "countNumber"];
    private static readonly string[] ActionKeys = ["type", "targetStorageClass"];

    /// <summary>Checks a policy and spells it as AWS gives it back: rules by priority.</summary>
    public static string Store(string text)
    {
        EcrRules.CheckCount("LifecyclePolicyText", text.Length, 100, 30_720);
        try
        {
            var policy = JsonNode.Parse(text)!.AsObject();
            var rules = policy["rules"]!.AsArray().Select(rule => rule!.AsObject()).ToList();
            Check(policy.Count == 1, "object instance has properties which are not allowed by the schema");
            Check(rules.Count is >= 1 and <= 50, "rules must have 1 to 50 elements");
            foreach (var rule in rules)
            {
                CheckRule(rule);
            }

            Check(rules.Select(Priority).Distinct().Count() == rules.Count, "rulePriority must be unique");
            foreach (var storage in rules.GroupBy(Storage))
            {
                var inOrder = storage.OrderBy(Priority).ToList();
                Check(inOrder[..^1].All(rule => Status(rule) != "any"), "the rule with tagStatus=any must have the highest rulePriority and be the only one");
                Check(storage.Count(rule => Status(rule) == "untagged") <= 1, "only one rule may select tagStatus=untagged");
                var prefixes = storage.SelectMany(rule => Selection(rule)["tagPrefixList"]?.AsArray() ?? []).Select(prefix => (string)prefix!).ToList();
                Check(prefixes.Distinct().Count() == prefixes.Count, "a tag prefix may be used in one rule only");
            }

            return new JsonObject { ["rules"] = new JsonArray([.. rules.OrderBy(Priority).Select(rule => rule.DeepClone())]) }.ToJsonString();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException or FormatException or ArgumentException)
        {
            throw Failure($"string [{text[..Math.Min(text.Length, 60)]}] is not a lifecycle policy");
        }
    }

    private static void CheckRule(JsonObject rule)
    {
        var (selection, action) = (Selection(rule), rule["action"]!.AsObject());
        CheckKeys(rule, RuleKeys);
        CheckKeys(selection, SelectionKeys);
        CheckKeys(action, ActionKeys);
        var (status, countType, unit, number) = (Status(rule), (string?)selection["countType"], (string?)selection["countUnit"], (decimal)selection["countNumber"]!);
        var (patterns, prefixes) = (selection["tagPatternList"]?.AsArray(), selection["tagPrefixList"]?.AsArray());
        var (type, destination, storage) = ((string?)action["type"], (string?)action["targetStorageClass"], Storage(rule));

        Check(Priority(rule) >= 1, "numeric instance is lower than the required minimum (minimum: 1, found: 0)");
        Check(number >= 1, "numeric instance is lower than the required minimum (minimum: 1, found: 0)");
        CheckOneOf(status, "tagged", "untagged", "any");
        CheckOneOf(storage, "standard", "archive");
        CheckOneOf(countType, "imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned");
        CheckOneOf(type, "expire", "transition");
        Check(status == "tagged" ? (patterns is { Count: > 0 }) != (prefixes is { Count: > 0 }) : patterns is null && prefixes is null,
            "tagged needs exactly one of tagPatternList and tagPrefixList; untagged and any take neither");
        Check((patterns ?? []).All(pattern => ((string)pattern!).Count(c => c == '*') <= 4), "a pattern may have at most four wildcards");
        if (countType == "imageCountMoreThan")
        {
            Check(unit is null, "countUnit is not allowed with imageCountMoreThan");
        }
        else
        {
            CheckOneOf(unit, "days");
        }

        Check(type == "transition" ? destination == "archive" : destination is null, "targetStorageClass must be archive with transition, and absent with expire");
        Check(countType != "sinceImagePulled" || type == "transition", "sinceImagePulled is only for transition");
        Check(countType == "sinceImageTransitioned" ? type == "expire" && storage == "archive" && number >= 90 : storage == "standard",
            "archived images can only expire, 90 days or more after their transition");
    }

    private static decimal Priority(JsonObject rule) => (decimal)rule["rulePriority"]!;

    private static JsonObject Selection(JsonObject rule) => rule["selection"]!.AsObject();

    private static string? Status(JsonObject rule) => (string?)Selection(rule)["tagStatus"];

    private static string Storage(JsonObject rule) => (string?)Selection(rule)["storageClass"] ?? "standard";

    private static void CheckKeys(JsonObject instance, string[] known) =>
        Check(instance.All(member => known.Contains(member.Key)), $"object instance has properties which are not allowed by the schema: [{string.Join(", ", instance.Select(member => member.Key).Except(known).Select(key => $"\"{key}\""))}]");

    private static void CheckOneOf(string? value, params string[] known) =>
        Check(value is not null && known.Contains(value), $"instance value (\"{value}\") not found in enum (possible values: [{string.Join(",", known.Select(one => $"\"{one}\""))}])");

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Failure(otherwise);
        }
    }

    private static EcrError Failure(string reason) => EcrError.Invalid("LifecyclePolicyText", $"Lifecycle policy validation failure: {reason}");
}
