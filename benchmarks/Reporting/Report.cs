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
    private readonly List<(string What, double Value, double? Budget)> _counts = [];

    public bool IsOverBudget => _steps.Any(step => step.IsOverBudget) || _counts.Any(count => count.Value > count.Budget);

    public void Add(Step step) => _steps.Add(step);

    public void AddTimes(string what, IEnumerable<double> milliseconds)
    {
        _times.Add((what, [.. milliseconds.Order()]));
        Tell($"{what}: {string.Join(", ", _times[^1].Milliseconds.Take(10).Select(time => time.ToString("0", CultureInfo.InvariantCulture)))} ms");
    }

    /// <summary>Adds a count.</summary>
    /// <param name="what">Of what.</param>
    /// <param name="value">How many.</param>
    /// <param name="budget">How many there may be; null: it is only told.</param>
    public void AddCount(string what, double value, double? budget = null)
    {
        _counts.Add((what, value, budget));
        Tell($"{what}: {Count(value)}{(value > budget ? " (over budget)" : "")}");
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
        .. Table("calls per object | n | Kubernetes reads | Kubernetes writes | events | AWS reads | AWS writes | the most for one object, and its budget", _steps.Select(step => string.Join(" | ",
            step.Name, step.Objects.Count, Calls(step, step.Kubernetes, CallKind.Read), Calls(step, step.Kubernetes, CallKind.Write), Calls(step, step.Kubernetes, CallKind.Event),
            Calls(step, step.Aws, CallKind.Read), Calls(step, step.Aws, CallKind.Write),
            string.Join(", ", step.Parts.Select(part => part.Most > part.Budget ? $"**{part.Most} of {part.Budget} {part.What}: over budget**" : $"{part.Most} of {part.Budget} {part.What}"))))),
        .. Table("count | value | budget", _counts.Select(count => $"{count.What} | {Count(count.Value)} | {(count.Budget is not { } budget ? "" : count.Value > budget ? $"**{Count(budget)}: over budget**" : Count(budget))}")),
        .. Table("milliseconds | n | p50 | p99 | max", _times.Select(time => $"{time.What} | {time.Milliseconds.Length} | {Share(time.Milliseconds, 0.5)} | {Share(time.Milliseconds, 0.99)} | {Share(time.Milliseconds, 1)}")),
        .. Table("figure | value", _figures.Select(figure => $"{figure.What} | {figure.Value}")),
    ]);

    private static string Calls(Step step, IEnumerable<Call> calls, CallKind kind) => string.Join(" + ", calls
        .Where(call => call.Name.Kind == kind)
        .CountBy(call => call.Name.Operation)
        .OrderBy(count => count.Key, StringComparer.Ordinal)
        .Select(count => $"{((double)count.Value / step.Objects.Count).ToString("0.##", CultureInfo.InvariantCulture)} {count.Key}")) is { Length: > 0 } text ? text : "0";

    // By nearest rank, so that each figure is one that was really measured.
    private static string Share(double[] sorted, double share) => sorted[Math.Max((int)Math.Ceiling(share * sorted.Length) - 1, 0)].ToString("0.0", CultureInfo.InvariantCulture);

    private static string Count(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    // A benchmark that has nothing of a kind has no table of it.
    private static IEnumerable<string> Table(string head, IEnumerable<string> rows) => rows.Select(row => $"| {row} |").ToList() is { Count: > 0 } lines
        ? [string.Join('\n', [$"| {head} |", $"|{string.Concat(head.Split('|').Select(_ => " --- |"))}", .. lines])]
        : [];
}
