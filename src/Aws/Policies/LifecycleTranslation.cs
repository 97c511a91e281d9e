using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Aws.Policies;

/// <summary>Ways to write a lifecycle policy that people use and AWS spells differently.</summary>
internal static class LifecycleTranslation
{
    /// <summary>The longest month and year, so that nothing expires earlier than asked.</summary>
    private static readonly Dictionary<string, int> DaysPer = new() { ["months"] = 31, ["years"] = 366 };

    /// <summary>Letters stay letters: escaped, a description could grow beyond what AWS takes.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static LifecycleSpelling Translate(string text)
    {
        // What is no policy is told by whoever reads it; there is nothing to translate in it.
        if (!LifecyclePolicy.Parse(text).IsValid || JsonNode.Parse(text) is not JsonObject policy || policy["rules"] is not JsonArray rules)
        {
            return new(text, []);
        }

        var notes = rules.Select((rule, index) => rule is JsonObject { } some && some["selection"] is JsonObject selection ? (Selection: selection, Position: index + 1) : default)
            .Where(rule => rule.Selection is not null)
            .SelectMany(rule => Translate(rule.Selection, rule.Position))
            .ToArray();
        return new(notes.Length == 0 ? text : policy.ToJsonString(Plain), notes);
    }

    private static IEnumerable<string> Translate(JsonObject selection, int position)
    {
        if (TextOf(selection, "tagStatus") == "tagged" && IsAbsent(selection, "tagPatternList") && IsAbsent(selection, "tagPrefixList"))
        {
            selection["tagPatternList"] = new JsonArray("*");
            yield return $"lifecycle rule {position}: 'tagged' without a list of tags is sent to AWS as tagPatternList [\"*\"]";
        }

        if (TextOf(selection, "countUnit") is { } unit && DaysPer.TryGetValue(unit, out var days)
            && selection["countNumber"] is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<int>(out var number) && number is > 0 and <= 10_000)
        {
            selection["countUnit"] = "days";
            selection["countNumber"] = number * days;
            yield return $"lifecycle rule {position}: {number} {unit} are sent to AWS as {number * days} days";
        }
    }

    private static string? TextOf(JsonObject selection, string name) =>
        selection[name] is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;

    private static bool IsAbsent(JsonObject selection, string name) => selection[name] is null or JsonArray { Count: 0 };
}
