using InfraOperator.Abstractions;
using InfraOperator.Grains.Hosting;
using InfraOperator.Grains.Status;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Watching;

/// <summary>
/// Asks every second that the watches run. Each silo does so; Orleans keeps one activation of each watch among them and makes
/// it anew where it is missing. All work begins with them, so they are held back while the API server serves definitions under
/// which it would go wrong.
/// </summary>
internal sealed partial class WatchKeeper(
    ServedDefinitions definitions, WatchAnswers answers, IGrainFactory grains, IOptions<OperatorOptions> options, TimeProvider time, ILogger<WatchKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 1; !await MayBeginAsync(stoppingToken); attempt++)
        {
            await Task.Delay(RetryDelay.After(options.Value, attempt, Mend.Time), time, stoppingToken);
        }

        using var timer = new PeriodicTimer(Period, time);
        do
        {
            var answered = true;
            foreach (var plural in (string[])[AWSProvider.Plural, ECRRepository.Plural])
            {
                try
                {
                    await grains.GetGrain<IResourceWatchGrain>($"{options.Value.ClusterId}/{plural}").EnsureRunning();
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    answered = false;
                    LogFailed(logger, exception, plural);
                }
            }

            if (answered)
            {
                answers.Note();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Before the start the same is asked; it gets no answer where the API server is away, and then the question stays.
    private async Task<bool> MayBeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await definitions.FindProblemAsync(cancellationToken) is not { } problem)
            {
                return true;
            }

            LogHeldBack(logger, problem);
            return false;
        }
        catch (KubernetesApiException exception) when (exception.Failure is KubernetesFailure.Unavailable or KubernetesFailure.TooManyRequests or KubernetesFailure.Unauthorized)
        {
            LogUnknown(logger, exception);
            return false;
        }
        catch (KubernetesApiException exception)
        {
            // A cluster that hides its schemas from us is not stood still for.
            LogUnchecked(logger, exception);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Every ecrrepository and awsprovider is left as it is: {Problem}")]
    private static partial void LogHeldBack(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API server has not told yet which definitions of ecrrepository and awsprovider it serves; asking again")]
    private static partial void LogUnknown(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API server does not tell which definitions of ecrrepository and awsprovider it serves, so nobody can say whether they are those of this version")]
    private static partial void LogUnchecked(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not make sure that the watch of {Plural} runs; asking again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string plural);
}
