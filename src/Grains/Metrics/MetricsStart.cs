using InfraOperator.Aws;
using Microsoft.Extensions.Hosting;

namespace InfraOperator.Grains.Metrics;

/// <summary>Has the instruments made when the silo starts: a silo that no grain has come to yet says zero, and not nothing.</summary>
internal sealed class MetricsStart(GrainMetrics grains, AwsClientFactory aws) : IHostedService
{
    /// <summary>Who has instruments.</summary>
    public IReadOnlyList<object> Meters { get; } = [grains, aws];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
