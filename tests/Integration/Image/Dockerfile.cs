using System.Text.Json;
using System.Text.RegularExpressions;
using InfraOperator.Conformance;

namespace InfraOperator.Integration.Image;

/// <summary>An instruction of the Dockerfile, its lines joined.</summary>
/// <param name="Name">Its name, such as COPY.</param>
/// <param name="Flags">What stands before the arguments, such as <c>--from=build</c>.</param>
/// <param name="Arguments">The rest of the line.</param>
internal sealed record Instruction(string Name, IReadOnlyList<string> Flags, string Arguments)
{
    /// <summary>The arguments apart, where they are words.</summary>
    public IReadOnlyList<string> Words => Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The arguments, where they are a list in JSON.</summary>
    public IReadOnlyList<string> List => JsonSerializer.Deserialize<string[]>(Arguments)!;
}

/// <summary>A stage, from its FROM on.</summary>
internal sealed record Stage(Instruction From, IReadOnlyList<Instruction> Instructions)
{
    public string BaseImage => From.Words[0];

    public IEnumerable<Instruction> Of(string name) => Instructions.Where(instruction => instruction.Name == name);

    public Instruction Only(string name) => Assert.Single(Of(name));

    /// <summary>The pairs of all LABEL or ENV instructions.</summary>
    public IReadOnlyDictionary<string, string> Pairs(string name) => Of(name)
        .SelectMany(instruction => Dockerfile.Pair().Matches(instruction.Arguments))
        .ToDictionary(pair => pair.Groups[1].Value, pair => pair.Groups[2].Value.Trim('"'));
}

/// <summary>The Dockerfile at the root of the source tree.</summary>
internal static partial class Dockerfile
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(SourceTree.Root, "Dockerfile"));

    public static IReadOnlyList<Stage> Stages { get; } = Parse();

    public static Stage Build => Stages[0];

    public static Stage Final => Stages[^1];

    [GeneratedRegex(@"([\w.]+)=(""[^""]*""|\S*)")]
    internal static partial Regex Pair();

    private static IReadOnlyList<Stage> Parse()
    {
        var stages = new List<Stage>();
        var lines = Text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'));
        foreach (var line in Continued().Replace(string.Join('\n', lines), " ").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = Line().Match(line);
            Assert.True(parts.Success, $"The Dockerfile has a line that is no instruction: {line}");
            var instruction = new Instruction(parts.Groups[1].Value, [.. parts.Groups[2].Captures.Select(flag => flag.Value.Trim())], parts.Groups[3].Value.Trim());
            if (instruction.Name == "FROM")
            {
                stages.Add(new(instruction, new List<Instruction>()));
            }
            else
            {
                ((List<Instruction>)stages[^1].Instructions).Add(instruction);
            }
        }

        return stages;
    }

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();


    [GeneratedRegex(@"^([A-Z]+) (--\S+ )*(.*)$")]
    private static partial Regex Line();
}
