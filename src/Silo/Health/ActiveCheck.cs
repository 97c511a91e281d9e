using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace InfraOperator.Silo.Health;

/// <summary>Started, and ready: the silo is Active in the membership as this silo knows it, and is not about to end.</summary>
internal sealed class ActiveCheck(IClusterMembershipService membership, ILocalSiloDetails silo, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = membership.CurrentSnapshot.GetSiloStatus(silo.SiloAddress);
        return Task.FromResult(
            lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("the silo is stopping")
            : status != SiloStatus.Active ? HealthCheckResult.Unhealthy($"the silo is {status} in the membership")
            : HealthCheckResult.Healthy());
    }
}
