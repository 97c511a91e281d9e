using InfraOperator.Benchmarks;
using InfraOperator.Benchmarks.Reporting;

// Each benchmark is one entry here and one file beside this one.
var benchmarks = new Dictionary<string, Func<Arguments, CancellationToken, Task<Report>>>
{
    ["main-path"] = MainPath.RunAsync,
    ["failover"] = Failover.RunAsync,
};

if (args is not [var name, .. var rest] || !benchmarks.TryGetValue(name, out var benchmark))
{
    await Console.Error.WriteLineAsync($"usage: dotnet run -c Release --project benchmarks -- {{{string.Join('|', benchmarks.Keys)}}} {Arguments.Usage}");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

try
{
    var report = await benchmark(Arguments.Parse(rest), stop.Token);
    Console.WriteLine(report.ToMarkdown());
    return report.IsOverBudget ? 1 : 0;
}
catch (BenchmarkException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
