using InfraOperator.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Tests.Watching;

/// <summary>Lists, changes, and what the watcher asks the server for.</summary>
public class ResourceWatcherTests
{
    [Fact]
    public async Task A_paged_list_is_handed_over_then_synced_then_watched_from_its_version()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var first = await fixture.Server.NextAsync();
        Assert.Equal("/apis/example.com/v1/widgets", first.Path);
        Assert.Equal("500", first.Query["limit"]);
        Assert.False(first.Query.ContainsKey("resourceVersion"));
        Assert.Equal("Bearer secret-token", first.Headers.Authorization);
        await first.RespondAsync(Json.List(10, "a/b+c", Json.Widget("a", 3)));
        var second = await fixture.Server.NextAsync();
        Assert.Equal("a/b+c", second.Query["continue"]);
        await second.RespondAsync(Json.List(10, "", Json.Widget("b", 4, ns: "other")));

        await fixture.Handler.ExpectAsync("changed default/a u1@3 size 1", "changed other/b u1@4 size 1", "synced");

        var watch = await fixture.OpenAsync();
        Assert.Equal("10", watch.Query["resourceVersion"]);
        Assert.Equal("true", watch.Query["allowWatchBookmarks"]);
        Assert.InRange(int.Parse(watch.Query["timeoutSeconds"]!), 300, 600);
        await watch.EventAsync("MODIFIED", Json.Widget("a", 11, spec: "{\"size\":2}"));
        await watch.EventAsync("DELETED", Json.Widget("b", 12, ns: "other"));
        await watch.EventAsync("ADDED", Json.Widget("c", 13));
        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 2", "deleted other/b u1@12", "changed default/c u1@13 size 1");
        await fixture.StopAsync();
        Assert.Equal(2, fixture.Watcher.Count);
        Assert.Equal(fixture.Time.GetUtcNow(), fixture.Watcher.LastHeard);
    }

    [Fact]
    public async Task A_streamed_list_ends_at_the_annotated_bookmark()
    {
        await using var fixture = await WatcherFixture.StartStreamingAsync();
        var watch = await fixture.OpenAsync();
        Assert.Equal("true", watch.Query["sendInitialEvents"]);
        Assert.Equal("NotOlderThan", watch.Query["resourceVersionMatch"]);
        Assert.Equal("true", watch.Query["allowWatchBookmarks"]);
        Assert.False(watch.Query.ContainsKey("resourceVersion"));
        await watch.EventAsync("ADDED", Json.Widget("a", 9));
        await watch.EventAsync("ADDED", Json.Widget("b", 4));
        await watch.EventAsync("BOOKMARK", Json.Bookmark(5));
        await fixture.Handler.ExpectAsync("changed default/a u1@9 size 1", "changed default/b u1@4 size 1");
        Assert.False(fixture.Handler.HasCalls);
        await watch.EventAsync("BOOKMARK", Json.Bookmark(12, initialEventsEnd: true));
        await fixture.Handler.ExpectAsync("synced");

        await watch.EndAsync();
        await fixture.Time.PassPauseAsync();
        var next = await fixture.OpenAsync();
        Assert.Equal("12", next.Query["resourceVersion"]);
        Assert.False(next.Query.ContainsKey("sendInitialEvents"));
    }

    [Fact]
    public async Task A_streamed_list_that_breaks_off_is_begun_again_and_deletes_nothing()
    {
        await using var fixture = await WatcherFixture.StartStreamingAsync();
        var watch = await fixture.OpenAsync();
        await watch.EventAsync("ADDED", Json.Widget("a", 9));
        await watch.EventAsync("BOOKMARK", Json.Bookmark(9, initialEventsEnd: true));
        await fixture.Handler.ExpectAsync("changed default/a u1@9 size 1", "synced");
        await watch.EventAsync("ERROR", Json.Status(410, "Expired"));
        await fixture.Time.PassPauseAsync();

        var broken = await fixture.OpenAsync();
        Assert.Equal("true", broken.Query["sendInitialEvents"]);
        await broken.EventAsync("ADDED", Json.Widget("b", 7));
        await fixture.Handler.ExpectAsync("changed default/b u1@7 size 1");
        broken.Reset();
        await fixture.Time.PassPauseAsync();

        var whole = await fixture.OpenAsync();
        Assert.Equal("true", whole.Query["sendInitialEvents"]);
        await whole.EventAsync("ADDED", Json.Widget("a", 9));
        await whole.EventAsync("BOOKMARK", Json.Bookmark(20, initialEventsEnd: true));
        await fixture.Handler.ExpectAsync("deleted default/b u1@7", "synced again");
    }

    [Theory]
    [InlineData(422, "Invalid")]
    [InlineData(400, "BadRequest")]
    public async Task A_server_that_does_not_stream_lists_is_asked_for_pages_at_once_and_ever_after(int code, string reason)
    {
        await using var fixture = await WatcherFixture.StartStreamingAsync();
        var refused = await fixture.Server.NextAsync();
        await refused.RefuseAsync(code, reason, "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        var watch = await fixture.ListAndOpenAsync(5);
        await watch.EventAsync("ERROR", Json.Status(410, "Expired"));
        await fixture.Time.PassPauseAsync();

        var list = await fixture.Server.NextAsync();

        Assert.Equal("500", list.Query["limit"]);
        Assert.DoesNotContain(fixture.Logger.Entries, entry => entry.Level > LogLevel.Information);
    }

    [Fact]
    public async Task Bookmarks_and_events_advance_the_place_to_resume_from()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.EventAsync("ADDED", Json.Widget("a", 11));
        await watch.EventAsync("BOOKMARK", Json.Bookmark(42));
        await watch.EndAsync();
        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 1");
        await fixture.Time.PassPauseAsync();

        var next = await fixture.OpenAsync();

        Assert.Equal("42", next.Query["resourceVersion"]);
        await next.EventAsync("DELETED", Json.Widget("a", 50));
        await fixture.Handler.ExpectAsync("deleted default/a u1@50");
        next.Reset();
        await fixture.Time.PassPauseAsync();
        Assert.Equal("50", (await fixture.OpenAsync()).Query["resourceVersion"]);
    }

    [Fact]
    public async Task A_watch_that_ends_in_order_after_its_time_is_renewed_without_a_pause()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        await watch.EndAsync();

        Assert.Equal("10", (await fixture.OpenAsync()).Query["resourceVersion"]);
    }

    [Fact]
    public async Task A_name_with_a_new_uid_is_a_deletion_and_a_new_object()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10, Json.Widget("a", 3, uid: "old"));
        await watch.EventAsync("ADDED", Json.Widget("a", 12, uid: "new"));

        await fixture.Handler.ExpectAsync("deleted default/a old@3", "changed default/a new@12 size 1");
    }

    [Fact]
    public async Task The_handler_holds_the_reading_up_and_is_no_silence_of_the_server()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var release = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        fixture.Handler.OnCall = call =>
        {
            if (call.StartsWith("changed default/a", StringComparison.Ordinal))
            {
                entered.SetResult();
                return new ValueTask(release.Task);
            }

            return ValueTask.CompletedTask;
        };
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.EventAsync("ADDED", Json.Widget("a", 11));
        await watch.EventAsync("ADDED", Json.Widget("b", 12));
        await entered.Task;
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(fixture.Handler.HasCalls);

        release.SetResult();

        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 1", "changed default/b u1@12 size 1");
        await watch.EventAsync("ADDED", Json.Widget("c", 13));
        await fixture.Handler.ExpectAsync("changed default/c u1@13 size 1");
    }

    [Fact]
    public async Task News_that_the_handler_could_not_take_comes_again()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var failures = 0;
        fixture.Handler.OnCall = call => call.StartsWith("changed default/b", StringComparison.Ordinal) && failures++ == 0
            ? throw new InvalidOperationException("not now")
            : ValueTask.CompletedTask;
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.EventAsync("ADDED", Json.Widget("a", 11));
        await watch.EventAsync("ADDED", Json.Widget("b", 12));
        await fixture.Time.PassPauseAsync();

        var next = await fixture.OpenAsync();

        Assert.Equal("11", next.Query["resourceVersion"]);
        await next.EventAsync("ADDED", Json.Widget("b", 12));
        await fixture.Handler.ExpectAsync("changed default/a u1@11 size 1", "changed default/b u1@12 size 1");
        Assert.Contains(fixture.Logger.Entries, entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Cancelling_ends_the_watch_and_its_connection_without_an_exception()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(10);

        await fixture.StopAsync();

        await watch.GivenUp;
        Assert.True(fixture.Running.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task It_runs_once_at_a_time()
    {
        await using var fixture = await WatcherFixture.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Watcher.RunAsync(fixture.Handler, TestContext.Current.CancellationToken));
    }
}
