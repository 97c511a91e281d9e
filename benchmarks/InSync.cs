using System.Diagnostics;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>What objects cost that are in sync and stay so, over some periods of comparison.</summary>
internal sealed class InSync(Testbed bed, Tenant tenant, SiloProcess silo, Arguments arguments, Report report)
{
    private static readonly TimeSpan SamplePeriod = TimeSpan.FromSeconds(1);

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var bed = await Testbed.StartAsync(arguments, cancellationToken);
        bed.Aws.LogsCalls = false;
        var report = new Report("in-sync", await Machine.DescribeAsync(bed.Cluster, cancellationToken));
        var tenant = await bed.AddTenantAsync("111111111111", cancellationToken);
        var silo = await bed.StartSiloAsync([tenant], arguments.Period, cancellationToken);
        foreach (var size in arguments.Sizes)
        {
            await new InSync(bed, tenant, silo, arguments, report).MeasureAsync(size, cancellationToken);
        }

        return report;
    }

    private async Task MeasureAsync(int size, CancellationToken cancellationToken)
    {
        report.AddFigure($"{size} objects, before: resident memory", silo.ResidentMemory);
        await tenant.GrowAsync(size, name => Repositories.Make(name, arguments.Policies), cancellationToken);

        // What a create leaves behind is still told.
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        var (calls, used, start, peak) = (await bed.CountAsync(cancellationToken), silo.ProcessorTime, Stopwatch.GetTimestamp(), 0.0);
        while (Stopwatch.GetElapsedTime(start) < arguments.Period * arguments.Sweeps)
        {
            peak = Math.Max(peak, silo.ResidentMegabytes);
            await Task.Delay(SamplePeriod, cancellationToken);
        }

        var spent = (await bed.CountAsync(cancellationToken)).Since(calls);
        var passed = Stopwatch.GetElapsedTime(start);
        var how = $"{size} objects, {arguments.Sweeps} periods of {arguments.Period.TotalSeconds:0} s";
        report.AddCount($"{how}: AWS calls a second", spent.Aws.Sum(call => call.Value) / passed.TotalSeconds);
        foreach (var (operation, count) in spent.Aws)
        {
            report.AddCount($"{how}: {operation} a second", count / passed.TotalSeconds);
        }

        report.AddCount($"{how}: AWS writes", spent.Aws.Where(call => AwsCall.IsWriteOperation(call.Key)).Sum(call => call.Value), 0);
        report.AddCount($"{how}: writes of objects ({Names(spent, ofEvents: false)})", Sum(spent, ofEvents: false), 0);
        report.AddCount($"{how}: events", Sum(spent, ofEvents: true), 0);
        report.AddFigure($"{how}: processor time of the silo a minute", $"{(silo.ProcessorTime - used).TotalSeconds / passed.TotalMinutes:0.00} s");
        report.AddFigure($"{how}: resident memory, peak and end", $"{peak:0}, {silo.ResidentMegabytes:0} MB");
        report.AddFigure($"{how}: managed heap after its last collection", $"{await SiloMetrics.SumAsync(silo, "dotnet_gc_last_collection_heap_size_bytes", cancellationToken) / 1e6:0} MB");
    }

    private static long Sum(ServedCalls spent, bool ofEvents) => spent.Repositories.Where(request => ServedCalls.IsEvent(request.Key) == ofEvents).Sum(request => request.Value);

    private static string Names(ServedCalls spent, bool ofEvents) =>
        string.Join(", ", spent.Repositories.Keys.Where(request => ServedCalls.IsEvent(request) == ofEvents)) is { Length: > 0 } names ? names : "none";
}
