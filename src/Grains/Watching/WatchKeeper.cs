using System.Collections.Concurrent;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Hosting;
using InfraOperator.Grains.Placement;
using InfraOperator.Grains.Status;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Watching;

/// <summary>
/// Asks every second, and at once when silos come or go, that the watches run. Each silo does so; Orleans keeps one activation of each
/// watch among them and makes it anew where it is missing. All work begins with them, so they are held back while the API server
/// serves definitions under which it would go wrong.
/// </summary>
internal sealed partial class WatchKeeper(
    ServedDefinitions definitions,
    WatchAnswers answers,
    LocalGrains local,
    IClusterMembershipService membership,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<WatchKeeper> logger) : BackgroundService
{
    private const int RereadsUnderWay = 16;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _look = new(0, 1);
    private readonly ConcurrentDictionary<WatchKey, long> _rounds = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 1; !await MayBeginAsync(stoppingToken); attempt++)
        {
            await Task.Delay(RetryDelay.After(options.Value, attempt, Mend.Time), time, stoppingToken);
        }

        var following = FollowMembershipAsync(stoppingToken);
        using var ticks = time.CreateTimer(_ => LookNow(), null, Period, Period);
        var watches = WatchKey.All(options.Value).ToArray();
        while (!stoppingToken.IsCancellationRequested)
        {
            if ((await Task.WhenAll(watches.Select(watch => AskAsync(watch, stoppingToken)))).All(answered => answered))
            {
                answers.Note();
            }

            await _look.WaitAsync(stoppingToken);
        }

        await following;
    }

    private async Task<bool> AskAsync(WatchKey watch, CancellationToken stoppingToken)
    {
        try
        {
            if (await grains.GetGrain<IResourceWatchGrain>(watch.ToString()).EnsureRunning().WaitAsync(Patience, time, stoppingToken) is { } round && _rounds.GetValueOrDefault(watch) != round)
            {
                _rounds[watch] = round;
                _ = RereadAsync(watch, round, stoppingToken);
            }

            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, watch);
            return false;
        }
    }

    // A watch that was made anew knows what there is, not what there was. A grain that it did not tell of its object has missed
    // the object's end, and would go on keeping up in AWS what nobody wants any longer.
    private async Task RereadAsync(WatchKey watch, long round, CancellationToken stoppingToken)
    {
        var missed = local.All.Where(grain => watch.Covers(grain.Plural, grain.Key) && grain.Round is { } last && last != round).ToArray();
        if (missed.Length > 0)
        {
            LogRereading(logger, watch, missed.Length);
        }

        await Parallel.ForEachAsync(missed, new ParallelOptions { MaxDegreeOfParallelism = RereadsUnderWay, CancellationToken = stoppingToken }, async (grain, _) =>
        {
            try
            {
                await (grain.Plural == ECRRepository.Plural
                    ? grains.GetGrain<IRepositoryGrain>(grain.Key.ToString()).Reread(onlyIfUnknown: false)
                    : grains.GetGrain<IProviderGrain>(grain.Key.ToString()).Reread(onlyIfUnknown: false));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotReread(logger, exception, grain.Key);
            }
        }).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task FollowMembershipAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                LookNow();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As asked.
        }
    }

    private void LookNow()
    {
        lock (_look)
        {
            if (_look.CurrentCount == 0)
            {
                _look.Release();
            }
        }
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not make sure that the watch {Watch} runs; asking again")]
    private static partial void LogFailed(ILogger logger, Exception exception, WatchKey watch);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} objects of this silo were not announced by the new watch {Watch}: they are read afresh")]
    private static partial void LogRereading(ILogger logger, WatchKey watch, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not have {Key} read afresh; it looks again by itself")]
    private static partial void LogNotReread(ILogger logger, Exception exception, ResourceKey key);
}
