using System.Diagnostics;
using InfraOperator.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Integration.Kubernetes;

/// <summary>List and watch against the real API server.</summary>
public class WatchTests(Widgets widgets, ITestOutputHelper output) : IClassFixture<Widgets>
{
    private const int Many = 10_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Objects_are_seen_as_they_come_change_and_go(bool streaming)
    {
        var ns = await widgets.CreateNamespaceAsync();
        await widgets.CreateAsync(ns, "before");
        var handler = new WidgetHandler();
        await using var running = new RunningWatcher(NewWatcher(ns, streaming), handler);
        await handler.ExpectAsync("changed before size 1", "synced");

        await widgets.CreateAsync(ns, "held", finalizers: "example.com/held");
        await widgets.ResizeAsync(ns, "before", 2);
        await widgets.ResizeAsync(ns, "before", "large");
        await widgets.DeleteAsync(ns, "before");
        await widgets.CreateAsync(ns, "before", 3);
        await widgets.DeleteAsync(ns, "held");
        var held = await widgets.GetAsync(ns, "held");
        await widgets.Api.PatchAsync(widgets.Kind, ns, "held", null, FinalizerPatch.Remove(held.Metadata.Uid, held.Metadata.Finalizers!, "example.com/held")!, WidgetJson.Default.Widget, Cancellation);

        await handler.ExpectAsync(
            "changed held size 1",
            "changed before size 2",
            "malformed before",
            "deleted before",
            "changed before size 3",
            "changed held size 1",
            "deleted held");
    }

    [Fact]
    public async Task Ten_thousand_objects_are_listed_both_ways()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var padding = new string('x', 1500);
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancellation }, async (i, ct) =>
        {
            var widget = new Dictionary<string, object>
            {
                ["apiVersion"] = widgets.Kind.ApiVersion,
                ["kind"] = widgets.Kind.Kind,
                ["metadata"] = new Dictionary<string, object> { ["name"] = $"w{i}" },
                ["spec"] = new Dictionary<string, object> { ["size"] = i, ["padding"] = padding },
            };
            await widgets.Client.CustomObjects.CreateNamespacedCustomObjectAsync(widget, widgets.Kind.Group, "v1", ns, "widgets", cancellationToken: ct);
        });
        output.WriteLine($"created in {clock.Elapsed}");

        foreach (var streaming in new[] { true, false })
        {
            clock.Restart();
            var handler = new WidgetHandler();
            var watcher = NewWatcher(ns, streaming);
            await using var running = new RunningWatcher(watcher, handler);
            var calls = await handler.UntilSyncedAsync();
            output.WriteLine($"{(streaming ? "streamed" : "paged")} in {clock.Elapsed}");

            Assert.Equal(Enumerable.Range(0, Many).Select(i => $"changed w{i} size {i}").Append("synced").Order(), calls.Order());
            Assert.Equal(Many, watcher.Count);
            var name = streaming ? "after-streaming" : "after-paging";
            await widgets.CreateAsync(ns, name);
            await handler.ExpectAsync($"changed {name} size 1");
            await widgets.DeleteAsync(ns, name);
            await handler.ExpectAsync($"deleted {name}");
        }
    }

    [Fact]
    public async Task A_kind_that_is_installed_later_is_found()
    {
        var group = $"later{Guid.NewGuid():N}"[..12] + ".example.com";
        var handler = new WidgetHandler();
        var kind = widgets.Watched with { Kind = widgets.Kind with { Group = group } };
        var watcher = new ResourceWatcher<Widget>(widgets.Api, kind, null, new ResourceWatcherOptions(), TimeProvider.System, NullLogger.Instance);
        await using var running = new RunningWatcher(watcher, handler);
        try
        {
            await widgets.CreateDefinitionAsync(group);
            await handler.ExpectAsync("synced");
        }
        finally
        {
            await widgets.DeleteDefinitionAsync(group);
        }
    }

    private ResourceWatcher<Widget> NewWatcher(string ns, bool streaming) =>
        new(widgets.Api, widgets.Watched, ns, new ResourceWatcherOptions { StreamingLists = streaming }, TimeProvider.System, NullLogger.Instance);
}
