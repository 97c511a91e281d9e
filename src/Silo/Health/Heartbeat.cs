using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace InfraOperator.Silo.Health;

/// <summary>Beats every second as long as the process gets queued work done.</summary>
internal sealed class Heartbeat(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private long _last = time.GetTimestamp();

    public TimeSpan SinceLast => time.GetElapsedTime(Volatile.Read(ref _last));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            Volatile.Write(ref _last, time.GetTimestamp());
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

/// <summary>Live: queued work has been done lately. A process that is only slow, or cut off from everybody, is not helped by a restart.</summary>
internal sealed class HeartbeatCheck(Heartbeat heartbeat) : IHealthCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        heartbeat.SinceLast is var since && since < Limit
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"nothing that was queued has been done for {since.TotalSeconds:0} s"));
}
