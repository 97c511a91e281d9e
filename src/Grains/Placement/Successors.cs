using System.Threading.Channels;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Placement;

/// <summary>
/// Makes grains anew that ended though their objects did not. With a silo goes the record of where some grains of the others are, and
/// Orleans ends those too; and a grain may be on its way to a silo that does not take it. The watches announce everything again when a silo
/// is lost, but what a grain is told just before it ends is told in vain.
/// </summary>
internal sealed partial class Successors(IOptions<OperatorOptions> options, TimeProvider time, ILogger<Successors> logger) : BackgroundService
{
    private const int AtOnce = 16;

    // By then most know their object from the watch, and need not read it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // A call that lasts longer went to a silo that is lost too.
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(10);

    private readonly Channel<Ended> _ended = Channel.CreateUnbounded<Ended>();

    /// <summary>Whether a grain that ends for this reason is made anew. A silo that stops hands its grains over, and what it could not is announced when it has left.</summary>
    public static bool AreCalledFor(DeactivationReason reason) => reason.ReasonCode != DeactivationReasonCode.ShuttingDown;

    /// <summary>Has the grain of an object made anew. Returns at once.</summary>
    /// <param name="key">The object.</param>
    /// <param name="call">The call that makes it, and does nothing where it is there.</param>
    public void Call(ResourceKey key, Func<Task> call) => _ended.Writer.TryWrite(new(key, call, time.GetTimestamp()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Parallel.ForEachAsync(
            _ended.Reader.ReadAllAsync(stoppingToken),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
            MakeAsync).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async ValueTask MakeAsync(Ended ended, CancellationToken stoppingToken)
    {
        if (Patience - time.GetElapsedTime(ended.At) is var pause && pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, time, stoppingToken);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ended.Call().WaitAsync(CallPatience, time, stoppingToken);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotMade(logger, exception, ended.Key);
            }

            await Task.Delay(RetryDelay.After(options.Value, attempt, Mend.Time), time, stoppingToken);
        }
    }

    /// <param name="Key">The object.</param>
    /// <param name="Call">The call that makes the successor.</param>
    /// <param name="At">When the grain ended.</param>
    private readonly record struct Ended(ResourceKey Key, Func<Task> Call, long At);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grain of {Key} ended, and could not be made anew; trying again")]
    private static partial void LogNotMade(ILogger logger, Exception exception, ResourceKey key);
}
