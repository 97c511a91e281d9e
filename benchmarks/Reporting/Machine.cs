using System.Reflection;
using System.Runtime.InteropServices;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks.Reporting;

/// <summary>Where, when and with what the figures came about.</summary>
internal static class Machine
{
    public static async Task<IReadOnlyList<string>> DescribeAsync(Cluster? cluster, CancellationToken cancellationToken) =>
    [
        $"command: {string.Join(' ', ["benchmarks", .. Environment.GetCommandLineArgs()[1..]])}",
        $"date: {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC",
        $"machine: {Environment.ProcessorCount} × {FirstLine("/proc/cpuinfo", "model name")?.Split(':')[1].Trim() ?? "?"} ({RuntimeInformation.ProcessArchitecture}), "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, load at the start (1, 5, 15 minutes) {Load}; silo, API server, AWS mock and benchmark share it",
        $"system: {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}{(cluster is null ? "" : $", API server {(await cluster.GetAsync("/version", cancellationToken))["gitVersion"]}")}",
        $"infra-operator: {Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}",
    ];

    /// <summary>How many threads run or wait for a processor: the mean of the last minute, five and fifteen minutes.</summary>
    public static string Load => string.Join(' ', FirstLine("/proc/loadavg", "")?.Split(' ')[..3] ?? ["?"]);

    private static string? FirstLine(string file, string start) =>
        File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) : null;
}
