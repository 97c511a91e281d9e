using InfraOperator.Grains.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace InfraOperator.Silo.Health;

/// <summary>
/// Ready: the grains that watch have lately answered this silo that they run, wherever they are. A silo that reaches none of them is
/// cut off. That the API server is away makes none unready: the grains answer all the same.
/// </summary>
internal sealed class WatchCheck(WatchAnswers answers) : IHealthCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(answers.SinceLast switch
    {
        null => HealthCheckResult.Unhealthy("no watch has answered yet"),
        { } since when since >= Limit => HealthCheckResult.Unhealthy($"no watch has answered for {since.TotalSeconds:0} s"),
        _ => HealthCheckResult.Healthy(),
    });
}
