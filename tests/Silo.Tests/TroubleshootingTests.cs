using System.Reflection;
using System.Text.RegularExpressions;
using InfraOperator.Abstractions;

namespace InfraOperator.Silo.Tests;

/// <summary>Whatever reason a person reads on an object or in an event, docs/troubleshooting.md explains it, and nothing that does not exist.</summary>
public sealed partial class TroubleshootingTests
{
    internal static readonly string Root = SourceRoot();

    public static TheoryData<string> AllReasons => [.. ConstantsOf(typeof(Reasons))];

    [Theory]
    [MemberData(nameof(AllReasons))]
    public void Every_reason_has_its_section_with_symptom_cause_mend_and_commands(string reason)
    {
        Assert.True(Sections("Reasons").TryGetValue(reason, out var text), $"docs/troubleshooting.md has no section '### {reason}' under '## Reasons'.");
        Assert.All(["**Symptom:** ", "**Cause:** ", "**Mend:** "], part => Assert.Matches($@"(?m)^{Regex.Escape(part)}\S.{{10,}}", text));
        Assert.Contains("```bash\n", text);
    }

    [Fact]
    public void No_section_names_a_reason_that_does_not_exist() =>
        Assert.Empty(Sections("Reasons").Keys.Except(ConstantsOf(typeof(Reasons))));

    [Fact]
    public void The_events_are_those_that_there_are() =>
        Assert.Equal(ConstantsOf(typeof(EventReasons)).Order(StringComparer.Ordinal), EventRow().Matches(Part("Events")).Select(row => row.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void No_event_is_recorded_under_a_reason_that_is_spelled_in_place()
    {
        // A literal where a reason belongs would be one that no test finds.
        var sources = Directory.EnumerateFiles(Path.Combine(Root, "src", "Grains"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        Assert.All(sources, path => Assert.DoesNotMatch(@"EventType\.(Normal|Warning),\s*""", File.ReadAllText(path)));
    }

    [Fact]
    public void Every_troubleshooting_heading_of_the_user_documentation_is_answered()
    {
        var document = File.ReadAllText(Path.Combine(Root, "tests", "Integration", "Document", "ecr-repository.md"));
        var headings = Heading().Matches(PartOf(document, "Troubleshooting")).Select(heading => heading.Groups[1].Value.TrimEnd()).ToArray();

        Assert.NotEmpty(headings);
        Assert.Equal(headings, Sections("Cases").Keys);
    }

    private static string[] ConstantsOf(Type type) => [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!)];

    /// <summary>The sections of a part of the page, by heading, in their order.</summary>
    private static OrderedDictionary<string, string> Sections(string part)
    {
        var text = Part(part);
        var headings = Heading().Matches(text);
        var sections = new OrderedDictionary<string, string>();
        for (var index = 0; index < headings.Count; index++)
        {
            var end = index + 1 < headings.Count ? headings[index + 1].Index : text.Length;
            sections.Add(headings[index].Groups[1].Value, text[headings[index].Index..end]);
        }

        return sections;
    }

    private static string Part(string heading) => PartOf(File.ReadAllText(Path.Combine(Root, "docs", "troubleshooting.md")), heading);

    private static string PartOf(string text, string heading)
    {
        var rest = text[(text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal) + 1)..];
        return rest.IndexOf("\n## ", StringComparison.Ordinal) is > 0 and var end ? rest[..(end + 1)] : rest;
    }

    private static string SourceRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Orleans.sln above {AppContext.BaseDirectory}: run the suite from its source tree.");
    }

    [GeneratedRegex(@"(?m)^### (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"(?m)^\| `(\w+)` \|")]
    private static partial Regex EventRow();
}
