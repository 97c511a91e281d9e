using InfraOperator.Abstractions;
using InfraOperator.Conformance;
using InfraOperator.Grains.Pace;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class EntranceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _called = [];
    private readonly Dictionary<string, double> _rates = new() { ["team"] = 2, ["other"] = 2 };
    private readonly Entrance _entrance;

    public EntranceTests() => _entrance = new(ns => _rates.TryGetValue(ns, out var rate) ? rate : null, new() { PaceInitialRate = 3, MaxPaceWait = TimeSpan.FromSeconds(5) }, who => _called.Add(who.Name), _time, new(new Measurements(), _time));

    [Fact]
    public void As_many_are_let_in_as_have_their_turns_in_time()
    {
        Assert.Equal(10, Fill("team").Length);
        Assert.Equal(10, Fill("other").Length);
        Assert.Equal(15, Fill("unheld").Length);
    }

    [Fact]
    public void Some_are_let_in_however_slow_it_is()
    {
        _rates["team"] = 0.01;
        Assert.Equal(4, Fill("team").Length);
    }

    [Fact]
    public void Who_is_not_let_in_is_called_when_there_is_room_people_first()
    {
        var inside = Fill("team");
        Assert.NotNull(Enter("retry", CallPriority.Retry).After);
        Assert.NotNull(Enter("user").After);
        Assert.Empty(_called);

        inside[0].Dispose();
        Assert.Equal(["full-10"], _called);
        inside[1].Dispose();
        inside[2].Dispose();
        Assert.Equal(["full-10", "user", "retry"], _called);
    }

    [Fact]
    public void For_who_was_called_the_room_is_kept_a_while()
    {
        var inside = Fill("team");
        Enter("next");
        inside[0].Dispose();
        inside[1].Dispose();
        Assert.Equal(["full-10", "next"], _called);

        // Of the two that were called one comes.
        Assert.Null(Enter("next").After);
        Assert.NotNull(Enter("late").After);

        _time.Advance(TimeSpan.FromSeconds(1.1));
        _entrance.CallIn();
        Assert.Equal(["full-10", "next", "late"], _called);
    }

    [Fact]
    public void Who_asks_again_by_itself_keeps_its_place_and_is_not_called_twice()
    {
        var inside = Fill("team");
        Enter("next");
        Enter("next");
        Assert.Null(EnterOnly("full-10", continues: true).After);
        inside[0].Dispose();
        inside[1].Dispose();
        Assert.Equal(["next"], _called);
    }

    [Fact]
    public void Who_wrote_already_is_let_in_always()
    {
        Fill("team");
        Assert.Null(EnterOnly("writing", continues: true).After);
    }

    [Fact]
    public void When_to_ask_again_follows_from_how_many_wait()
    {
        Fill("team");
        Assert.InRange(Enter("second").After!.Value.TotalSeconds, 0.9, 1.1);
        for (var number = 0; number < 58; number++)
        {
            Enter($"number-{number}");
        }

        Assert.InRange(Enter("sixty-first").After!.Value.TotalSeconds, 61 / 2.0 * 0.89, 61 / 2.0 * 1.11);
    }

    [Fact]
    public void Who_has_looked_is_let_in_to_write_before_those_that_would_look()
    {
        for (var number = 0; number < 10; number++)
        {
            _entrance.Enter(Key($"look-{number}"), CallPriority.User, isLook: true).Dispose();
        }

        Assert.NotNull(Enter("late").After);
        Assert.Null(Enter("look-3").After);
        Assert.Empty(_called);

        // Nine found nothing to write.
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Null(Enter("further").After);
    }

    [Fact]
    public async Task Room_that_was_kept_in_vain_is_anothers()
    {
        for (var number = 0; number < 10; number++)
        {
            _entrance.Enter(Key($"look-{number}"), CallPriority.User, isLook: true).Dispose();
        }

        var inside = _entrance.Enter(Key("writes"), CallPriority.User, continues: true);
        Enter("late");
        inside.Dispose();
        Assert.Empty(_called);
        while (_called.Count == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }

        Assert.Equal(["late"], _called);
    }

    [Fact]
    public void At_the_end_all_are_called()
    {
        Fill("team");
        Fill("other");
        Enter("next");
        _entrance.CallAll();
        Assert.Equal(["full-10", "full-10", "next"], _called.Order());
    }

    [Fact]
    public void Hints_have_a_room_of_their_own()
    {
        Fill("team");
        var inside = Enumerable.Range(0, 32).Select(number => _entrance.Enter(Key($"hint-{number}"), CallPriority.Sweep, isHint: true, continues: false)).ToArray();
        Assert.All(inside, entry => Assert.Null(entry.After));
        Assert.NotNull(_entrance.Enter(Key("one-more"), CallPriority.Sweep, isHint: true, continues: false).After);

        inside[0].Dispose();
        Assert.Equal(["one-more"], _called);
    }

    [Fact]
    public void A_faster_rate_calls_more_in()
    {
        Fill("team");
        _rates["team"] = 3;
        _entrance.CallIn();
        Assert.Equal(["full-10"], _called);
    }

    // The one too many is told to ask again.
    private Entrance.Entry[] Fill(string ns)
    {
        var inside = new List<Entrance.Entry>();
        for (var number = 0; ; number++)
        {
            var entry = _entrance.Enter(Key($"full-{number}", ns), CallPriority.User, isHint: false, continues: false);
            if (entry.After is not null)
            {
                return [.. inside];
            }

            inside.Add(entry);
        }
    }

    private Entrance.Entry Enter(string name, CallPriority priority = CallPriority.User) => _entrance.Enter(Key(name), priority, isHint: false, continues: false);

    private Entrance.Entry EnterOnly(string name, bool continues) => _entrance.Enter(Key(name), CallPriority.User, isHint: false, continues);

    private static ResourceKey Key(string name, string ns = "team") => new("cluster", ns, name);
}
