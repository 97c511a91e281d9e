using InfraOperator.Grains;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Silo;

/// <summary>Says at start what a person should know of this silo's configuration.</summary>
internal sealed partial class StartupReport(IOptions<OperatorOptions> options, ILogger<StartupReport> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogStarting(logger, options.Value.ClusterId, options.Value.ComparePeriod);
        if (options.Value.AwsEndpointUrl is { } endpoint)
        {
            LogEndpoint(logger, endpoint);
        }

        if (options.Value.Tenants.Count == 0)
        {
            LogOpen(logger);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "infra-operator for AWS ecr starts as cluster '{ClusterId}'; ecrrepositories are swept each {ComparePeriod}")]
    private static partial void LogStarting(ILogger logger, string clusterId, TimeSpan comparePeriod);

    [LoggerMessage(Level = LogLevel.Warning, Message = "AWS is replaced by {Endpoint} for every awsprovider whose spec names no endpoint, because AWS_ENDPOINT_URL or Operator:AwsEndpointUrl says so")]
    private static partial void LogEndpoint(ILogger logger, Uri endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No tenancy rules are configured, so an awsprovider of any namespace may name any role that trusts the operator, or act as the operator itself; Operator:Tenants binds namespaces to roles, accounts, regions and repositories")]
    private static partial void LogOpen(ILogger logger);
}
