using InfraOperator.Abstractions;
using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class CallLineTests
{
    private readonly CallLine _line = new();
    private readonly List<(string Name, TaskCompletionSource Call)> _waiting = [];

    [Fact]
    public void A_single_call_waits_for_one_of_a_namespace_with_thousands()
    {
        Add("many", CallPriority.User, 5000);
        Go(100);
        Add("one", CallPriority.User, 1);
        Assert.Contains("one", Go(2));
    }

    [Fact]
    public void Namespaces_take_turns()
    {
        Add("a", CallPriority.User, 10);
        Add("b", CallPriority.User, 10);
        Assert.Equal(["a", "a", "a", "b", "b", "b"], Go(6).Order());
    }

    [Fact]
    public void Whoever_comes_back_at_once_has_had_its_turn()
    {
        Add("many", CallPriority.User, 100);
        var gone = new List<string>();
        for (var turn = 0; turn < 20; turn++)
        {
            if (_waiting.All(static waiting => waiting.Name != "quick"))
            {
                Add("quick", CallPriority.User, 1);
            }

            gone.AddRange(Go(1));
        }

        Assert.InRange(gone.Count(static name => name == "many"), 9, 11);
    }

    [Fact]
    public void Whoever_rested_has_saved_nothing_up()
    {
        Add("rests", CallPriority.User, 1);
        Add("many", CallPriority.User, 100);
        Go(50);
        Add("rests", CallPriority.User, 100);
        Assert.InRange(Go(20).Count(static name => name == "rests"), 9, 11);
    }

    [Fact]
    public void Parts_are_heeded()
    {
        _line.Weigh(new Dictionary<string, double> { ["large"] = 9, ["small"] = 3 });
        Add("large", CallPriority.User, 100);
        Add("small", CallPriority.User, 100);
        Assert.InRange(Go(40).Count(static name => name == "large"), 29, 31);
    }

    [Fact]
    public void Calls_that_follow_on_one_another_each_wait_for_one_of_a_namespace_with_thousands_that_alone_has_a_part_so_far()
    {
        _line.Weigh(new Dictionary<string, double> { ["many"] = 100 });
        Add("many", CallPriority.User, 5000);
        Go(100);
        for (var step = 0; step < 5; step++)
        {
            Add("edit", CallPriority.User, 1);
            Assert.Contains("edit", Go(3));
        }
    }

    [Fact]
    public void What_was_had_ahead_counts_in_calls_when_parts_change()
    {
        Add("edit", CallPriority.User, 2);
        Add("many", CallPriority.User, 5000);
        Assert.Contains("edit", Go(1));
        _line.Weigh(new Dictionary<string, double> { ["many"] = 100 });
        Assert.Contains("edit", Go(3));
    }

    [Fact]
    public void Parts_of_what_is_wanted_at_once_are_none_of_what_can_wait()
    {
        _line.Weigh(new Dictionary<string, double> { ["large"] = 9, ["small"] = 0.5 });
        Add("large", CallPriority.Sweep, 100);
        Add("small", CallPriority.Sweep, 100);
        Assert.InRange(Go(40).Count(static name => name == "large"), 19, 21);
    }

    [Fact]
    public void Within_a_namespace_a_wish_goes_before_what_is_tried_again_and_else_who_came_first()
    {
        Add("again-1", CallPriority.Retry, 1, "team");
        Add("again-2", CallPriority.Retry, 1, "team");
        Add("wish-1", CallPriority.User, 1, "team");
        Add("wish-2", CallPriority.User, 1, "team");
        Assert.Equal(["wish-1", "wish-2", "again-1", "again-2"], Go(4));
    }

    [Fact]
    public void What_AWS_refused_goes_before_what_waits_for_its_first_turn_but_after_more_urgent_calls_and_in_its_namespaces_turn()
    {
        Add("first", CallPriority.Retry, 2, "team");
        Add("other", CallPriority.Retry, 2);
        var again = new TaskCompletionSource();
        _line.Add("team", CallPriority.Retry, again, isAgain: true);
        _waiting.Add(("again", again));
        Add("wish", CallPriority.User, 1, "team");
        Assert.Equal(["wish", "other", "again", "other", "first", "first"], Go(6));
    }

    [Fact]
    public void Anothers_retry_is_not_starved_by_wishes()
    {
        Add("wishes", CallPriority.User, 100);
        Add("again", CallPriority.Retry, 5);
        Assert.Equal(5, Go(10).Count(static name => name == "again"));
    }

    [Fact]
    public void A_sweep_has_every_tenth_turn_while_others_wait_and_all_when_nobody_does()
    {
        Add("sweep", CallPriority.Sweep, 100);
        Add("wishes", CallPriority.User, 36);
        Assert.Equal(4, Go(40).Count(static name => name == "sweep"));
        Assert.Equal(10, Go(10).Count(static name => name == "sweep"));
    }

    [Fact]
    public void Who_gave_up_is_passed_by()
    {
        Add("gave-up", CallPriority.User, 1, "a");
        Add("waits", CallPriority.User, 1, "a");
        _waiting[0].Call.SetCanceled(TestContext.Current.CancellationToken);
        _waiting.RemoveAt(0);
        Assert.Equal(["waits"], Go(1));
        Assert.False(_line.LetGo());
        Assert.Equal(0, _line.Count);
    }

    [Fact]
    public void It_tells_who_waits()
    {
        Add("a", CallPriority.User, 3);
        Add("a", CallPriority.Sweep, 2);
        Add("b", CallPriority.Retry, 1);
        Assert.Equal([("a", false, 3), ("a", true, 2), ("b", false, 1)], _line.Waiting.Order());
        Assert.Equal(6, _line.Count);
        Go(6);
        Assert.Empty(_line.Waiting);
    }

    private void Add(string name, CallPriority priority, int calls, string? ns = null)
    {
        for (var call = 0; call < calls; call++)
        {
            var source = new TaskCompletionSource();
            _waiting.Add((name, source));
            _line.Add(ns ?? name, priority, source);
        }
    }

    private List<string> Go(int calls)
    {
        var gone = new List<string>();
        for (var call = 0; call < calls; call++)
        {
            Assert.True(_line.LetGo());
            var who = _waiting.FindIndex(static waiting => waiting.Call.Task.IsCompletedSuccessfully);
            gone.Add(_waiting[who].Name);
            _waiting.RemoveAt(who);
        }

        return gone;
    }
}
