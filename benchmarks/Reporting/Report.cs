using System.Globalization;
using System.Text;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks.Reporting;

/// <summary>The result of a benchmark. Counts are checked against their budget; times and sizes are only told.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Circumstances">Where, when and with what.</param>
internal sealed record Report(string Title, IReadOnlyList<string> Circumstances)
{
    private readonly List<Step> _steps = [];
    private readonly List<(string What, IReadOnlyList<double> Milliseconds)> _times = [];
    private readonly List<(string What, string Figure)> _figures = [];

    public bool IsOverBudget => _steps.Any(step => step.Excesses.Count > 0);

    public void Add(Step step) => _steps.Add(step);

    public void AddTimes(string what, IEnumerable<double> milliseconds) => _times.Add((what, [.. milliseconds.Order()]));

    public void AddFigure(string what, string figure) => _figures.Add((what, figure));

    public string ToMarkdown()
    {
        var text = new StringBuilder($"# {Title}\n\n{string.Join('\n', Circumstances.Select(line => $"- {line}"))}\n\n");
        text.Append("Calls per object:\n\n");
        Table(text, ["step", "objects", "Kubernetes reads", "Kubernetes writes", "events", "AWS reads", "AWS writes", "budget", "held"], _steps.Select(step => (string[])
        [
            step.Name,
            $"{step.Objects.Count}",
            PerObject(step, step.Kubernetes, CallKind.Read),
            PerObject(step, step.Kubernetes, CallKind.Write),
            PerObject(step, step.Kubernetes, CallKind.Event),
            PerObject(step, step.Aws, CallKind.Read),
            PerObject(step, step.Aws, CallKind.Write),
            step.Budget.ToString(),
            step.Budget == new Budget() ? "" : step.Excesses.Count == 0 ? "yes" : "**no**",
        ]));
        text.Append("Milliseconds:\n\n");
        Table(text, ["time", "n", "p50", "p99", "max"], _times.Select(time => (string[])
            [time.What, $"{time.Milliseconds.Count}", Percentile(time.Milliseconds, 0.5), Percentile(time.Milliseconds, 0.99), Percentile(time.Milliseconds, 1)]));
        Table(text, ["figure", "value"], _figures.Select(figure => (string[])[figure.What, figure.Figure]));
        foreach (var excess in _steps.SelectMany(step => step.Excesses))
        {
            text.Append(CultureInfo.InvariantCulture, $"**Over budget**: {excess}\n");
        }

        return text.ToString().TrimEnd();
    }

    private static string PerObject(Step step, IEnumerable<Call> calls, CallKind kind) => string.Join(" + ", calls
        .Where(call => call.Name.Kind == kind)
        .CountBy(call => call.Name.Operation)
        .OrderBy(count => count.Key, StringComparer.Ordinal)
        .Select(count => $"{(double)count.Value / step.Objects.Count:0.##} {count.Key}")) is { Length: > 0 } text ? text : "0";

    // By nearest rank: a figure that was really measured.
    private static string Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? "" : sorted[Math.Max((int)Math.Ceiling(share * sorted.Count) - 1, 0)].ToString("0.0", CultureInfo.InvariantCulture);

    private static void Table(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", head)} |\n|{string.Concat(head.Select(_ => " --- |"))}\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        }

        text.Append('\n');
    }
}
