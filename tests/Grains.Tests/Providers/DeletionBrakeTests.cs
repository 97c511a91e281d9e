using InfraOperator.Abstractions;
using InfraOperator.Grains.Providers;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>The brake counts what goes, on record ahead of it, and holds what is too much.</summary>
public sealed class DeletionBrakeTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly OperatorOptions _options = new() { DeletionBrakeLimit = 25 };

    [Fact]
    public void What_is_over_the_limit_is_held_and_stays_held_until_it_is_released()
    {
        var brake = NewBrake();
        Assert.All(Enumerable.Range(0, 25), number => Assert.True(Asks(brake, number)));
        Assert.False(Asks(brake, 25));
        Assert.Equal(_time.GetUtcNow(), brake.Record.HeldSince);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(Asks(brake, 26));

        var requested = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(1));
        brake.Release("go");
        Assert.Equal((false, "go"), (brake.IsHolding, brake.Record.LastHandledRelease));

        // All that was asked for by then goes, however much; what comes later is counted anew.
        Assert.All(Enumerable.Range(100, 50), number => Assert.True(brake.Admits($"{number}", requested)));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.All(Enumerable.Range(200, 25), number => Assert.True(Asks(brake, number)));
        Assert.False(Asks(brake, 226));
    }

    [Fact]
    public void What_was_let_go_and_is_tried_again_is_not_held_with_the_others()
    {
        var brake = NewBrake();
        Assert.All(Enumerable.Range(0, 25), number => Assert.True(Asks(brake, number)));
        Assert.False(Asks(brake, 25));
        Assert.True(Asks(brake, 3));
    }

    [Fact]
    public void Only_the_last_minutes_count()
    {
        var brake = NewBrake();
        foreach (var number in Enumerable.Range(0, 200))
        {
            _time.Advance(TimeSpan.FromSeconds(25));
            Assert.True(Asks(brake, number));
        }
    }

    [Fact]
    public void One_object_counts_once_however_often_it_is_tried()
    {
        var brake = NewBrake();
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(Asks(brake, 1)));
    }

    [Fact]
    public void Zero_holds_nothing()
    {
        _options.DeletionBrakeLimit = 0;
        var brake = NewBrake();
        Assert.All(Enumerable.Range(0, 1000), number => Assert.True(Asks(brake, number)));
        Assert.Equal(new(), brake.Record);
    }

    [Fact]
    public void The_record_is_ahead_of_what_goes_and_costs_few_writes()
    {
        _options.DeletionBrakeLimit = 100;
        var brake = NewBrake();
        var records = new HashSet<DeletionsStatus>();
        foreach (var number in Enumerable.Range(1, 100))
        {
            Assert.True(Asks(brake, number));
            Assert.True(brake.Record.Counted >= number);
            records.Add(brake.Record);
        }

        Assert.Equal(10, records.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    public void Ends_of_the_process_let_no_more_go_than_the_limit(int minutesBetween)
    {
        var went = 0;
        DeletionsStatus? record = null;
        for (var life = 0; life < 20; life++)
        {
            var brake = NewBrake();
            brake.Restore(record);
            went += Enumerable.Range(0, 7).Count(number => Asks(brake, (100 * life) + number));
            record = brake.Record;
            if (life == 1)
            {
                _time.Advance(TimeSpan.FromMinutes(minutesBetween));
            }
        }

        Assert.InRange(went, 1, 25);
    }

    [Fact]
    public void What_went_late_in_a_record_still_counts_after_a_restart()
    {
        _options.DeletionBrakeLimit = 20;
        var brake = NewBrake();
        Assert.True(Asks(brake, 0));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.All(Enumerable.Range(1, 9), number => Assert.True(Asks(brake, number)));

        var next = NewBrake();
        next.Restore(brake.Record);
        _time.Advance(TimeSpan.FromMinutes(9.5));
        Assert.Equal(10, Enumerable.Range(100, 20).Count(number => Asks(next, number)));
    }

    private DeletionBrake NewBrake() => new(_options, _time);

    private bool Asks(DeletionBrake brake, int number) => brake.Admits($"{number}", _time.GetUtcNow());
}
