using System.Text;
using System.Text.RegularExpressions;

namespace InfraOperator.Integration.Document;

/// <summary>Splits a bash block into its commands: what bash reads as one, and the pieces of YAML that the document prints among them.</summary>
internal static partial class ShellLines
{
    public static IEnumerable<DocumentCommand> Split(string block, int firstLineNumber)
    {
        var lines = block.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].Trim() is "" || lines[index].TrimStart().StartsWith('#'))
            {
                continue;
            }

            var start = index;
            var text = new StringBuilder(lines[index]);
            while (index + 1 < lines.Length && GoesOn(text.ToString(), lines[index + 1]))
            {
                text.Append('\n').Append(lines[++index]);
            }

            yield return new(text.ToString(), firstLineNumber + start);
        }
    }

    private static bool GoesOn(string command, string next) =>
        command.EndsWith('\\')
        || IsQuoteOpen(command)
        || (HereDocument().Match(command) is { Success: true } here && !command.EndsWith($"\n{here.Groups[1].Value}", StringComparison.Ordinal))
        || (command.StartsWith("if ", StringComparison.Ordinal) && !command.EndsWith("\nfi", StringComparison.Ordinal))
        || (YamlKey().IsMatch(command) && next.StartsWith(' '));

    private static bool IsQuoteOpen(string command)
    {
        char? quote = null;
        for (var index = 0; index < command.Length; index++)
        {
            var c = command[index];
            if (c == '\\' && quote != '\'')
            {
                index++;
            }
            else if (quote is null && c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == quote)
            {
                quote = null;
            }
        }

        return quote is not null && !HereDocument().IsMatch(command);
    }

    [GeneratedRegex(@"<<(\w+)\n?")]
    private static partial Regex HereDocument();

    [GeneratedRegex(@"^\w+:(\n|$)")]
    private static partial Regex YamlKey();
}
