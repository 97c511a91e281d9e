using System.Text.RegularExpressions;

namespace InfraOperator.Integration.Document;

/// <summary>The table that <c>kubectl get</c> prints.</summary>
internal static partial class KubectlTable
{
    /// <summary>Its rows by the first column, each a map from the header's words to the cells.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Parse(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var header = Title().Matches(lines[0]);
        string[] titles = [.. header.Select(title => title.Value)];
        int[] starts = [.. header.Select(title => title.Index)];
        return lines[1..].ToDictionary(
            line => line[..starts[1]].TrimEnd(),
            IReadOnlyDictionary<string, string> (line) => titles.Select((title, index) => (title, Cell(line, index))).ToDictionary());

        string Cell(string line, int index) => line[Math.Min(starts[index], line.Length)..(index + 1 < starts.Length ? Math.Min(starts[index + 1], line.Length) : line.Length)].Trim();
    }

    [GeneratedRegex(@"\S+")]
    private static partial Regex Title();
}
