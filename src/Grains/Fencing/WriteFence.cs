using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Fencing;

/// <summary>
/// Whether this silo may still write. One that stood still (a stopped process, a paused machine) may have been declared dead, and
/// others serve its objects; one that cannot read the membership would not hear of it. Neither writes before it has read
/// afresh that it is alive. The monotonic clock goes on while a process is stopped, so the first look after it tells.
/// </summary>
/// <remarks>What is on its way to the network when a process is stopped cannot be called back: the fence shrinks that window, and does not close it.</remarks>
internal sealed partial class WriteFence(IClusterMembershipService membership, ILocalSiloDetails local, TimeProvider time, ILogger<WriteFence> logger) : IHostedService, IDisposable
{
    /// <summary>How long this silo may stand still. Shorter than others take to declare it dead.</summary>
    public static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(4);

    /// <summary>How old what is known of the membership may be.</summary>
    public static readonly TimeSpan LongestIgnorance = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timer;
    private Task _reading = Task.CompletedTask;
    private long _asked;
    private long _ticked = time.GetTimestamp();
    private long _read = time.GetTimestamp();
    private int _isDoubtful;

    /// <summary>Why this silo may not write now; null where it may.</summary>
    public string? Refusal
    {
        get
        {
            if (time.GetElapsedTime(Volatile.Read(ref _ticked)) > LongestStandstill)
            {
                Volatile.Write(ref _isDoubtful, 1);
            }

            return Volatile.Read(ref _isDoubtful) != 0 ? "this silo stood still and has to find out first whether others serve its objects now"
                : time.GetElapsedTime(Volatile.Read(ref _read)) > LongestIgnorance ? "this silo cannot read the membership, so others may serve its objects now"
                : membership.CurrentSnapshot.GetSiloStatus(local.SiloAddress) == SiloStatus.Dead ? "this silo was declared dead"
                : null;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before this nothing was looked at, and nothing is written.
        Volatile.Write(ref _ticked, time.GetTimestamp());
        Volatile.Write(ref _read, time.GetTimestamp());
        _asked = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Look(), null, TimeSpan.Zero, Tick);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await (_timer?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    public void Dispose() => _stop.Dispose();

    private void Look()
    {
        var standstill = time.GetElapsedTime(Volatile.Read(ref _ticked));
        if (standstill > LongestStandstill)
        {
            LogStoodStill(logger, standstill);
            Volatile.Write(ref _isDoubtful, 1);
        }

        Volatile.Write(ref _ticked, time.GetTimestamp());
        if (_reading.IsCompleted && (Volatile.Read(ref _isDoubtful) != 0 || time.GetElapsedTime(_asked) >= RefreshPeriod))
        {
            _asked = time.GetTimestamp();
            _reading = ReadAsync(_stop.Token);
        }
    }

    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(RefreshTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
            await membership.Refresh(cancellationToken: either.Token);
            Volatile.Write(ref _read, began);

            // A standstill during the read makes its answer as old as all else.
            if (time.GetElapsedTime(began) <= LongestStandstill && Interlocked.Exchange(ref _isDoubtful, 0) != 0)
            {
                LogGoesOn(logger, membership.CurrentSnapshot.GetSiloStatus(local.SiloAddress));
            }
        }
        catch (Exception exception)
        {
            LogUnread(logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "This silo stood still for {Standstill}: it writes nothing for ecr until it has read that it is alive")]
    private static partial void LogStoodStill(ILogger logger, TimeSpan standstill);

    [LoggerMessage(Level = LogLevel.Information, Message = "This silo has read that it is {Status}")]
    private static partial void LogGoesOn(ILogger logger, SiloStatus status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership could not be read; trying again")]
    private static partial void LogUnread(ILogger logger, Exception exception);
}
