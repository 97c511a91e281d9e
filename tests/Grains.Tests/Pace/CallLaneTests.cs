using InfraOperator.Abstractions;
using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class CallLaneTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.25);

    private readonly CallLane _lane = new(OperationClass.Write, new(), TimeSpan.Zero);

    [Fact]
    public void Who_has_all_that_it_asked_for_may_come_to_want_more_and_waits_for_no_more_than_a_call_of_who_has_not()
    {
        Wait("many", 5000);
        Wait("edit", 1);
        var report = _lane.Collect(Period);
        Assert.Equal([("edit", 4), ("many", 20_000)], report.Demands.Select(static demand => (demand.Namespace, (int)demand.Rate)).Order());
        _lane.Apply(new(OperationClass.Write, 100, 100, [new("many", 96), new("edit", 4)]), Period);

        for (var turn = 0; turn < 4; turn++)
        {
            _lane.Line.LetGo();
        }

        for (var step = 0; step < 5; step++)
        {
            var call = Wait("edit", 1);
            for (var turn = 0; turn < 3; turn++)
            {
                _lane.Line.LetGo();
            }

            Assert.True(call.IsCompleted);
        }
    }

    [Fact]
    public void Who_has_less_than_it_asked_for_has_its_part()
    {
        Wait("large", 5000);
        var small = Enumerable.Range(0, 100).Select(_ => Wait("small", 1)).ToArray();
        _lane.Collect(Period);
        _lane.Apply(new(OperationClass.Write, 40, 40, [new("large", 30), new("small", 10)]), Period);
        for (var turn = 0; turn < 80; turn++)
        {
            _lane.Line.LetGo();
        }

        Assert.InRange(small.Count(static call => call.IsCompleted), 19, 21);
    }

    private Task Wait(string ns, int calls)
    {
        var last = Task.CompletedTask;
        for (var call = 0; call < calls; call++)
        {
            var source = new TaskCompletionSource();
            _lane.Line.Add(ns, CallPriority.User, source);
            last = source.Task;
        }

        return last;
    }
}
