using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Kubernetes.Tests.Fakes;

/// <summary>A fake clock that tells when somebody begins to wait, so that a test moves it only then.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ObservedTimer(base.CreateTimer(callback, state, dueTime, period), _armed.Writer);
        _armed.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Forgets the timers that were set so far.</summary>
    public void Forget()
    {
        while (_armed.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Waits until a timer has been set, now or since <see cref="Forget"/>, for a time that fits, and returns it.</summary>
    public async Task<TimeSpan> ArmedAsync(Func<TimeSpan, bool> fits)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            while (true)
            {
                var due = await _armed.Reader.ReadAsync(deadline.Token);
                if (fits(due))
                {
                    return due;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("Nobody set such a timer.");
        }
    }

    /// <summary>Waits for a pause between two tries (the watcher's and the requests' limits are all longer), and lets it pass.</summary>
    public async Task<TimeSpan> PassPauseAsync()
    {
        var pause = await ArmedAsync(due => due > TimeSpan.Zero && due < TimeSpan.FromSeconds(30));
        Advance(pause);
        return pause;
    }

    private sealed class ObservedTimer(ITimer timer, ChannelWriter<TimeSpan> armed) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            armed.TryWrite(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
