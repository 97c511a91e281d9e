using System.Text.Json.Nodes;
using InfraOperator.Sandbox.Kubernetes;
using Spectre.Console;

namespace InfraOperator.Sandbox;

/// <summary>Shows the objects become Ready: a live table on a terminal, a line per change elsewhere.</summary>
internal sealed class DemoView(SandboxApiServer api)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Shows them until all are Ready.</summary>
    /// <param name="patience">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether all became Ready.</returns>
    public Task<bool> ShowAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected
            ? AnsiConsole.Live(Table()).StartAsync(live => WatchAsync(_ => live.UpdateTarget(Table()), patience, cancellationToken))
            : WatchAsync(rows => rows.ForEach(row => Console.WriteLine($"{DateTime.Now:HH:mm:ss.fff}  {row.Kind,-14} {row.Name,-22} Ready={row.Ready,-8} {row.Reason,-10} {row.Detail}")), patience, cancellationToken);

    private async Task<bool> WatchAsync(Action<List<Row>> changed, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var known = new HashSet<Row>();
        using var timer = new PeriodicTimer(Interval);
        do
        {
            var rows = Rows();
            if (rows.Where(known.Add).ToList() is { Count: > 0 } news)
            {
                changed(news);
            }

            if (rows.All(row => row.Ready == "True"))
            {
                return true;
            }
        }
        while (TimeProvider.System.GetElapsedTime(started) < patience && await timer.WaitForNextTickAsync(cancellationToken));

        return false;
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Kind", "Name", "Ready", "Reason", "");
        foreach (var row in Rows())
        {
            var colour = row.Ready switch { "True" => "green", "False" => "red", _ => "yellow" };
            table.AddRow(row.Kind, Markup.Escape(row.Name), $"[{colour}]{row.Ready}[/]", Markup.Escape(row.Reason), Markup.Escape(row.Detail));
        }

        return table;
    }

    private List<Row> Rows() =>
    [
        .. api.List("awsproviders").Select(item => Read(item, "AWSProvider", "accountID")),
        .. api.List("ecrrepositories").Select(item => Read(item, "ECRRepository", "repositoryUri")),
    ];

    private static Row Read(JsonObject item, string kind, string detail)
    {
        var status = item["status"];
        var ready = status?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition?["type"] == "Ready");
        return new(kind, (string)item["metadata"]!["name"]!, (string?)ready?["status"] ?? "Unknown", (string?)ready?["reason"] ?? "", (string?)status?[detail] ?? (string?)status?["message"] ?? "");
    }

    private sealed record Row(string Kind, string Name, string Ready, string Reason, string Detail);
}
