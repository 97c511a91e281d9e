using InfraOperator.Benchmarks;
using InfraOperator.Benchmarks.Reporting;

// Each benchmark is one entry here and one file beside this one.
var benchmarks = new Dictionary<string, (Func<Arguments, CancellationToken, Task<Report>> RunAsync, Arguments Defaults)>
{
    ["main-path"] = (MainPath.RunAsync, new()),
    ["failover"] = (Failover.RunAsync, new() { Runs = 5 }),
    ["create"] = (Create.RunAsync, new() { Sizes = [2000], Runs = 3 }),
    ["in-sync"] = (InSync.RunAsync, new() { Sizes = [10_000], Period = TimeSpan.FromMinutes(5) }),
    ["edit"] = (EditLatency.RunAsync, new() { Sizes = [100, 1000, 10_000], Period = TimeSpan.FromMinutes(1) }),
    ["throttled"] = (Throttling.RunAsync, new() { Sizes = [1000], Period = TimeSpan.FromMinutes(5) }),
    ["silos"] = (Silos.RunAsync, new() { Sizes = [2000], Providers = 32, Latency = TimeSpan.FromSeconds(4) }),
    ["isolation"] = (Isolation.RunAsync, new() { Sizes = [5000], Period = TimeSpan.FromMinutes(5) }),
    ["micro"] = (Micro.RunAsync, new() { Sizes = [10_000] }),
};

if (args is not [var name, .. var rest] || !benchmarks.TryGetValue(name, out var benchmark))
{
    await Console.Error.WriteLineAsync($"usage: dotnet run -c Release --project benchmarks -- {{{string.Join('|', benchmarks.Keys)}}} OPTIONS\n{Arguments.Usage}");
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
    var report = await benchmark.RunAsync(Arguments.Parse(rest, benchmark.Defaults), stop.Token);
    report.AddFigure("load in the end (1, 5, 15 minutes)", Machine.Load);
    Console.WriteLine(report.ToMarkdown());
    return report.IsOverBudget ? 1 : 0;
}
catch (BenchmarkException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
