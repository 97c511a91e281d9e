using System.Text;
using InfraOperator.Integration.Kubernetes;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Integration.Disruptive;

/// <summary>
/// What an API server does to watches when it restarts or forgets its history. These tests restart it, so they need an
/// environment that nobody else uses meanwhile: <c>INTEGRATION_RESTART_COMMAND</c> restarts its API server (with flags for it
/// as further arguments), <c>TESTENV_ETCD</c> is the URL of its etcd.
/// </summary>
[Collection(nameof(ApiServerTests))]
[Trait("Category", "Disruptive")]
public class ApiServerTests(Widgets widgets) : IClassFixture<Widgets>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_of_the_API_server_is_survived_and_nothing_is_missed(bool streaming)
    {
        var ns = await widgets.CreateNamespaceAsync();
        await Parallel.ForAsync(0, 300, async (i, _) => await widgets.CreateAsync(ns, $"w{i}"));
        await widgets.CreateAsync(ns, "held", finalizers: "example.com/held");
        var handler = new WidgetHandler();
        var watcher = NewWatcher(ns, new ResourceWatcherOptions { StreamingLists = streaming });
        await using var running = new RunningWatcher(watcher, handler);
        Assert.Equal(302, (await handler.UntilSyncedAsync()).Count);

        await ApiServerRestart.RunAsync();
        await widgets.CreateAsync(ns, "after");
        await widgets.DeleteAsync(ns, "w7");

        // The history may be gone with the restart, in which case the list is read again; what is handed over is the same.
        var calls = new List<string>();
        while (calls.Count(call => !call.StartsWith("synced", StringComparison.Ordinal)) < 2)
        {
            calls.Add(await handler.NextAsync());
        }

        Assert.Equal(["changed after size 1", "deleted w7"], calls.Where(call => !call.StartsWith("synced", StringComparison.Ordinal)).Order());
        Assert.Equal(301, (await CountAsync(ns)));
    }

    [Fact]
    public async Task Compacted_history_leads_to_a_list_and_to_the_deletions_that_were_missed()
    {
        await ApiServerRestart.RunAsync("-watch-cache=false");
        try
        {
            var ns = await widgets.CreateNamespaceAsync();
            await widgets.CreateAsync(ns, "same");
            await widgets.CreateAsync(ns, "changed");
            await widgets.CreateAsync(ns, "gone");
            await widgets.CreateAsync(ns, "again");
            var handler = new WidgetHandler();
            var watcher = NewWatcher(ns, new ResourceWatcherOptions());
            await using (new RunningWatcher(watcher, handler))
            {
                Assert.Equal(5, (await handler.UntilSyncedAsync()).Count);
            }

            await widgets.ResizeAsync(ns, "changed", 2);
            await widgets.DeleteAsync(ns, "gone");
            await widgets.DeleteAsync(ns, "again");
            await widgets.CreateAsync(ns, "again", 3);
            await CompactAsync(ns);
            await using (new RunningWatcher(watcher, handler))
            {
                var calls = await handler.UntilSyncedAsync();
                Assert.Equal(["changed again size 3", "changed changed size 2", "deleted again", "deleted gone", "synced again"], calls.Order());
                await widgets.CreateAsync(ns, "new");
                await handler.ExpectAsync("changed new size 1");
            }
        }
        finally
        {
            await ApiServerRestart.RunAsync();
        }
    }

    [Fact]
    public async Task A_list_whose_history_is_compacted_halfway_is_begun_again_and_deletes_nothing()
    {
        await ApiServerRestart.RunAsync("-watch-cache=false");
        try
        {
            var ns = await widgets.CreateNamespaceAsync();
            await Parallel.ForAsync(0, 30, async (i, _) => await widgets.CreateAsync(ns, $"w{i}"));
            var compacted = false;
            var handler = new WidgetHandler
            {
                OnChanged = async _ =>
                {
                    if (!compacted)
                    {
                        compacted = true;
                        await widgets.ResizeAsync(ns, "w29", 2);
                        await CompactAsync(ns);
                    }
                },
            };
            await using var running = new RunningWatcher(NewWatcher(ns, new ResourceWatcherOptions { StreamingLists = false, PageSize = 10 }), handler);

            var calls = await handler.UntilSyncedAsync();

            Assert.Equal(Enumerable.Range(0, 30).Select(i => $"changed w{i} size {(i == 29 ? 2 : 1)}").Append("synced").Order(), calls.Order());
        }
        finally
        {
            await ApiServerRestart.RunAsync();
        }
    }

    private ResourceWatcher<Widget> NewWatcher(string ns, ResourceWatcherOptions options) =>
        new(widgets.Api, widgets.Watched, ns, options, TimeProvider.System, NullLogger.Instance);

    private async Task<int> CountAsync(string ns)
    {
        var count = 0;
        await foreach (var widget in widgets.Api.ListAsync(widgets.Kind, ns, WidgetJson.Default.Widget, Cancellation))
        {
            count++;
        }

        return count;
    }

    /// <summary>Makes etcd forget everything before now.</summary>
    private async Task CompactAsync(string ns)
    {
        var last = await widgets.CreateAsync(ns, $"last-{Guid.NewGuid():N}");
        await widgets.DeleteAsync(ns, last.Metadata.Name);
        using var etcd = new HttpClient();
        using var body = new StringContent($$"""{"revision":"{{last.Metadata.ResourceVersion}}","physical":true}""", Encoding.UTF8, "application/json");
        using var response = await etcd.PostAsync(new Uri(ApiServerRestart.Require("TESTENV_ETCD", "the URL of the API server's etcd") + "/v3/kv/compaction"), body, Cancellation);
        response.EnsureSuccessStatusCode();
    }
}

/// <summary>One after the other, and beside nothing else.</summary>
[CollectionDefinition(nameof(ApiServerTests), DisableParallelization = true)]
public class ApiServerCollection;
