using System.Diagnostics;
using System.Globalization;
using System.Text;
using InfraOperator.Abstractions;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Grains;
using InfraOperator.Grains.Hosting;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Benchmarks.Pieces;

/// <summary>
/// What it costs a silo in this process to come to know objects that are in sync: the time until each grain is there, and the memory
/// that it and all that remembers it keep. There is no API server behind it, and none is needed for that.
/// </summary>
internal static class Activations
{
    private const int Group = 64;

    public static async Task MeasureAsync(Report report, int objects, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.Configure<OperatorOptions>(options => (options.ClusterId, options.ComparePeriod) = ("benchmark", TimeSpan.FromHours(12)));
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort: FreePort(), gatewayPort: 0).ConfigureForControlPlane());
        builder.Services.AddControlPlane(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, "benchmark");
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await AnnounceAsync(grains, "warm", Make("warm", objects), cancellationToken);

        var idle = Make("idle", objects);
        var before = Settle();
        var (bytes, start) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        await AnnounceAsync(grains, "idle", idle, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        report.AddFigure($"announce an object in sync to a new grain, {Group} at a time, its JSON's parse included", $"{Number(1e6 * seconds / objects)} µs, {bytes / objects} bytes");
        report.AddFigure($"managed memory that stays for each of {objects} such objects, {idle[0].Length} bytes of JSON", $"{(Settle() - before) / objects} bytes");

        start = Stopwatch.GetTimestamp();
        await AnnounceAsync(grains, "idle", idle, cancellationToken);
        report.AddFigure($"announce the same again, {Group} at a time, its JSON's parse included", $"{Number(1e6 * Stopwatch.GetElapsedTime(start).TotalSeconds / objects)} µs");
        GC.KeepAlive(idle);
        await host.StopAsync(CancellationToken.None);
    }

    private static byte[][] Make(string prefix, int objects) => [.. Enumerable.Range(0, objects).Select(number => Encoding.UTF8.GetBytes(Samples.Json(Name(prefix, number))))];

    private static Task AnnounceAsync(IGrainFactory grains, string prefix, byte[][] objects, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(objects.Index(), new ParallelOptions { MaxDegreeOfParallelism = Group, CancellationToken = cancellationToken }, async (item, _) =>
            await grains.GetGrain<IRepositoryGrain>(new ResourceKey("benchmark", "team-a", Name(prefix, item.Index)).ToString()).Announce(Samples.Read(item.Item), 1));

    private static string Name(string prefix, int number) => $"{prefix}-{number:00000}";

    private static long Settle()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
