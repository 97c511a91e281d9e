using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks.Reporting;

/// <summary>Where and with what the figures came about.</summary>
internal static class Machine
{
    public static async Task<IReadOnlyList<string>> DescribeAsync(Workbench bench, CancellationToken cancellationToken)
    {
        JsonNode version = await bench.Cluster.GetAsync("/version", cancellationToken);
        return
        [
            $"date: {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC",
            $"machine: {Environment.ProcessorCount} × {Processor()}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, load {Load()} at the start; silo, API server, AWS mock and benchmark share it",
            $"system: {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
            $"infra-operator: {Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}",
            $"API server: {version["gitVersion"]}; AWS: {await bench.DescribeAwsAsync(cancellationToken)}",
        ];
    }

    private static string Processor() =>
        (File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null)
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
