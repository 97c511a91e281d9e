using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>
/// How fast one, two and more silos bring an edit of every object to AWS, where AWS takes so long for an answer that a silo mostly
/// waits. Silos share this machine's processors, so that their time is told too: where it is used up, more silos do not help. Nor do
/// they where the API server can take no more edits and statuses, which is why the latency has to be seconds.
/// </summary>
internal sealed class Silos(Testbed bed, Tenant tenant, Arguments arguments, Report report)
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(12);

    private int _edit;

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var bed = await Testbed.StartAsync(arguments, cancellationToken);
        bed.Aws.LogsCalls = false;
        bed.Aws.Latency = TimeSpan.Zero;
        var report = new Report("silos", await Machine.DescribeAsync(bed.Cluster, cancellationToken));
        var tenant = await bed.AddTenantAsync(cancellationToken);
        for (var number = 0; number < arguments.Providers; number++)
        {
            await tenant.AddProviderAsync($"provider-{number}", $"1111111111{number:00}", null, cancellationToken);
        }

        foreach (var count in arguments.Silos)
        {
            await new Silos(bed, tenant, arguments, report).MeasureAsync(count, cancellationToken);
        }

        return report;
    }

    private async Task MeasureAsync(int count, CancellationToken cancellationToken)
    {
        var silos = await bed.StartSilosAsync(count, [tenant], Never, cancellationToken);
        var names = await tenant.GrowAsync(arguments.Objects, name => Repositories.Make(name, provider: $"provider-{int.Parse(name[^5..], CultureInfo.InvariantCulture) % arguments.Providers}"), cancellationToken);
        await UntilHeldAsync(silos, names.Length, cancellationToken);
        await UntilProvidersAreEvenAsync(silos, cancellationToken);
        await bed.CountWhenQuietAsync(cancellationToken);

        // Each silo is warm.
        await EditAllAsync(names[..Math.Min(names.Length, 200)], cancellationToken);
        var calls = await bed.CountWhenQuietAsync(cancellationToken);
        bed.Aws.Latency = arguments.Latency;
        var used = silos.Select(silo => silo.ProcessorTime).ToArray();
        var seconds = await EditAllAsync(names, cancellationToken);
        var spent = silos.Zip(used, (silo, before) => (silo.ProcessorTime - before).TotalSeconds).ToArray();
        bed.Aws.Latency = TimeSpan.Zero;

        var how = $"{count} silo{(count == 1 ? "" : "s")}, {arguments.Providers} providers, {arguments.Latency.TotalMilliseconds:0} ms";
        var made = (await bed.CountWhenQuietAsync(cancellationToken)).Since(calls).Aws;
        report.AddFigure($"{how}: first edit to last applied of {names.Length} objects", $"{Number(seconds)} s, {names.Length / seconds:0} objects/s");
        report.AddFigure($"{how}: AWS calls", $"{made.Sum(call => call.Value)} ({string.Join(", ", made.Keys)}), {made.Sum(call => call.Value) / seconds:0} a second");
        report.AddFigure($"{how}: processor time of the silos", $"{string.Join(" + ", spent.Select(Number))} s, {spent.Sum() / seconds / Environment.ProcessorCount:0 %} of the machine's");
        foreach (var silo in silos)
        {
            await bed.StopAsync(silo, cancellationToken);
        }
    }

    private async Task<double> EditAllAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var (value, edits) = ($"{++_edit} of {Environment.TickCount64}", new ConcurrentBag<Edit>());
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = Tenant.Concurrency, CancellationToken = cancellationToken }, async (name, token) => edits.Add(await tenant.EditAsync(name, value, token)));
        var last = 0L;
        foreach (var edit in edits)
        {
            await tenant.Objects.UntilAsync([edit.Name], state => state.AppliedGeneration >= edit.Generation, "in AWS as edited", TimeSpan.FromMinutes(30), cancellationToken);
            last = Math.Max(last, tenant.Objects.First(edit.Name, state => state.AppliedGeneration >= edit.Generation)!.Value);
        }

        return Stopwatch.GetElapsedTime(edits.Min(edit => edit.Began), last).TotalSeconds;
    }

    private static async Task UntilHeldAsync(IReadOnlyList<SiloProcess> silos, int objects, CancellationToken cancellationToken)
    {
        while ((await Task.WhenAll(silos.Select(silo => Fleet.RepositoriesAsync(silo, cancellationToken)))).Sum() < objects)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    // They are moved a few at a time, in less than the time that repositories take to move to a silo that joined.
    private async Task UntilProvidersAreEvenAsync(IReadOnlyList<SiloProcess> silos, CancellationToken cancellationToken)
    {
        while (await Task.WhenAll(silos.Select(silo => Fleet.ProvidersAsync(silo, cancellationToken))) is var counts && (counts.Sum() < arguments.Providers || counts.Max() - counts.Min() > 1))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
