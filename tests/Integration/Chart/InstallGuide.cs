using System.Text.RegularExpressions;
using InfraOperator.Conformance;

namespace InfraOperator.Integration.Chart;

/// <summary><c>docs/install.md</c>, or another page, by its blocks.</summary>
internal static partial class InstallGuide
{
    /// <summary>The blocks in a language, in their order, without the indentation of a list that they are in.</summary>
    public static IReadOnlyList<string> Blocks(string language, string page = "install.md") =>
    [
        .. from Match block in Block().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", page)))
           where block.Groups[2].Value == language
           select string.Join('\n', block.Groups[3].Value.Split('\n').Select(line => line.StartsWith(block.Groups[1].Value, StringComparison.Ordinal) ? line[block.Groups[1].Length..] : line)),
    ];

    /// <summary>The one block of values that sets a variable.</summary>
    public static string BlockWith(string variable) => Assert.Single(Blocks("yaml"), block => block.Contains($"name: {variable}\n", StringComparison.Ordinal));

    [GeneratedRegex(@"^( *)```(\w+)\n(.*?)\n\1```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
