using InfraOperator.Abstractions;
using InfraOperator.Conformance;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Repositories;
using InfraOperator.Grains.Status;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Metrics;

/// <summary>What an activation counts as, from its first announcement to its end.</summary>
public sealed class GrainMetricsTests : IDisposable
{
    private const string Ready = "infra_operator.work.ready";
    private const string Objects = "infra_operator.objects";

    private readonly Measurements _measured = new();
    private readonly FakeTimeProvider _time = new();
    private readonly GrainMetrics _metrics;

    public GrainMetricsTests() => _metrics = new(_measured, _time);

    [Fact]
    public void Objects_are_counted_by_condition_and_status()
    {
        Track(ECRRepository.Kind, (ConditionTypes.Ready, ConditionStatus.True), (ConditionTypes.Synced, ConditionStatus.True));
        Track(ECRRepository.Kind, (ConditionTypes.Ready, ConditionStatus.False), (ConditionTypes.Synced, ConditionStatus.False), (ConditionTypes.Stalled, ConditionStatus.True));
        Track(ECRRepository.Kind);
        Track(AWSProvider.Kind, (ConditionTypes.Ready, ConditionStatus.True), ("Foreign", ConditionStatus.True));
        _metrics.Track(ECRRepository.Kind); // Knows of no object.

        var counts = _measured.Read(Objects);

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["kind=ECRRepository condition=Ready status=True"] = 1,
                ["kind=ECRRepository condition=Ready status=False"] = 1,
                ["kind=ECRRepository condition=Ready status=Unknown"] = 1,
                ["kind=ECRRepository condition=Synced status=True"] = 1,
                ["kind=ECRRepository condition=Synced status=False"] = 1,
                ["kind=ECRRepository condition=Synced status=Unknown"] = 1,
                ["kind=ECRRepository condition=Reconciling status=False"] = 3,
                ["kind=ECRRepository condition=Stalled status=True"] = 1,
                ["kind=ECRRepository condition=Stalled status=False"] = 2,
                ["kind=AWSProvider condition=Ready status=True"] = 1,
                ["kind=AWSProvider condition=Reconciling status=False"] = 1,
                ["kind=AWSProvider condition=Stalled status=False"] = 1,
            },
            counts.Where(count => count.Value > 0).ToDictionary());
        Assert.Equal(21, counts.Count);
    }

    [Fact]
    public void A_status_that_nobody_foresaw_is_unknown_and_makes_no_series()
    {
        Track(ECRRepository.Kind, (ConditionTypes.Ready, "Perhaps"));

        Assert.Equal(1, _measured.Read(Objects)["kind=ECRRepository condition=Ready status=Unknown"]);
    }

    [Fact]
    public void An_object_that_ended_and_an_activation_that_left_are_not_counted()
    {
        var ended = Track(ECRRepository.Kind);
        var left = Track(ECRRepository.Kind);
        Track(ECRRepository.Kind);
        Assert.Equal(3, _measured.Read(Objects)["kind=ECRRepository condition=Ready status=Unknown"]);

        ended.HoldsNothing();
        _metrics.Forget(left);

        Assert.Equal(1, _measured.Read(Objects)["kind=ECRRepository condition=Ready status=Unknown"]);
    }

    [Fact]
    public void Work_is_ready_while_it_is_due_or_runs()
    {
        var grain = Track(ECRRepository.Kind);
        var timer = grain.Follow(new FakeTimer());
        Assert.Equal(0, ReadyNow());

        timer.Change(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
        Assert.Equal(0, ReadyNow());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, ReadyNow());

        using (grain.Begin())
        {
            Assert.Equal(1, ReadyNow());
            timer.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
            Assert.Equal(1, ReadyNow());
        }

        Assert.Equal(0, ReadyNow());
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.Equal(1, ReadyNow());
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.Equal(0, ReadyNow());
    }

    [Fact]
    public void Work_without_an_object_is_none()
    {
        var grain = Track(ECRRepository.Kind);
        grain.Follow(new FakeTimer()).Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.Equal(1, ReadyNow());

        grain.HoldsNothing();

        Assert.Equal(0, ReadyNow());
    }

    [Fact]
    public void Work_that_waits_for_its_turn_with_a_provider_is_not_ready()
    {
        using var run = Track(ECRRepository.Kind).Begin();
        _metrics.BeginWait(1);
        Assert.Equal(0, ReadyNow());
        Assert.Equal(1, _measured.Read("infra_operator.work.paced")[""]);

        _metrics.EndWait(1);

        Assert.Equal(1, ReadyNow());
    }

    [Fact]
    public void A_reconcile_is_counted_and_timed_by_what_it_came_to_first()
    {
        using (var run = Track(ECRRepository.Kind).Begin())
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            run.Outcome = Outcomes.Error;
            run.Outcome = Outcomes.Retry;
        }

        using (Track(AWSProvider.Kind).Begin())
        {
            // The silo stops.
        }

        Assert.Equal(
            new Dictionary<string, double> { ["kind=ECRRepository outcome=Error"] = 1, ["kind=AWSProvider outcome=Canceled"] = 1 },
            _measured.Totals("infra_operator.reconciles"));
        Assert.Equal([("kind=ECRRepository", 3), ("kind=AWSProvider", 0)], _measured.Of("infra_operator.reconcile.duration"));
    }

    [Fact]
    public void The_lag_runs_from_the_first_news_to_the_start_of_the_reconcile()
    {
        var grain = Track(ECRRepository.Kind);
        var timer = grain.Follow(new FakeTimer());
        Tell(() => timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        _time.Advance(TimeSpan.FromSeconds(2));
        Tell(() => timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        _time.Advance(TimeSpan.FromSeconds(1));
        grain.Begin().Dispose();

        Assert.Equal([("kind=ECRRepository", 3)], _measured.Of("infra_operator.reconcile.lag"));
    }

    [Fact]
    public void What_nobody_told_of_and_what_is_not_due_at_once_has_no_lag()
    {
        var grain = Track(ECRRepository.Kind);
        var timer = grain.Follow(new FakeTimer());
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        grain.Begin().Dispose();
        Tell(() => timer.Change(TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan));
        _time.Advance(TimeSpan.FromMinutes(1));
        grain.Begin().Dispose();

        Assert.Empty(_measured.Of("infra_operator.reconcile.lag"));
    }

    [Fact]
    public void The_same_news_is_not_counted_twice()
    {
        var grain = Track(ECRRepository.Kind);
        var timer = grain.Follow(new FakeTimer());
        Tell(() =>
        {
            // The timer's callback runs with what the call that made it told.
            timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            grain.Begin().Dispose();
            timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            _time.Advance(TimeSpan.FromSeconds(5));
            grain.Begin().Dispose();
        });

        Assert.Single(_measured.Of("infra_operator.reconcile.lag"));
    }

    [Fact]
    public void What_a_person_must_mend_is_stalled() =>
        Assert.Equal(["InSync", "Retry", "Stalled", "Paced", "Again", "Idle", "Gone"], new ReconcileResult[]
        {
            new ReconcileResult.InSync(), new ReconcileResult.Retry(Mend.Time), new ReconcileResult.Retry(Mend.Person), new ReconcileResult.Paced(TimeSpan.Zero), new ReconcileResult.Again(), new ReconcileResult.Idle(), new ReconcileResult.Gone(),
        }.Select(Outcomes.Of));

    public void Dispose() => _measured.Dispose();

    private double ReadyNow() => _measured.Read(Ready)[""];

    private TrackedGrain Track(string kind, params (string Type, string Status)[] conditions)
    {
        var grain = _metrics.Track(kind);
        grain.Holds([.. conditions.Select(condition => new Condition { Type = condition.Type, Status = condition.Status })]);
        return grain;
    }

    // As a call that tells of something, with a context of its own.
    private void Tell(Action call)
    {
        WatchNews.Tell(_time.GetUtcNow());
        try
        {
            call();
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    private sealed class FakeTimer : IGrainTimer
    {
        public void Change(TimeSpan dueTime, TimeSpan period)
        {
        }

        public void Dispose()
        {
        }
    }
}
