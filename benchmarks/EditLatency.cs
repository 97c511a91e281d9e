using System.Diagnostics;
using System.Globalization;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>How long an edit takes to come to AWS while all objects are being compared: from the API server's answer to the first write that names the repository.</summary>
internal sealed class EditLatency(Testbed bed, Tenant tenant, SiloProcess silo, Arguments arguments, Report report)
{
    private const int Edits = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private int _edit;

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var bed = await Testbed.StartAsync(arguments, cancellationToken);
        var report = new Report("edit", await Machine.DescribeAsync(bed.Cluster, cancellationToken));
        var tenant = await bed.AddTenantAsync("111111111111", cancellationToken);
        var silo = await bed.StartSiloAsync([tenant], arguments.Period, cancellationToken);
        var benchmark = new EditLatency(bed, tenant, silo, arguments, report);
        foreach (var size in arguments.Sizes.Order())
        {
            await benchmark.MeasureAsync(size, cancellationToken);
        }

        return report;
    }

    private async Task MeasureAsync(int size, CancellationToken cancellationToken)
    {
        var names = await tenant.GrowAsync(size, name => Repositories.Make(name, arguments.Policies), cancellationToken);

        // Until every object was compared once: the first edits of a silo are not what is asked for.
        await Task.Delay(arguments.Period, cancellationToken);
        bed.Aws.ForgetCalls();
        var (calls, used, start) = (await bed.CountAsync(cancellationToken), silo.ProcessorTime, Stopwatch.GetTimestamp());
        var edits = new List<Edit>();
        for (var number = 0; number < Edits; number++)
        {
            edits.Add(await tenant.EditAsync(names[(int)((long)number * 7919 % size)], $"{++_edit}", cancellationToken));

            // Not in step with any timer of the silo's.
            await Task.Delay(Pause * (0.5 + Random.Shared.NextDouble()), cancellationToken);
        }

        var (spent, passed) = ((await bed.CountAsync(cancellationToken)).Since(calls), Stopwatch.GetElapsedTime(start));
        foreach (var edit in edits)
        {
            await tenant.Objects.UntilAsync([edit.Name], state => state.AppliedGeneration >= edit.Generation, "in AWS as edited", cancellationToken);
        }

        report.AddTimes($"edit accepted to AWS, {size} objects, each compared every {arguments.Period.TotalSeconds:0} s", bed.Aws.TimesOf(edits));
        report.AddFigure($"{size} objects: AWS calls a second meanwhile", string.Join(", ", spent.Aws.Select(call => $"{Number(call.Value / passed.TotalSeconds)} {call.Key}")));
        report.AddFigure($"{size} objects: processor time of the silo a minute meanwhile", $"{Number((silo.ProcessorTime - used).TotalSeconds / passed.TotalMinutes)} s");
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
