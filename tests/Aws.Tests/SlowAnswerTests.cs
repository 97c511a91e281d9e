using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>Answers that take their time cost nobody but their caller.</summary>
public sealed class SlowAnswerTests : AwsTest
{
    private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Slow_bodies_hold_no_thread_of_the_pool()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(2, completions);
        try
        {
            Sandbox.Faults.Add("CreateRepository", new EcrFault.SlowBody(Slowness));
            var slow = Enumerable.Range(0, 64).Select(number => Create($"slow{number}")).ToArray();
            await Sandbox.WaitForDelayedAsync(64).WaitAsync(Hang, Cancel);

            for (var fast = 0; fast < 10; fast++)
            {
                await Clients.Ecr.DescribeRepositoriesAsync(new(), Cancel).WaitAsync(TimeSpan.FromSeconds(5), Cancel);
            }

            Assert.DoesNotContain(slow, call => call.IsCompleted);
            Clock.Advance(Slowness);
            await Task.WhenAll(slow).WaitAsync(Hang, Cancel);
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, completions);
        }
    }

    [Fact]
    public async Task A_slow_body_can_be_cancelled_and_leaves_no_poisoned_connection()
    {
        Sandbox.Faults.Add("DescribeRepositories", new EcrFault.SlowBody(Slowness), times: 8);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var slow = Enumerable.Range(0, 8).Select(_ => Clients.Ecr.DescribeRepositoriesAsync(new(), cancellation.Token)).ToArray();
        await Sandbox.WaitForDelayedAsync(8).WaitAsync(Hang, Cancel);

        await HeadersArrive();
        await cancellation.CancelAsync();

        foreach (var call in slow)
        {
            var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(5), Cancel));
            Assert.Null(AwsFailure.From(exception, "DescribeRepositories"));
        }

        var next = Enumerable.Range(0, 16).Select(_ => Clients.Ecr.DescribeRepositoriesAsync(new(), Cancel));
        await Task.WhenAll(next).WaitAsync(Hang, Cancel);
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_waited_for_thirty_seconds_and_once()
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.SlowBody(TimeSpan.FromHours(1)));
        var call = FailureOf(() => Create("never"));
        await Sandbox.WaitForDelayedAsync(1).WaitAsync(Hang, Cancel);

        await HeadersArrive();
        Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        Clock.Advance(TimeSpan.FromSeconds(1));

        var failure = await call.WaitAsync(Hang, Cancel);
        Assert.Equal((AwsFailureKind.Unavailable, true), (failure.Kind, failure.OutcomeUnknown));
        Assert.Contains("has not answered within 30 s", failure.Message);
        Assert.Equal(1, Sandbox.Calls("CreateRepository"));
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_wait_for_slow_credentials()
    {
        Sandbox.Faults.Add("AssumeRole", new EcrFault.Latency(TimeSpan.FromSeconds(5)), times: 1);
        var role = ClientsOf(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session"));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var impatient = role.Ecr.DescribeRepositoriesAsync(new(), cancellation.Token);
        var patient = role.Ecr.DescribeRepositoriesAsync(new(), Cancel);
        await Sandbox.WaitForDelayedAsync(1).WaitAsync(Hang, Cancel);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.WaitAsync(Hang, Cancel));
        Clock.Advance(TimeSpan.FromSeconds(5));

        await patient.WaitAsync(Hang, Cancel);
        Assert.Equal(1, Sandbox.Calls("AssumeRole"));
    }

    [Fact]
    public async Task Silent_STS_is_AWS_unavailable_after_ten_seconds()
    {
        Sandbox.Faults.Add("AssumeRole", new EcrFault.Latency(TimeSpan.FromHours(1)));
        var role = ClientsOf(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session"));
        var call = FailureOf(() => Create("silent", role));
        await Sandbox.WaitForDelayedAsync(1).WaitAsync(Hang, Cancel);

        Clock.Advance(TimeSpan.FromSeconds(10));

        var failure = await call.WaitAsync(Hang, Cancel);
        Assert.Equal((AwsFailureKind.Unavailable, "AssumeRole", false), (failure.Kind, failure.Operation, failure.OutcomeUnknown));
    }

    /// <summary>What was sent before a whole other call has arrived too. Not needed for a test to pass, but for it to be able to fail.</summary>
    private Task HeadersArrive() => Clients.GetCallerIdentityAsync(Cancel);
}
