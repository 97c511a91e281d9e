using System.Collections.Concurrent;
using System.Net;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Watching;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Watching;

public sealed class AnnouncerTests : IDisposable
{
    private static readonly SiloAddress Silo = SiloAddress.New(new(IPAddress.Loopback, 1), 1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Log _log = new();
    private readonly ConcurrentQueue<(string Version, TaskCompletionSource Answer)> _told = new();

    [Fact]
    public async Task News_under_way_when_the_watch_begins_again_are_told_and_so_are_later_ones()
    {
        var announcer = Announcer();
        using (var session = new CancellationTokenSource())
        {
            await announcer.ChangedAsync(At("1"), Version("1"), session.Token);
            await session.CancelAsync();
        }

        Assert.Equal("1", await TellsAsync(1));
        _told.Last().Answer.SetException(new TimeoutException());
        Assert.Equal("1", await TellsAsync(2));
        _told.Last().Answer.SetResult();

        await announcer.ChangedAsync(At("2"), Version("2"), TestContext.Current.CancellationToken);
        Assert.Equal("2", await TellsAsync(3));
    }

    [Fact]
    public async Task News_that_get_no_answer_are_told_again()
    {
        var announcer = Announcer();
        await announcer.ChangedAsync(At("1"), Version("1"), TestContext.Current.CancellationToken);
        var asked = _time.GetUtcNow();

        Assert.Equal("1", await TellsAsync(2));
        Assert.True(_time.GetUtcNow() - asked >= TimeSpan.FromSeconds(2), "It was given no time to answer.");
    }

    [Fact]
    public async Task Only_the_newest_of_what_comes_meanwhile_is_told()
    {
        var announcer = Announcer();
        foreach (var version in new[] { "1", "2", "3" })
        {
            await announcer.ChangedAsync(At(version), Version(version), TestContext.Current.CancellationToken);
        }

        _told.Single().Answer.SetResult();
        Assert.Equal("3", await TellsAsync(2));
    }

    [Fact]
    public async Task A_round_is_complete_when_all_that_was_listed_has_been_told()
    {
        var announcer = Announcer();
        await announcer.ChangedAsync(At("1"), Version("1"), TestContext.Current.CancellationToken);
        await announcer.SyncedAsync(false, TestContext.Current.CancellationToken);
        Assert.Null(announcer.CompleteRound);

        _told.Single().Answer.SetResult();
        await UntilAsync(() => announcer.CompleteRound is not null, step: TimeSpan.Zero);

        announcer.BeginRound();
        Assert.Null(announcer.CompleteRound);
    }

    [Fact]
    public async Task Nothing_is_told_after_the_end()
    {
        var announcer = Announcer();
        await announcer.ChangedAsync(At("1"), Version("1"), TestContext.Current.CancellationToken);
        await _stop.CancelAsync();
        await announcer.ChangedAsync(At("1", "other"), Version("1", "other"), TestContext.Current.CancellationToken);

        // Each gives up and says so. One that did not would tell again, as no answer comes.
        await UntilAsync(() => _log.Stopped == 2 || _told.Count > 1, Step);
        Assert.Single(_told);
    }

    public void Dispose() => _stop.Dispose();

    private Announcer<ECRRepository> Announcer() => new(
        "cluster",
        (_, repository, _) =>
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _told.Enqueue((repository.Metadata.ResourceVersion, answer));
            return answer.Task;
        },
        static (_, _) => Task.CompletedTask,
        static (_, _) => throw new InvalidOperationException(),
        static _ => Silo,
        maxUnderWay: 4,
        _time,
        _log,
        _stop.Token);

    private static ObjectReference At(string version, string name = "app") => new("team", name, "uid", version);

    private static ECRRepository Version(string version, string name = "app") => new() { Metadata = new() { Namespace = "team", Name = name, Uid = "uid", ResourceVersion = version } };

    /// <summary>What is told for the n-th time, as time goes on.</summary>
    private async Task<string> TellsAsync(int n)
    {
        await UntilAsync(() => _told.Count >= n, Step);
        return _told.ElementAt(n - 1).Version;
    }

    private async Task UntilAsync(Func<bool> holds, TimeSpan step)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, "It never came to that.");
            _time.Advance(step);
            await Task.Yield();
        }
    }

    /// <summary>Counts the objects whose news were given up.</summary>
    private sealed class Log : ILogger
    {
        private int _stopped;

        public int Stopped => Volatile.Read(ref _stopped);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "LogStopped")
            {
                Interlocked.Increment(ref _stopped);
            }
        }
    }
}
