using InfraOperator.Kubernetes.Requests;

namespace InfraOperator.Kubernetes.Tests.Requests;

public sealed class WriteTurnsTests
{
    private readonly WriteTurns _turns = new(2);
    private readonly List<string> _went = [];

    [Fact]
    public async Task No_more_than_so_many_go_at_a_time()
    {
        using var first = await TakeAsync("a");
        var second = await TakeAsync("a");
        var third = TakeAsync("a").AsTask();
        Assert.False(third.IsCompleted);

        second.Dispose();
        (await third).Dispose();
        using var fourth = await TakeAsync("a");
    }

    [Fact]
    public async Task Namespaces_take_turns()
    {
        await RunAsync(("flood", false), ("flood", false), ("flood", false), ("other", false), ("flood", false), ("other", false));

        Assert.Equal(["flood", "other", "flood", "other", "flood", "flood"], _went);
    }

    [Fact]
    public async Task Within_a_namespace_what_has_been_begun_goes_first()
    {
        await RunAsync(("a", true), ("a", true), ("a", false), ("a", false));

        Assert.Equal(["a", "a", "a begins", "a begins"], _went);
    }

    [Fact]
    public async Task Whoever_has_given_up_is_passed_by()
    {
        using var cancellation = new CancellationTokenSource();
        var (first, second) = (await TakeAsync("a"), await TakeAsync("a"));
        var givesUp = _turns.TakeAsync("a", begins: false, cancellation.Token).AsTask();
        var next = TakeAsync("a").AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givesUp);

        first.Dispose();
        (await next).Dispose();
        second.Dispose();
        using var one = await TakeAsync("b");
        using var two = await TakeAsync("b");
    }

    private async ValueTask<WriteTurns.Turn> TakeAsync(string ns, bool begins = false)
    {
        var take = _turns.TakeAsync(ns, begins, TestContext.Current.CancellationToken);
        return await take.AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    // All wait until the turns that are out come back, and go one after the other.
    private async Task RunAsync(params (string Namespace, bool Begins)[] writes)
    {
        using var held = await TakeAsync("held");
        var last = await TakeAsync("held");
        var all = writes.Select(async write =>
        {
            using var turn = await TakeAsync(write.Namespace, write.Begins);
            _went.Add(write.Namespace + (write.Begins ? " begins" : ""));
        }).ToArray();
        last.Dispose();
        await Task.WhenAll(all);
    }
}
