using InfraOperator.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Tests.Watching;

/// <summary>What the server and the network do to a watch, and that nothing is lost or made up by it.</summary>
public class ResourceWatcherFailureTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lost_history_leads_to_a_list_whose_difference_is_handed_over(bool asEvent)
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10, Json.Widget("same", 1), Json.Widget("changed", 2), Json.Widget("gone", 3), Json.Widget("again", 4, uid: "old"));
        if (asEvent)
        {
            await watch.EventAsync("ERROR", Json.Status(410, "Expired", "too old resource version"));
            await fixture.Time.PassPauseAsync();
        }
        else
        {
            await watch.EndAsync();
            await fixture.Time.PassPauseAsync();
            await (await fixture.Server.NextAsync()).RefuseAsync(410, "Expired");
            await fixture.Time.PassPauseAsync();
        }

        var list = await fixture.Server.NextAsync();
        Assert.False(list.Query.ContainsKey("watch"));
        await list.RespondAsync(Json.List(30, "", Json.Widget("same", 1), Json.Widget("changed", 20), Json.Widget("new", 21), Json.Widget("again", 22, uid: "new")));

        await fixture.Handler.ExpectAsync(
            "changed default/changed u1@20 size 1",
            "changed default/new u1@21 size 1",
            "deleted default/again old@4",
            "changed default/again new@22 size 1",
            "deleted default/gone u1@3",
            "synced again");
        Assert.Equal("30", (await fixture.OpenAsync()).Query["resourceVersion"]);
        Assert.DoesNotContain(fixture.Logger.Entries, entry => entry.Level > LogLevel.Information);
    }

    [Fact]
    public async Task A_list_whose_moment_is_forgotten_halfway_is_begun_again_and_deletes_nothing()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10, Json.Widget("a", 1), Json.Widget("b", 2));
        await watch.EventAsync("ERROR", Json.Status(410, "Expired"));
        await fixture.Time.PassPauseAsync();
        await (await fixture.Server.NextAsync()).RespondAsync(Json.List(20, "next", Json.Widget("b", 2)));
        var second = await fixture.Server.NextAsync();
        Assert.Equal("next", second.Query["continue"]);
        await second.RefuseAsync(410, "Expired", "The provided continue parameter is too old");
        await fixture.Time.PassPauseAsync();

        var again = await fixture.Server.NextAsync();

        Assert.False(again.Query.ContainsKey("continue"));
        Assert.False(fixture.Handler.HasCalls);
        await again.RespondAsync(Json.List(21, "", Json.Widget("a", 1), Json.Widget("b", 2)));
        await fixture.Handler.ExpectAsync("synced again");
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_an_event_loses_nothing()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.EventAsync("ADDED", Json.Widget("a", 11));
        await watch.WriteAsync("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"b\",");
        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 1");
        watch.Reset();
        await fixture.Time.PassPauseAsync();

        var next = await fixture.OpenAsync();

        Assert.Equal("11", next.Query["resourceVersion"]);
        await next.EventAsync("ADDED", Json.Widget("b", 12));
        await fixture.Handler.ExpectAsync("changed default/b u1@12 size 1");
    }

    [Fact]
    public async Task An_answer_that_ends_in_the_middle_of_an_event_loses_nothing()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.WriteAsync("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"b\",");
        await watch.EndAsync();
        await fixture.Time.PassPauseAsync();

        Assert.Equal("10", (await fixture.OpenAsync()).Query["resourceVersion"]);
        Assert.Contains(fixture.Logger.Entries, entry => entry.Message.Contains("the connection ended in the middle of an event", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_a_list_loses_and_deletes_nothing()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10, Json.Widget("a", 1), Json.Widget("b", 2));
        await watch.EventAsync("ERROR", Json.Status(410, "Expired"));
        await fixture.Time.PassPauseAsync();
        var broken = await fixture.Server.NextAsync();
        await broken.OpenAsync();
        await broken.WriteAsync($"{{\"items\":[{Json.Widget("a", 1)},");
        broken.Reset();
        await fixture.Time.PassPauseAsync();

        await (await fixture.Server.NextAsync()).RespondAsync(Json.List(20, "", Json.Widget("a", 1), Json.Widget("b", 2)));

        await fixture.Handler.ExpectAsync("synced again");
    }

    [Fact]
    public async Task Silence_ends_the_connection_and_a_second_silence_the_trust_in_the_place_to_resume_from()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var first = await fixture.ListAndOpenAsync(10, Json.Widget("a", 1));
        fixture.Time.Advance(TimeSpan.FromMinutes(2.5));
        await first.GivenUp;
        await fixture.Time.PassPauseAsync();

        var second = await fixture.OpenAsync();
        Assert.Equal("10", second.Query["resourceVersion"]);
        fixture.Time.Advance(TimeSpan.FromMinutes(2.5));
        await second.GivenUp;
        await fixture.Time.PassPauseAsync();

        var list = await fixture.Server.NextAsync();
        Assert.False(list.Query.ContainsKey("watch"));
        await list.RespondAsync(Json.List(5, "", Json.Widget("a", 1)));
        await fixture.Handler.ExpectAsync("synced again");
        Assert.Equal("5", (await fixture.OpenAsync()).Query["resourceVersion"]);
    }

    [Fact]
    public async Task Every_byte_is_a_sign_of_life()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var idle = TimeSpan.FromMinutes(2.5);
        var watch = await fixture.ListAndOpenAsync(10);
        foreach (var piece in new[] { "{\"type\":\"ADDED\",", "\"object\":", Json.Widget("a", 11) })
        {
            fixture.Time.Forget();
            await watch.WriteAsync(piece);
            await fixture.Time.ArmedAsync(due => due == idle);
            fixture.Time.Advance(TimeSpan.FromMinutes(2));
        }

        await watch.WriteAsync("}\n");

        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 1");
        Assert.Equal(fixture.Time.GetUtcNow(), fixture.Watcher.LastHeard);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_a_watch_at_all_is_given_up()
    {
        await using var fixture = await WatcherFixture.StartStreamingAsync();
        var watch = await fixture.Server.NextAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(30));

        await watch.GivenUp;
        await fixture.Time.PassPauseAsync();
        await fixture.OpenAsync();
    }

    [Fact]
    public async Task An_object_that_does_not_fit_is_reported_and_the_others_go_on()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.EventAsync("ADDED", Json.Widget("good", 11));
        await watch.EventAsync("ADDED", Json.Widget("bad", 12, spec: "{\"size\":\"large\"}"));
        await watch.EventAsync("ADDED", Json.Widget("good-too", 13));
        await watch.EventAsync("DELETED", Json.Widget("bad", 14, spec: "{\"size\":\"large\"}"));
        await watch.EventAsync("ADDED", """{"metadata":null,"spec":{"size":1}}""");
        await watch.EventAsync("ADDED", Json.Widget("last", 16));

        await fixture.Handler.ExpectAsync(
            "changed default/good u1@11 size 1",
            "malformed default/bad u1@12",
            "changed default/good-too u1@13 size 1",
            "deleted default/bad u1@14",
            "changed default/last u1@16 size 1");
    }

    [Fact]
    public async Task An_object_in_a_list_that_does_not_fit_is_reported_and_the_others_go_on()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        await (await fixture.Server.NextAsync()).RespondAsync(Json.List(10, "", Json.Widget("good", 1), Json.Widget("bad", 2, spec: "7"), "null", Json.Widget("good-too", 3)));

        await fixture.Handler.ExpectAsync("changed default/good u1@1 size 1", "malformed default/bad u1@2", "changed default/good-too u1@3 size 1", "synced");
    }

    [Theory]
    [InlineData("<html>gateway</html>\n")]
    [InlineData("{\"kind\":\"Status\"}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}\n")]
    [InlineData("\n")]
    public async Task A_line_that_is_no_event_ends_the_connection_and_nothing_is_lost(string line)
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.WriteAsync(line);
        await fixture.Time.PassPauseAsync();

        Assert.Equal("10", (await fixture.OpenAsync()).Query["resourceVersion"]);
        Assert.Contains(fixture.Logger.Entries, entry => entry.Message.Contains("cannot watch widgets.example.com: the answer cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_many_requests_are_answered_by_waiting_as_long_as_asked()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        await (await fixture.Server.NextAsync()).RefuseAsync(429, "TooManyRequests", headers: ("Retry-After", "17"));

        Assert.Equal(TimeSpan.FromSeconds(17), await fixture.Time.PassPauseAsync());
        await fixture.ListAndOpenAsync(10);
    }

    [Theory]
    [InlineData(401, "Unauthorized", "unauthorized")]
    [InlineData(403, "Forbidden", "forbidden")]
    [InlineData(500, "InternalError", "unavailable")]
    public async Task Refusals_are_logged_once_with_verb_and_resource_and_tried_again(int code, string reason, string word)
    {
        await using var fixture = await WatcherFixture.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await (await fixture.Server.NextAsync()).RefuseAsync(code, reason, "user \"x\" may not");
            await fixture.Time.PassPauseAsync();
        }

        await fixture.ListAndOpenAsync(10);

        var warning = Assert.Single(fixture.Logger.Entries, entry => entry.Level == LogLevel.Warning);
        Assert.Contains($"cannot list widgets.example.com: {word}: user \"x\" may not", warning.Message, StringComparison.Ordinal);
        Assert.Contains(fixture.Logger.Entries, entry => entry.Message.Contains("works again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kind_that_is_not_served_is_named_once_and_tried_every_three_seconds_at_least()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 10; i++)
        {
            await (await fixture.Server.NextAsync()).RespondAsync("404 page not found\n", 404);
            longest = new[] { longest, await fixture.Time.PassPauseAsync() }.Max();
        }

        await fixture.ListAndOpenAsync(10);

        Assert.InRange(longest, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3));
        var warning = Assert.Single(fixture.Logger.Entries, entry => entry.Level == LogLevel.Warning);
        Assert.Contains("CustomResourceDefinition \"widgets.example.com\"", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pauses_grow_with_each_failure_and_start_small_after_a_watch_that_lasted()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        watch.Reset();
        var first = await fixture.Time.PassPauseAsync();
        for (var i = 0; i < 5; i++)
        {
            (await fixture.Server.NextAsync()).Reset();
            await fixture.Time.PassPauseAsync();
        }

        (await fixture.Server.NextAsync()).Reset();
        var later = await fixture.Time.PassPauseAsync();
        var lasting = await fixture.OpenAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        lasting.Reset();
        var afterwards = await fixture.Time.PassPauseAsync();

        Assert.InRange(first, TimeSpan.FromMilliseconds(125), TimeSpan.FromMilliseconds(250));
        Assert.InRange(later, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3));
        Assert.InRange(afterwards, TimeSpan.FromMilliseconds(125), TimeSpan.FromMilliseconds(250));
    }
}
