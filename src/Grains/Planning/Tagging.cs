using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>How many tags a repository bears, as AWS counts: its own are not counted.</summary>
internal static class Tagging
{
    public static int Count(IEnumerable<string> keys) =>
        keys.Distinct(StringComparer.Ordinal).Count(key => !key.StartsWith(ApiNames.AwsTagPrefix, StringComparison.OrdinalIgnoreCase));

    public static bool HasRoom(ImmutableSortedDictionary<string, string> tags, string key) =>
        Count(tags.Keys.Append(key)) <= Planner.MaxTags;
}
