using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>
/// How long one silo takes for many new objects, from the first apply to the last that a watch shows Ready, beside a
/// <see cref="BareLoop"/> in the same run; and what each object costs in calls.
/// </summary>
internal sealed class Create(Testbed bed, Tenant tenant, Tenant bare, SiloProcess silo, Arguments arguments, Report report)
{
    private const int WarmUp = 100;
    private static readonly TimeSpan Never = TimeSpan.FromHours(12);

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var bed = await Testbed.StartAsync(arguments, cancellationToken);
        bed.Aws.LogsCalls = false;
        var report = new Report("create", await Machine.DescribeAsync(bed.Cluster, cancellationToken));
        var tenant = await bed.AddTenantAsync("111111111111", cancellationToken);
        var bare = await bed.AddTenantAsync(cancellationToken);
        var silo = await bed.StartSiloAsync([tenant], Never, cancellationToken);
        await new Create(bed, tenant, bare, silo, arguments, report).RunAsync(cancellationToken);
        return report;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var warm = tenant.Names("warm", WarmUp);
        await CreateAsync(warm, null, cancellationToken);
        var made = await bed.Cluster.GetAsync($"{tenant.Repositories}/{warm[0]}", cancellationToken);
        using var loop = new BareLoop(bed, bare, arguments.Policies, made["status"]!, warm[0]);
        await BareAsync(loop, bare.Names("warm", WarmUp), cancellationToken);

        foreach (var size in arguments.Sizes)
        {
            var (times, bareTimes, toReady, processorTimes) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var run = 0; run < arguments.Runs; run++)
            {
                // The API server becomes slower with what it holds: neither always comes second.
                if (run % 2 == 1)
                {
                    bareTimes.Add(await BareAsync(loop, bare.Names($"{size}-{run}", size), cancellationToken));
                }

                var names = tenant.Names($"{size}-{run}", size);
                var applied = new ConcurrentDictionary<string, long>();
                var (calls, used) = (await bed.CountWhenQuietAsync(cancellationToken), silo.ProcessorTime);
                times.Add(await CreateAsync(names, name => applied[name] = Stopwatch.GetTimestamp(), cancellationToken));
                toReady.AddRange(names.Select(name => Stopwatch.GetElapsedTime(applied[name], ReadyAt(tenant, name)).TotalMilliseconds));
                processorTimes.Add((silo.ProcessorTime - used).TotalMilliseconds / size);
                var spent = (await bed.CountWhenQuietAsync(cancellationToken)).Since(calls);
                if (run == 0)
                {
                    Count(size, spent);
                }

                if (run % 2 == 0)
                {
                    bareTimes.Add(await BareAsync(loop, bare.Names($"{size}-{run}", size), cancellationToken));
                }
            }

            report.AddFigure($"{size} objects, processor time of the silo for each, each run", $"{string.Join(", ", processorTimes.Select(Number))} ms");
            report.AddTimes($"{size} objects, apply answered to Ready seen by a watch", toReady);
            report.AddFigure($"{size} objects, first apply to last Ready, each run", Seconds(times));
            report.AddFigure($"{size} objects, the bare loop, each run", Seconds(bareTimes));
            var ratios = times.Zip(bareTimes, (time, bareTime) => time / bareTime).Order().ToArray();
            report.AddFigure($"{size} objects, ratio to the bare loop: median, least, most", $"{Number(ratios[ratios.Length / 2])}, {Number(ratios[0])}, {Number(ratios[^1])}");
            report.AddFigure($"{size} objects, objects a second: best run, bare loop's best", $"{size / times.Min():0}, {size / bareTimes.Min():0}");
        }

        report.AddFigure("resident memory in the end", silo.ResidentMemory);
    }

    /// <summary>Each object needs at least as many calls as its budget, so that a sum within the budget proves it for every one.</summary>
    private void Count(int size, ServedCalls spent)
    {
        var writes = spent.Repositories.Where(request => !ServedCalls.IsEvent(request.Key) && request.Key != "create ecrrepositories").ToArray();
        var how = writes.Select(request => request.Key);
        report.AddCount($"{size} objects: writes of each object ({string.Join(", ", how)})", writes.Sum(request => (double)request.Value) / size, 2);
        report.AddCount($"{size} objects: events of each object", spent.Repositories.Where(request => ServedCalls.IsEvent(request.Key)).Sum(request => (double)request.Value) / size, 1);
        report.AddCount($"{size} objects: AWS calls of each object ({string.Join(", ", spent.Aws.Keys)})", spent.Aws.Sum(call => (double)call.Value) / size, 1 + arguments.Policies);
    }

    private async Task<double> CreateAsync(string[] names, Action<string>? applied, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await tenant.ApplyAsync(names, name => Repositories.Make(name, arguments.Policies), applied, cancellationToken);
        await tenant.Objects.UntilAsync(names, state => state.IsReady, "Ready", cancellationToken);
        return Stopwatch.GetElapsedTime(start, names.Max(name => ReadyAt(tenant, name))).TotalSeconds;
    }

    private async Task<double> BareAsync(BareLoop loop, string[] names, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await loop.CreateAsync(names, cancellationToken);
        await bare.Objects.UntilAsync(names, state => state.IsReady, "Ready", cancellationToken);
        return Stopwatch.GetElapsedTime(start, names.Max(name => ReadyAt(bare, name))).TotalSeconds;
    }

    private static long ReadyAt(Tenant tenant, string name) => tenant.Objects.First(name, state => state.IsReady)!.Value;

    private static string Seconds(IEnumerable<double> times) => $"{string.Join(", ", times.Select(Number))} s";

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
