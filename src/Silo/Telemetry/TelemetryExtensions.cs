using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace InfraOperator.Silo.Telemetry;

/// <summary>Serves the metrics of this silo to Prometheus. docs/metrics.md names them.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Where Prometheus reads.</summary>
    public const string Path = "/metrics";

    private const string Orleans = "Microsoft.Orleans";

    // Room is made for all of them at once, in every instrument. No label grows with what people create, so none comes near it.
    private const int MostSeries = 400;

    // Orleans has some 150 instruments, many of them for parts that are not in use, and some with a label for each silo that ever was. These are worth an
    // alert or a look, with the labels that cannot grow.
    private static readonly Dictionary<string, string[]> OrleansLabels = new()
    {
        ["orleans-app-requests-canceled"] = [],
        ["orleans-app-requests-timedout"] = [],
        ["orleans-catalog-activation-failed-to-activate"] = [],
        ["orleans-grains"] = ["grain_type"],
        ["orleans-messaging-expired"] = [],
        ["orleans-messaging-pings-reply-missed"] = [],
        ["orleans-messaging-rejected"] = [],
        ["orleans-messaging-rerouted"] = [],
        ["orleans-messaging-sent-failed"] = [],
        ["orleans-scheduler-long-running-turns"] = [],
        ["orleans-watchdog-health-checks-failed"] = [],
    };

    public static void AddTelemetry(this IServiceCollection services)
    {
        services.AddSingleton<ClusterMetrics>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("InfraOperator", "InfraOperator.*", Orleans, "System.Runtime")
            .AddView(Choose)
            // One Prometheus reads, or two: a scrape that says what was true a moment ago spares nothing.
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0));
    }

    public static void MapTelemetry(this WebApplication application)
    {
        _ = application.Services.GetRequiredService<ClusterMetrics>();
        application.MapPrometheusScrapingEndpoint(Path);
    }

    private static MetricStreamConfiguration Choose(Instrument instrument) =>
        instrument.Meter.Name != Orleans ? new() { CardinalityLimit = MostSeries }
        : OrleansLabels.TryGetValue(instrument.Name, out var labels) ? new() { TagKeys = labels, CardinalityLimit = MostSeries }
        : MetricStreamConfiguration.Drop;
}
