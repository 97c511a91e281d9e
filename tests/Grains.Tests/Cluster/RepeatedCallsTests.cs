using System.Reflection;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Cluster;

public sealed class RepeatedCallsTests
{
    private const int Tries = 8;

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string, bool> AfterLoss => new()
    {
        { nameof(IProviderGrain.Resolve), true },
        { nameof(IProviderGrain.Observe), true },
        { nameof(IProviderGrain.Register), true },
        { nameof(IProviderGrain.Execute), false },
        { nameof(IProviderGrain.Preview), false },
    };

    [Fact]
    public async Task A_call_that_reached_no_grain_is_made_again()
    {
        var call = Call.Of(typeof(IProviderGrain), nameof(IProviderGrain.Execute), Rejection(), failures: 3);
        await RunAsync(call);
        Assert.Equal(4, call.Made);
    }

    [Theory]
    [MemberData(nameof(AfterLoss))]
    public async Task A_call_whose_silo_was_lost_is_made_again_where_nothing_may_have_been_written(string method, bool isRepeated)
    {
        var call = Call.Of(typeof(IProviderGrain), method, new SiloUnavailableException("gone"), failures: 1);
        var run = RunAsync(call);
        if (isRepeated)
        {
            await run;
            Assert.Equal(2, call.Made);
        }
        else
        {
            await Assert.ThrowsAsync<SiloUnavailableException>(() => run);
            Assert.Equal(1, call.Made);
        }
    }

    [Fact]
    public async Task It_has_an_end()
    {
        var call = Call.Of(typeof(IRepositoryGrain), nameof(IRepositoryGrain.Wake), Rejection(), failures: int.MaxValue);
        await Assert.ThrowsAsync<OrleansMessageRejectionException>(() => RunAsync(call));
        Assert.Equal(Tries, call.Made);
    }

    [Fact]
    public async Task What_the_grain_answers_is_the_answer()
    {
        var call = Call.Of(typeof(IProviderGrain), nameof(IProviderGrain.Resolve), new TimeoutException(), failures: 1);
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(call));
        Assert.Equal(1, call.Made);
    }

    [Fact]
    public async Task Calls_of_Orleans_are_its_own()
    {
        var call = Call.Of(typeof(IManagementGrain), nameof(IManagementGrain.GetTotalActivationCount), Rejection(), failures: 1);
        await Assert.ThrowsAsync<OrleansMessageRejectionException>(() => RunAsync(call));
        Assert.Equal(1, call.Made);
    }

    // Orleans alone makes these.
    private static OrleansMessageRejectionException Rejection() =>
        (OrleansMessageRejectionException)Activator.CreateInstance(typeof(OrleansMessageRejectionException), BindingFlags.Instance | BindingFlags.NonPublic, null, ["the silo leaves"], null)!;

    private async Task RunAsync(Call call)
    {
        var run = new RepeatedCalls(_time).Invoke((IOutgoingGrainCallContext)(object)call);
        while (!run.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await run;
    }

    /// <summary>A call that fails some times and then succeeds.</summary>
    internal class Call : DispatchProxy
    {
        private MethodInfo _method = null!;
        private Exception _failure = null!;
        private int _failures;

        public int Made { get; private set; }

        public static Call Of(Type type, string method, Exception failure, int failures)
        {
            var call = (Call)(object)Create<IOutgoingGrainCallContext, Call>();
            (call._method, call._failure, call._failures) = (type.GetMethods().First(each => each.Name == method), failure, failures);
            return call;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "get_InterfaceMethod" => _method,
            nameof(IOutgoingGrainCallContext.Invoke) => ++Made <= _failures ? Task.FromException(_failure) : Task.CompletedTask,
            var other => throw new NotSupportedException(other),
        };
    }
}
