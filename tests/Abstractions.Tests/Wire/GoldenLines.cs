using System.Text.Json.Nodes;

namespace InfraOperator.Abstractions.Tests.Wire;

/// <summary>A line of a golden file: a message of some version as it went over the wire, and what it said.</summary>
/// <param name="Version">The version that first wrote it so: the file's name.</param>
/// <param name="Name">The message's alias; of an enumeration, its name.</param>
/// <param name="Variant">Which of the type's values; <see cref="Values"/> for the numbers of an enumeration.</param>
/// <param name="Hex">The bytes; <c>-</c> for an enumeration.</param>
/// <param name="Content">The value by its ids.</param>
internal sealed record GoldenLine(Version Version, string Name, string Variant, string Hex, string Content)
{
    /// <summary>Every member set.</summary>
    public const string Full = "full";

    /// <summary>No member set.</summary>
    public const string Blank = "blank";

    /// <summary>The numbers of an enumeration.</summary>
    public const string Values = "values";

    /// <summary>What the line is of.</summary>
    public (string Name, string Variant) Key => (Name, Variant);

    /// <summary>The value by its ids.</summary>
    public JsonNode? Expected => JsonNode.Parse(Content);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Variant} {Hex} {Content}";
}

/// <summary>The golden files, oldest first.</summary>
internal static class GoldenLines
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>This version, as files are named.</summary>
    public static Version Current { get; } = typeof(ECRRepository).Assembly.GetName().Version is { } version ? new(version.Major, version.Minor, version.Build) : throw new InvalidOperationException("There is no version.");

    /// <summary>All lines of all versions, oldest first.</summary>
    public static IReadOnlyList<GoldenLine> All { get; } =
        [.. Directory.GetFiles(Folder, "*.txt").Select(path => (path, version: Version.Parse(Path.GetFileNameWithoutExtension(path)))).OrderBy(file => file.version)
            .SelectMany(file => File.ReadLines(file.path).Where(line => line.Length > 0 && line[0] != '#').Select(line => Parse(file.version, line)))];

    /// <summary>For each message the line that says how this version writes it.</summary>
    public static IReadOnlyDictionary<(string Name, string Variant), GoldenLine> Newest { get; } = All.GroupBy(line => line.Key).ToDictionary(lines => lines.Key, lines => lines.Last());

    private static GoldenLine Parse(Version version, string line) =>
        line.Split(' ', 4) is [var name, var variant, var hex, var content] ? new(version, name, variant, hex, content) : throw new FormatException($"Not a golden line: {line}");
}
