using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace InfraOperator.Silo.Health;

/// <summary>
/// The endpoints that a kubelet asks. No answer needs a call to anybody: a probe that asks the API server, or another silo, would
/// have every pod restarted for the trouble of one.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>Whether the silo has become part of the cluster.</summary>
    public const string Startup = "/healthz/startup";

    /// <summary>Whether the silo takes work.</summary>
    public const string Ready = "/healthz/ready";

    /// <summary>Whether the process still gets anything done.</summary>
    public const string Live = "/healthz/live";

    public static void AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<Heartbeat>();
        services.AddHostedService(static provider => provider.GetRequiredService<Heartbeat>());
        services.AddHealthChecks()
            .AddCheck<ActiveCheck>("active", tags: [Startup, Ready])
            .AddCheck<WatchCheck>("watch", tags: [Ready])
            .AddCheck<HeartbeatCheck>("heartbeat", tags: [Live]);
    }

    public static void MapHealth(this WebApplication application)
    {
        foreach (var endpoint in (string[])[Startup, Ready, Live])
        {
            application.MapHealthChecks(endpoint, new HealthCheckOptions { Predicate = check => check.Tags.Contains(endpoint), ResponseWriter = WriteAsync });
        }
    }

    // What a person sees who asks with curl, and in the events of a pod whose probe fails.
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(string.Concat(report.Entries.Select(entry => $"{entry.Key}: {entry.Value.Status}{(entry.Value.Description is { } why ? $", {why}" : "")}\n")));
    }
}
