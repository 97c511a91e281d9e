using System.Text;
using InfraOperator.Kubernetes.Tests.Fakes;
using InfraOperator.Kubernetes.Watching;

namespace InfraOperator.Kubernetes.Tests.Watching;

/// <summary>Ten thousand objects and an enormous one: all of them arrive, and only who they are is remembered.</summary>
[Collection(nameof(ResourceWatcherMemoryTests))]
public class ResourceWatcherMemoryTests
{
    private const int Objects = 10_000;

    private static readonly string Padding = new('x', 1700);

    [Fact]
    public async Task Ten_thousand_objects_in_pages_are_all_handed_over_and_not_kept()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        for (var page = 0; page < Objects / 500; page++)
        {
            var list = await fixture.Server.NextAsync();
            Assert.Equal(page == 0 ? null : $"page-{page}", (string?)list.Query["continue"]);
            await list.RespondAsync(Json.List(20_000, page == (Objects / 500) - 1 ? "" : $"page-{page + 1}", Enumerable.Range(page * 500, 500).Select(Widget)));
        }

        await ExpectAllAsync(fixture);
    }

    [Fact]
    public async Task Ten_thousand_objects_streamed_are_all_handed_over_and_not_kept()
    {
        await using var fixture = await WatcherFixture.StartStreamingAsync();
        var watch = await fixture.OpenAsync();
        for (var i = 0; i < Objects; i += 100)
        {
            var events = new StringBuilder();
            for (var j = i; j < i + 100; j++)
            {
                events.Append("{\"type\":\"ADDED\",\"object\":").Append(Widget(j)).Append("}\n");
            }

            await watch.WriteAsync(events.ToString());
        }

        await watch.EventAsync("BOOKMARK", Json.Bookmark(20_000, initialEventsEnd: true));
        await ExpectAllAsync(fixture);
    }

    [Fact]
    public void What_is_remembered_of_an_object_is_a_few_hundred_bytes()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new WatchIndex();
        for (var i = 0; i < Objects; i++)
        {
            index.Set(new ObjectReference("default", $"widget-{i:00000}", Guid.NewGuid().ToString(), $"{1_000_000 + i}"));
        }

        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / Objects, 100, 400);
        Assert.Equal(Objects, index.Count);
    }

    [Fact]
    public async Task An_event_beyond_bounds_is_reported_and_skipped_without_keeping_it()
    {
        await using var fixture = await WatcherFixture.StartAsync(options => options.MaxEventBytes = 64 * 1024);
        var watch = await fixture.ListAndOpenAsync(10);
        await watch.WriteAsync("{\"type\":\"ADDED\",\"object\":" + Json.Widget("huge", 11, spec: "{\"size\":1,\"pad\":\"").TrimEnd('}'));
        var piece = new string('x', 100_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var highest = 0L;
        for (var i = 0; i < 300; i++)
        {
            await watch.WriteAsync(piece);
            if (i % 50 == 0)
            {
                highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        await watch.WriteAsync("\"}}}\n");
        await watch.EventAsync("ADDED", Json.Widget("b", 12));

        await fixture.Handler.ExpectAsync("malformed default/huge u1@11", "changed default/b u1@12 size 1");
        Assert.InRange(highest, 0, before + 8_000_000);
    }

    private static string Widget(int i) => Json.Widget($"widget-{i:00000}", i + 1, uid: Guid.NewGuid().ToString(), spec: $"{{\"size\":{i},\"pad\":\"{Padding}\"}}");

    private static async Task ExpectAllAsync(WatcherFixture fixture)
    {
        for (var i = 0; i < Objects; i++)
        {
            Assert.StartsWith($"changed default/widget-{i:00000} ", await fixture.Handler.NextAsync(), StringComparison.Ordinal);
        }

        await fixture.Handler.ExpectAsync("synced");
        Assert.Equal(Objects, fixture.Handler.Seen.Count);
        await fixture.StopAsync();
        GC.Collect();

        // An idle thread may still hold what it did last: a page at most.
        Assert.InRange(fixture.Handler.Seen.Count(widget => widget.IsAlive), 0, 500);
        Assert.Equal(Objects, fixture.Watcher.Count);
        GC.KeepAlive(fixture);
    }
}

/// <summary>Memory is measured while nothing else runs.</summary>
[CollectionDefinition(nameof(ResourceWatcherMemoryTests), DisableParallelization = true)]
public class ResourceWatcherMemoryCollection;
