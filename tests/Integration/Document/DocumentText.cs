using System.Text.RegularExpressions;

namespace InfraOperator.Integration.Document;

/// <summary>A fenced block of the document, without the fence and without the indentation of its list.</summary>
public sealed record DocumentBlock(string Language, string Text, int LineNumber);

/// <summary>A command line of one of the document's bash blocks.</summary>
/// <param name="Text">As printed.</param>
/// <param name="LineNumber">Where it begins in the document.</param>
public sealed record DocumentCommand(string Text, int LineNumber)
{
    /// <summary>The command on one line, each white space one blank.</summary>
    public string Name { get; } = DocumentText.OnOneLine(Text);

    /// <summary>Whether a name or its beginning, ending in …, means this command.</summary>
    public bool IsCalled(string name) => name.EndsWith('…') ? Name.StartsWith(name[..^1], StringComparison.Ordinal) : Name == name;
}

/// <summary>The user's document: a copy of it is beside this file.</summary>
public static partial class DocumentText
{
    /// <summary>Its fenced blocks, in their order.</summary>
    public static IReadOnlyList<DocumentBlock> Blocks { get; } = [.. ReadBlocks()];

    /// <summary>The command lines of its bash blocks, in their order. The same command may be printed more than once.</summary>
    public static IReadOnlyList<DocumentCommand> Commands { get; } =
        [.. Blocks.Where(block => block.Language == "bash").SelectMany(block => ShellLines.Split(block.Text, block.LineNumber))];

    /// <summary>The command that a name or its beginning means.</summary>
    public static DocumentCommand Command(string name)
    {
        var called = Commands.Where(command => command.IsCalled(name)).DistinctBy(command => command.Name).ToArray();
        return called is [var command]
            ? command
            : throw new InvalidOperationException($"The document has {called.Length} different commands called '{name}': {string.Join(" | ", called.Select(command => command.Name))}");
    }

    /// <summary>The first YAML block that holds some words.</summary>
    public static string Yaml(string words) => Blocks.First(block => block.Language == "yaml" && block.Text.Contains(words, StringComparison.Ordinal)).Text;

    internal static string OnOneLine(string text) => WhiteSpace().Replace(text.Replace("\\\n", " ", StringComparison.Ordinal), " ").Trim();

    private static IEnumerable<DocumentBlock> ReadBlocks()
    {
        var lines = File.ReadAllLines(Path.Combine(CustomResourceDefinitions.SourceRoot, "tests", "Integration", "Document", "ecr-repository.md"));
        for (var index = 0; index < lines.Length; index++)
        {
            if (Fence().Match(lines[index]) is not { Success: true } fence)
            {
                continue;
            }

            var end = Array.FindIndex(lines, index + 1, line => line.Trim() == "```");
            var indent = fence.Groups[1].Value;
            var text = lines[(index + 1)..end].Select(line => line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line);
            yield return new(fence.Groups[2].Value, string.Join('\n', text) + "\n", index + 2);
            index = end;
        }
    }

    [GeneratedRegex(@"^( *)```(\w*)$")]
    private static partial Regex Fence();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
