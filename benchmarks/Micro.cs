using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using InfraOperator.Benchmarks.Pieces;
using InfraOperator.Benchmarks.Reporting;

namespace InfraOperator.Benchmarks;

/// <summary>What the pieces cost that run for every object or event, each by itself: time and memory. Needs no server.</summary>
internal static class Micro
{
    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var report = new Report("micro", await Machine.DescribeAsync(null, cancellationToken));
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "benchmarks"));
        foreach (var pieces in (Type[])[typeof(Plans), typeof(Policies), typeof(WatchEvents)])
        {
            Add(report, BenchmarkRunner.Run(pieces, config));
        }

        await Activations.MeasureAsync(report, arguments.Objects, cancellationToken);
        return report;
    }

    private static void Add(Report report, Summary summary)
    {
        if (summary.HasCriticalValidationErrors || summary.Reports.FirstOrDefault(benchmark => !benchmark.Success) is not null)
        {
            throw new BenchmarkException($"{summary.Title} did not run: {string.Join("; ", summary.ValidationErrors.Select(error => error.Message))}");
        }

        foreach (var benchmark in summary.Reports)
        {
            var (time, bytes) = (benchmark.ResultStatistics!, benchmark.GcStats.GetBytesAllocatedPerOperation(benchmark.BenchmarkCase));
            report.AddFigure(
                benchmark.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''),
                $"{Number(time.Mean / 1000)} µs (± {Number(time.StandardDeviation / 1000)}), {bytes?.ToString(CultureInfo.InvariantCulture) ?? "?"} bytes");
        }
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
