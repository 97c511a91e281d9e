using System.Text.RegularExpressions;
using InfraOperator.Conformance;

namespace InfraOperator.Integration.Image;

/// <summary>What <c>.dockerignore</c> lets into a build.</summary>
internal static class BuildContext
{
    private static readonly (bool Included, Regex Pattern)[] Rules =
    [
        .. File.ReadLines(Path.Combine(SourceTree.Root, ".dockerignore"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.StartsWith('!') ? (true, ToRegex(line[1..])) : (false, ToRegex(line))),
    ];

    /// <summary>The files that are let in, by their path from the root.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(SourceTree.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Select(path => Path.GetRelativePath(SourceTree.Root, path))
        .Where(Includes);

    /// <summary>Whether a path is let in: the last rule that speaks of it, or of a folder that it is in, decides.</summary>
    public static bool Includes(string path)
    {
        var included = true;
        foreach (var rule in Rules.Where(rule => PathAndParents(path).Any(part => rule.Pattern.IsMatch(part))))
        {
            included = rule.Included;
        }

        return included;
    }

    private static IEnumerable<string> PathAndParents(string path)
    {
        for (var part = path; part.Length > 0; part = Path.GetDirectoryName(part) ?? "")
        {
            yield return part;
        }
    }

    private static Regex ToRegex(string pattern) => new(
        $"^{Regex.Escape(pattern.TrimStart('/')).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}$",
        RegexOptions.CultureInvariant);
}
