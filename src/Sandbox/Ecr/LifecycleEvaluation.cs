using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>What a lifecycle policy does with one image.</summary>
/// <param name="Digest">The image's digest.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="PushedAt">When it was pushed.</param>
/// <param name="RulePriority">The rule that acts on it.</param>
/// <param name="Expires">Whether it expires; otherwise it is archived.</param>
internal sealed record LifecycleVerdict(string Digest, string[] Tags, DateTimeOffset PushedAt, int RulePriority, bool Expires);

/// <summary>
/// What AWS's evaluation rules make of a policy and the images of a repository. Pulls, archived images and manifest lists are
/// not known here, so an image was last pulled when it was pushed, is of the standard storage class, and belongs to no list.
/// </summary>
internal static class LifecycleEvaluation
{
    /// <summary>The images that a policy acts on, by rule and the oldest first.</summary>
    public static IEnumerable<LifecycleVerdict> Evaluate(string policy, IEnumerable<KeyValuePair<string, EcrImage>> images, DateTimeOffset now)
    {
        var newestFirst = images.Reverse().OrderByDescending(image => image.Value.PushedAt).ToList();

        // An image whose tags a rule asks for is no concern of the rules after it, even if that rule leaves the image. Each rule
        // still counts all images that it asks for.
        var taken = new HashSet<string>();
        foreach (var rule in JsonNode.Parse(policy)!["rules"]!.AsArray().OrderBy(Priority))
        {
            var selection = rule!["selection"]!;
            var asked = newestFirst.Where(image => Asks(selection, image.Value.Tags)).ToList();
            foreach (var (digest, image) in Excess(selection, asked, now).Where(image => !taken.Contains(image.Key)).Reverse())
            {
                yield return new(digest, [.. image.Tags], image.PushedAt, (int)Priority(rule), (string?)rule["action"]!["type"] == "expire");
            }

            taken.UnionWith(asked.Select(image => image.Key));
        }
    }

    private static decimal Priority(JsonNode? rule) => (decimal)rule!["rulePriority"]!;

    private static bool Asks(JsonNode selection, ICollection<string> tags)
    {
        return (string?)selection["storageClass"] is null or "standard" && (string?)selection["tagStatus"] switch
        {
            "untagged" => tags.Count == 0,
            "any" => true,

            // Entries of a list are joined by "and": each must be met by some tag.
            _ => Entries("tagPatternList").All(pattern => tags.Any(tag => FileSystemName.MatchesSimpleExpression(pattern, tag, ignoreCase: false)))
                && Entries("tagPrefixList").All(prefix => tags.Any(tag => tag.StartsWith(prefix, StringComparison.Ordinal))),
        };

        IEnumerable<string> Entries(string list) => (selection[list]?.AsArray() ?? []).Select(entry => (string)entry!);
    }

    private static IEnumerable<KeyValuePair<string, EcrImage>> Excess(JsonNode selection, List<KeyValuePair<string, EcrImage>> newestFirst, DateTimeOffset now)
    {
        var number = (int)(decimal)selection["countNumber"]!;
        return (string?)selection["countType"] == "imageCountMoreThan"
            ? newestFirst.Skip(number)
            : newestFirst.Where(image => now - image.Value.PushedAt > TimeSpan.FromDays(number));
    }
}
