using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Pace;

/// <summary>
/// A clock that goes on when whatever the step before set off waits for it again. What runs in the background would else fall behind a clock that costs
/// nothing, by as much as the machine is busy.
/// </summary>
internal sealed class SettledTimeProvider : TimeProvider
{
    private readonly FakeTimeProvider _time = new();
    private int _armed;

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(this, callback, state, dueTime, period);

    /// <summary>Goes on, when at least so many timers are set, or nothing is left that would set them.</summary>
    public async Task AdvanceAsync(TimeSpan step, int timers, Func<bool> isOver, CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _armed) < timers && !isOver())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        _time.Advance(step);
    }

    /// <summary>Goes on, whatever waits for it.</summary>
    public void Advance(TimeSpan step) => _time.Advance(step);

    private sealed class Timer : ITimer
    {
        private readonly SettledTimeProvider _owner;
        private readonly ITimer _timer;
        private int _isArmed;

        public Timer(SettledTimeProvider owner, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _owner = owner;
            Arm(dueTime != Timeout.InfiniteTimeSpan);
            _timer = owner._time.CreateTimer(
                _ =>
                {
                    Arm(false);
                    callback(state);
                },
                null,
                dueTime,
                period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Arm(dueTime != Timeout.InfiniteTimeSpan);
            return _timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            Arm(false);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Arm(false);
            return _timer.DisposeAsync();
        }

        private void Arm(bool isArmed)
        {
            var (before, now) = (Interlocked.Exchange(ref _isArmed, isArmed ? 1 : 0), isArmed ? 1 : 0);
            Interlocked.Add(ref _owner._armed, now - before);
        }
    }
}
