using InfraOperator.Abstractions;
using InfraOperator.Grains.Providers;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>One call for all who ask at the same time, and nobody harmed by whom it travels with.</summary>
public sealed class CoalescedReadsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<Call> _calls = [];
    private readonly CoalescedReads<string> _reads;

    public CoalescedReadsTests() => _reads = new(3, keys =>
    {
        var call = new Call([.. keys]);
        lock (_calls)
        {
            _calls.Add(call);
        }

        return call.Answer.Task;
    }, failure => failure.Kind is FailureKind.RepositoryNotFound or FailureKind.AccessDenied, _time);

    [Fact]
    public async Task Who_asks_alone_is_answered_by_a_call_at_once()
    {
        var read = _reads.ReadAsync("a");
        (await CallAsync(0)).Succeed();

        Assert.Equal("of a", (await read).Value);
        Assert.Equal(["a"], _calls[0].Keys);
    }

    [Fact]
    public async Task What_is_asked_while_a_call_is_under_way_travels_in_the_next()
    {
        var first = _reads.ReadAsync("a");
        await CallAsync(0);
        Task<CallResult<string?>>[] later = [_reads.ReadAsync("b"), _reads.ReadAsync("a"), _reads.ReadAsync("b"), _reads.ReadAsync("c"), _reads.ReadAsync("d")];
        Assert.Single(_calls);

        _calls[0].Succeed();
        await first;
        (await CallAsync(1)).Succeed();
        (await CallAsync(2)).Succeed();

        Assert.Equal(["of b", "of a", "of b", "of c", "of d"], (await Task.WhenAll(later)).Select(read => read.Value));

        // What was asked after a call had gone is not answered by it, however the key was named there too.
        Assert.Equal(["b", "a", "c"], _calls[1].Keys);
        Assert.Equal(["d"], _calls[2].Keys);
    }

    [Fact]
    public async Task What_AWS_does_not_show_is_nothing_and_no_failure()
    {
        var read = _reads.ReadAsync("a");
        (await CallAsync(0)).Answer.SetResult(new(new Dictionary<string, string>(), null));

        Assert.Equal(default, await read);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_a_second_for_a_call_that_hangs()
    {
        _ = _reads.ReadAsync("hangs");
        await CallAsync(0);
        var read = _reads.ReadAsync("a");

        // The patience begins when the call does, on the pool.
        while (_calls.Count == 1)
        {
            _time.Advance(CoalescedReads<string>.Patience);
            await Task.Yield();
        }

        (await CallAsync(1)).Succeed();
        Assert.Equal("of a", (await read).Value);
    }

    [Fact]
    public async Task An_unknown_name_fails_only_itself()
    {
        var (known, unknown, other) = await AskTogetherAsync("known", "unknown", "other");

        _calls[1].Fail(FailureKind.RepositoryNotFound, "RepositoryNotFoundException: The repository with name 'unknown' does not exist in the registry with id '123'");
        (await CallAsync(2)).Succeed();

        Assert.Equal(FailureKind.RepositoryNotFound, (await unknown).Failure!.Kind);
        Assert.Equal(["of known", "of other"], [(await known).Value, (await other).Value]);
        Assert.Equal(["known", "other"], _calls[2].Keys);
    }

    [Fact]
    public async Task One_that_is_denied_fails_only_itself_though_nobody_says_which_it_is()
    {
        var (first, denied, last) = await AskTogetherAsync("first", "denied", "last");

        // Halves, until it is alone.
        for (var number = 1; !(first.IsCompleted && denied.IsCompleted && last.IsCompleted); number++)
        {
            var call = await CallAsync(number);
            if (call.Keys.Contains("denied"))
            {
                call.Fail(FailureKind.AccessDenied, "not authorized");
            }
            else
            {
                call.Succeed();
            }

            await Task.Yield();
        }

        Assert.Equal(FailureKind.AccessDenied, (await denied).Failure!.Kind);
        Assert.Equal(["of first", "of last"], [(await first).Value, (await last).Value]);
    }

    [Theory]
    [InlineData(FailureKind.Throttled)]
    [InlineData(FailureKind.Unavailable)]
    [InlineData(FailureKind.CredentialsExpired)]
    public async Task What_concerns_all_fails_all_and_is_not_tried_for_each(FailureKind kind)
    {
        var (first, second, third) = await AskTogetherAsync("a", "b", "c");

        _calls[1].Fail(kind, "'a'");

        Assert.Equal([kind, kind, kind], (await Task.WhenAll(first, second, third)).Select(read => read.Failure!.Kind));
        Assert.Equal(2, _calls.Count);
    }

    [Fact]
    public async Task An_exception_reaches_all_and_the_next_are_served()
    {
        var (first, second, third) = await AskTogetherAsync("a", "b", "c");

        _calls[1].Answer.SetException(new InvalidOperationException("a bug"));

        foreach (var read in (Task[])[first, second, third])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => read);
        }

        var next = _reads.ReadAsync("d");
        (await CallAsync(2)).Succeed();
        Assert.Equal("of d", (await next).Value);
    }

    private async Task<(Task<CallResult<string?>>, Task<CallResult<string?>>, Task<CallResult<string?>>)> AskTogetherAsync(string first, string second, string third)
    {
        var before = _reads.ReadAsync("before");
        await CallAsync(0);
        var asked = (_reads.ReadAsync(first), _reads.ReadAsync(second), _reads.ReadAsync(third));
        _calls[0].Succeed();
        await before;
        await CallAsync(1);
        return asked;
    }

    private async Task<Call> CallAsync(int number)
    {
        while (true)
        {
            lock (_calls)
            {
                if (_calls.Count > number)
                {
                    return _calls[number];
                }
            }

            await Task.Yield();
        }
    }

    private sealed record Call(string[] Keys)
    {
        public TaskCompletionSource<CallResult<IReadOnlyDictionary<string, string>>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Succeed() => Answer.SetResult(new(Keys.ToDictionary(key => key, key => $"of {key}"), null));

        public void Fail(FailureKind kind, string message) => Answer.SetResult(new(null, new(kind, "DescribeRepositories", message)));
    }
}
