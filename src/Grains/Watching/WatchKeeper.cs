using InfraOperator.Abstractions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Watching;

/// <summary>
/// Asks every second that the watches run. Each silo does so; Orleans keeps one activation of each watch among them and makes
/// it anew where it is missing.
/// </summary>
internal sealed partial class WatchKeeper(IGrainFactory grains, IOptions<OperatorOptions> options, TimeProvider time, ILogger<WatchKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            foreach (var plural in (string[])[AWSProvider.Plural, ECRRepository.Plural])
            {
                try
                {
                    await grains.GetGrain<IResourceWatchGrain>($"{options.Value.ClusterId}/{plural}").EnsureRunning();
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, exception, plural);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not make sure that the watch of {Plural} runs; asking again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string plural);
}
