using System.Threading.Channels;
using InfraOperator.Abstractions;
using InfraOperator.Conformance;
using InfraOperator.Grains.Pace;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class ProviderPaceTests : IDisposable
{
    private readonly CallOrigin _user = new("team", CallPriority.User);

    private readonly SettledTimeProvider _time = new();
    private readonly Channel<PaceReport> _reports = Channel.CreateUnbounded<PaceReport>();
    private readonly Measurements _measured = new();
    private readonly ProviderPace _pace;
    private ClassGrant[] _grants = [];
    private Exception? _failure;
    private bool _isLost;

    public ProviderPaceTests() => _pace = New(slots: 64);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _pace.Dispose();

    [Fact]
    public async Task A_few_calls_go_at_once_and_nobody_is_asked()
    {
        for (var number = 0; number < 4; number++)
        {
            (await Take()).Dispose();
        }

        Assert.False(_reports.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task More_calls_wait_and_the_account_is_asked_at_once()
    {
        _grants = [new(OperationClass.Write, 20, 10, [])];
        await TakeMany(4);
        var waiting = _pace.TakeAsync(OperationClass.Write, _user, Cancel);
        Assert.False(waiting.IsCompleted);

        var report = Assert.Single((await _reports.Reader.ReadAsync(Cancel)).Classes);
        Assert.Equal((4, 0, true, 0.0), (report.Served, report.Throttled, report.IsPressed, report.KnownRate));
        Assert.Equal(new PaceDemand("team", false, 5 / 0.25), Assert.Single(report.Demands));
        await ServeAsync(waiting);
    }

    [Fact]
    public async Task Calls_keep_to_the_rate_that_was_granted()
    {
        _grants = [new(OperationClass.Write, 100, 10, [])];
        await TakeMany(4);
        await AssertServedAsync([.. Enumerable.Range(0, 30).Select(_ => EndAtOnceAsync())], rate: 10);
    }

    [Fact]
    public async Task A_call_that_is_throttled_is_told_at_once_and_its_rate_is_remembered()
    {
        _grants = [new(OperationClass.Write, 8, 8, [])];
        using (var turn = await Take())
        {
            turn.IsThrottled = true;
        }

        var report = Assert.Single((await _reports.Reader.ReadAsync(Cancel)).Classes);
        Assert.Equal((0, 1, false), (report.Served, report.Throttled, report.IsPressed));

        // Long after, the grant is none any more, but what the account stood is known.
        var began = _time.GetTimestamp();
        await UntilAsync(() => _time.GetElapsedTime(began) > TimeSpan.FromMinutes(1));
        await TakeMany(4);
        var waiting = _pace.TakeAsync(OperationClass.Write, _user, Cancel);
        PaceReport? second = null;
        await UntilAsync(() => _reports.Reader.TryRead(out second));
        Assert.Equal(8, second!.Classes.Single().KnownRate);
        await ServeAsync(waiting);
    }

    [Fact]
    public async Task Without_an_answer_calls_go_on_slowly()
    {
        _failure = new TimeoutException();
        await TakeMany(4);
        await AssertServedAsync([.. Enumerable.Range(0, 10).Select(_ => EndAtOnceAsync())], rate: 5);
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_not_waited_for()
    {
        _grants = [new(OperationClass.Write, 20, 10, [])];
        _isLost = true;
        await TakeMany(4);
        var waiting = Enumerable.Range(0, 100).Select(_ => EndAtOnceAsync()).ToArray();
        await _reports.Reader.ReadAsync(Cancel);
        _isLost = false;

        PaceReport? second = null;
        var began = _time.GetTimestamp();
        await UntilAsync(() => _reports.Reader.TryRead(out second));
        Assert.InRange(_time.GetElapsedTime(began).TotalSeconds, 0, 6);
        Assert.True(second!.Classes.Single().IsPressed);
        await ServeAsync(Task.WhenAll(waiting));
    }

    [Fact]
    public async Task No_more_are_under_way_than_may_be_whatever_their_class()
    {
        using var pace = New(slots: 6);
        OperationClass[] classes = [OperationClass.Write, OperationClass.Write, OperationClass.Write, OperationClass.Read, OperationClass.Read, OperationClass.List];
        var begun = await Task.WhenAll(classes.Select(@class => pace.TakeAsync(@class, _user, Cancel)));
        var next = pace.TakeAsync(OperationClass.Preview, _user, Cancel);
        Assert.False(next.IsCompleted);

        begun[^1].Dispose();
        (await next).Dispose();

        // Where it is room that was waited for, there is nothing to ask the account.
        Assert.False(_reports.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Who_waits_for_a_slow_class_holds_up_no_other()
    {
        await TakeMany(4);
        var waiting = Enumerable.Range(0, 50).Select(_ => EndAtOnceAsync()).ToArray();
        (await Take(OperationClass.Read)).Dispose();
        Assert.Contains(waiting, one => !one.IsCompleted);
    }

    [Fact]
    public async Task What_AWS_refused_does_not_begin_at_the_end_of_its_line()
    {
        await TakeMany(4);
        var first = EndAtOnceAsync();
        using (var again = await ServedAsync(_pace.TakeAsync(OperationClass.Write, _user, Cancel, isAgain: true)))
        {
            Assert.False(first.IsCompleted);
        }

        await ServeAsync(first);
    }

    [Fact]
    public async Task Who_gives_up_takes_no_turn()
    {
        await TakeMany(4);
        using var cancel = new CancellationTokenSource();
        var givenUp = _pace.TakeAsync(OperationClass.Write, _user, cancel.Token);
        var next = _pace.TakeAsync(OperationClass.Write, _user, Cancel);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        await ServeAsync(next);
        Assert.Equal(0, _measured.Read("infra_operator.work.paced")[""]);
    }

    [Fact]
    public async Task While_a_call_waits_its_reconciles_are_counted_as_paced_once()
    {
        await TakeMany(4);
        await TakeMany(4, OperationClass.Read);
        var origin = new CallOrigin("team", CallPriority.User, reconciles: 3);
        var both = new[] { _pace.TakeAsync(OperationClass.Write, origin, Cancel), _pace.TakeAsync(OperationClass.Read, origin, Cancel) };
        Assert.Equal(3, _measured.Read("infra_operator.work.paced")[""]);
        await ServeAsync(Task.WhenAll(both));
        Assert.Equal(0, _measured.Read("infra_operator.work.paced")[""]);
        Assert.Equal(["class=Read priority=User", "class=Write priority=User"], _measured.Of("infra_operator.pace.wait").Select(wait => wait.Labels).Order());
    }

    [Fact]
    public async Task Turns_that_were_reserved_need_no_waiting()
    {
        await TakeMany(2);
        using var turns = await _pace.ReserveAsync([OperationClass.List, OperationClass.Write, OperationClass.Write], _user, Cancel);
        var origin = new CallOrigin("team", CallPriority.User) { Reserved = turns };
        var waiting = _pace.TakeAsync(OperationClass.Write, _user, Cancel);
        Assert.False(waiting.IsCompleted);

        (await _pace.TakeAsync(OperationClass.Write, origin, Cancel)).Dispose();
        (await _pace.TakeAsync(OperationClass.Write, origin, Cancel)).Dispose();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _pace.TakeAsync(OperationClass.Write, origin, Cancel));
        await ServeAsync(waiting);
    }

    [Fact]
    public async Task Reserved_turns_that_are_not_needed_are_anothers()
    {
        await TakeMany(2);
        var turns = await _pace.ReserveAsync([OperationClass.Write, OperationClass.Write], _user, Cancel);
        var waiting = _pace.TakeAsync(OperationClass.Write, _user, Cancel);
        Assert.False(waiting.IsCompleted);
        turns.Dispose();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Many_that_reserve_turns_do_not_block_one_another()
    {
        var all = Enumerable.Range(0, 40).Select(async _ =>
        {
            using var turns = await _pace.ReserveAsync([OperationClass.List, OperationClass.Read, OperationClass.Write], _user, Cancel);
        }).ToArray();
        await ServeAsync(Task.WhenAll(all));
    }

    [Fact]
    public async Task At_the_end_nobody_waits_any_longer()
    {
        await TakeMany(4);
        var waiting = Enumerable.Range(0, 20).Select(_ => EndAtOnceAsync()).ToArray();
        _pace.Dispose();
        await Task.WhenAll(waiting);
        await EndAtOnceAsync();
    }

    private Task<PaceGrant> ReportAsync(PaceReport report)
    {
        _reports.Writer.TryWrite(report);
        return _isLost ? new TaskCompletionSource<PaceGrant>().Task : _failure is null ? Task.FromResult(new PaceGrant([.. _grants])) : Task.FromException<PaceGrant>(_failure);
    }

    [Fact]
    public async Task After_a_throttle_the_class_rests_and_the_others_go_on()
    {
        _grants = [new(OperationClass.Write, 8, 8, [])];
        using (var turn = await Take())
        {
            turn.IsThrottled = true;
        }

        var waiting = Take();
        Assert.False(waiting.IsCompleted);
        await TakeMany(1, OperationClass.Read);
        await ServeAsync(waiting);
    }

    private ProviderPace New(int slots) => new(
        new("cluster", "team", "aws"),
        ReportAsync,
        static _ => { },
        new(Options.Create<OperatorOptions>(new() { MaxCallsPerProvider = slots })),
        new() { PaceInitialRate = 20 },
        _time,
        new(_measured, _time),
        NullLogger.Instance);

    private Task<CallTurn> Take(OperationClass @class = OperationClass.Write) => _pace.TakeAsync(@class, _user, Cancel);

    private async Task TakeMany(int count, OperationClass @class = OperationClass.Write)
    {
        for (var number = 0; number < count; number++)
        {
            var turn = Take(@class);
            Assert.True(turn.IsCompleted);
            (await turn).Dispose();
        }
    }

    private async Task EndAtOnceAsync() => (await Take()).Dispose();

    // All that may have gone by then have gone, but for what the time to the account's answer cost, and no more.
    private async Task AssertServedAsync(Task[] calls, double rate)
    {
        using var hang = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        hang.CancelAfter(TimeSpan.FromSeconds(30));
        for (var passed = 0.1; calls.Any(static call => !call.IsCompleted); passed += 0.1)
        {
            // What reports waits, and what lets the next call go.
            await _time.AdvanceAsync(TimeSpan.FromSeconds(0.1), timers: 2, () => calls.All(static call => call.IsCompleted), hang.Token);
            var least = Math.Min(calls.Length, (int)((passed - 0.5) * rate));
            while (calls.Count(static call => call.IsCompleted) < least)
            {
                hang.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            Assert.InRange(calls.Count(static call => call.IsCompleted), least, (passed * rate) + 1);
        }
    }

    private async Task<CallTurn> ServedAsync(Task<CallTurn> task)
    {
        await ServeAsync(task);
        return await task;
    }

    private Task ServeAsync(Task task) => UntilAsync(() => task.IsCompleted);

    // Lets the clock go on in small steps, each when whatever the step before set off has had a chance to run.
    private async Task UntilAsync(Func<bool> holds)
    {
        for (var step = 0; !holds(); step++)
        {
            Assert.InRange(step, 0, 20_000);
            _time.Advance(TimeSpan.FromMilliseconds(10));
            for (var turn = 0; turn < 5; turn++)
            {
                await Task.Yield();
            }
        }
    }
}
