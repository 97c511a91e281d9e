using InfraOperator.Conformance;
using InfraOperator.Kubernetes.Tests.Fakes;

namespace InfraOperator.Kubernetes.Tests.Watching;

/// <summary>A watch counts what it hears, and how it ends.</summary>
public class WatchMetricsTests
{
    [Fact]
    public async Task Events_reconnects_and_relists_are_counted()
    {
        using var measured = new Measurements();
        await using var fixture = await WatcherFixture.StartAsync(meters: measured);
        var watch = await fixture.ListAndOpenAsync(10, Json.Widget("a", 1));
        await watch.EventAsync("MODIFIED", Json.Widget("a", 11));
        await watch.EventAsync("ADDED", Json.Widget("b", 12));
        await watch.EventAsync("BOOKMARK", Json.Bookmark(13));
        await watch.EventAsync("DELETED", Json.Widget("b", 14));
        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 1", "changed default/b u1@12 size 1", "deleted default/b u1@14");
        await watch.EndAsync();
        await fixture.Time.PassPauseAsync();
        var second = await fixture.OpenAsync();
        Assert.Empty(measured.Of("infra_operator.watch.relists"));

        await second.EventAsync("ERROR", Json.Status(410, "Expired"));
        await fixture.Time.PassPauseAsync();
        await fixture.ListAndOpenAsync(20, Json.Widget("a", 11));

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["kind=Widget type=Modified"] = 1,
                ["kind=Widget type=Added"] = 1,
                ["kind=Widget type=Bookmark"] = 1,
                ["kind=Widget type=Deleted"] = 1,
                ["kind=Widget type=Error"] = 1,
            },
            measured.Totals("infra_operator.watch.events"));
        Assert.Equal(new Dictionary<string, double> { ["kind=Widget reason=Ended"] = 1, ["kind=Widget reason=Gone"] = 1 }, measured.Totals("infra_operator.watch.reconnects"));
        Assert.Equal(new Dictionary<string, double> { ["kind=Widget"] = 1 }, measured.Totals("infra_operator.watch.relists"));
    }

    [Fact]
    public async Task A_refusal_and_news_that_were_not_taken_are_told_apart()
    {
        using var measured = new Measurements();
        await using var fixture = await WatcherFixture.StartAsync(meters: measured);
        await (await fixture.Server.NextAsync()).RefuseAsync(503, "ServiceUnavailable");
        await fixture.Time.PassPauseAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        fixture.Handler.OnCall = _ => throw new InvalidOperationException("not now");
        await watch.EventAsync("ADDED", Json.Widget("a", 11));
        await fixture.Time.PassPauseAsync();

        Assert.Equal(["kind=Widget reason=Failed", "kind=Widget reason=NotTaken"], measured.Totals("infra_operator.watch.reconnects").Keys);
    }
}
