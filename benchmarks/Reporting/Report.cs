using System.Globalization;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks.Reporting;

/// <summary>The result of a benchmark. Counts are held against their budget; times and sizes are only told.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Circumstances">Where, when and with what.</param>
internal sealed record Report(string Title, IReadOnlyList<string> Circumstances)
{
    private readonly List<Step> _steps = [];
    private readonly List<(string What, double[] Milliseconds)> _times = [];
    private readonly List<(string What, string Value)> _figures = [];

    public bool IsOverBudget => _steps.Any(step => step.IsOverBudget);

    public void Add(Step step) => _steps.Add(step);

    public void AddTimes(string what, IEnumerable<double> milliseconds)
    {
        _times.Add((what, [.. milliseconds.Order()]));
        Tell($"{what}: {string.Join(", ", _times[^1].Milliseconds.Take(10).Select(time => time.ToString("0", CultureInfo.InvariantCulture)))} ms");
    }

    public void AddFigure(string what, string value)
    {
        _figures.Add((what, value));
        Tell($"{what}: {value}");
    }

    // Whoever waits for the report sees that it comes on.
    private static void Tell(string line) => Console.Error.WriteLine(line);

    public string ToMarkdown() => string.Join("\n\n",
    [
        $"# {Title}",
        string.Join('\n', Circumstances.Select(line => $"- {line}")),
        Table("calls per object | n | Kubernetes reads | Kubernetes writes | events | AWS reads | AWS writes | the most for one object, and its budget", _steps.Select(step => string.Join(" | ",
            step.Name, step.Objects.Count, Calls(step, step.Kubernetes, CallKind.Read), Calls(step, step.Kubernetes, CallKind.Write), Calls(step, step.Kubernetes, CallKind.Event),
            Calls(step, step.Aws, CallKind.Read), Calls(step, step.Aws, CallKind.Write),
            string.Join(", ", step.Parts.Select(part => part.Most > part.Budget ? $"**{part.Most} of {part.Budget} {part.What}: over budget**" : $"{part.Most} of {part.Budget} {part.What}"))))),
        Table("milliseconds | n | p50 | p99 | max", _times.Select(time => $"{time.What} | {time.Milliseconds.Length} | {Share(time.Milliseconds, 0.5)} | {Share(time.Milliseconds, 0.99)} | {Share(time.Milliseconds, 1)}")),
        Table("figure | value", _figures.Select(figure => $"{figure.What} | {figure.Value}")),
    ]);

    private static string Calls(Step step, IEnumerable<Call> calls, CallKind kind) => string.Join(" + ", calls
        .Where(call => call.Name.Kind == kind)
        .CountBy(call => call.Name.Operation)
        .OrderBy(count => count.Key, StringComparer.Ordinal)
        .Select(count => $"{((double)count.Value / step.Objects.Count).ToString("0.##", CultureInfo.InvariantCulture)} {count.Key}")) is { Length: > 0 } text ? text : "0";

    // By nearest rank, so that each figure is one that was really measured.
    private static string Share(double[] sorted, double share) => sorted[Math.Max((int)Math.Ceiling(share * sorted.Length) - 1, 0)].ToString("0.0", CultureInfo.InvariantCulture);

    private static string Table(string head, IEnumerable<string> rows) =>
        string.Join('\n', [$"| {head} |", $"|{string.Concat(head.Split('|').Select(_ => " --- |"))}", .. rows.Select(row => $"| {row} |")]);
}
