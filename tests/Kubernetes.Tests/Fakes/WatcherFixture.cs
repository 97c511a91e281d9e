using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Kubernetes.Tests.Fakes;

/// <summary>A running watcher with a fake server, clock, handler and log of its own.</summary>
internal sealed class WatcherFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesApi _api;
    private readonly ResourceWatcherOptions _options;

    private WatcherFixture(FakeApiServer server, ResourceWatcherOptions options, IMeterFactory? meters)
    {
        Server = server;
        _options = options;
        _api = new KubernetesApi(server.Configuration, Time, NullLoggerFactory.Instance, meters: meters);
        Watcher = new ResourceWatcher<Widget>(_api, Json.Watched, null, options, Time, Logger);
        Running = Watcher.RunAsync(Handler, _stop.Token);
    }

    public FakeApiServer Server { get; }

    public ObservedTime Time { get; } = new();

    public RecordingHandler Handler { get; } = new();

    public RecordingLogger<WatcherFixture> Logger { get; } = new();

    public ResourceWatcher<Widget> Watcher { get; }

    public Task Running { get; }

    /// <param name="configure">Changes the options, which are the defaults with paged lists.</param>
    /// <param name="meters">Makes the meters; null: nobody's.</param>
    public static async Task<WatcherFixture> StartAsync(Action<ResourceWatcherOptions>? configure = null, IMeterFactory? meters = null)
    {
        var options = new ResourceWatcherOptions { StreamingLists = false };
        configure?.Invoke(options);
        return new WatcherFixture(await FakeApiServer.StartAsync(), options, meters);
    }

    public static Task<WatcherFixture> StartStreamingAsync() => StartAsync(options => options.StreamingLists = true);

    /// <summary>Answers a list with these objects, expects them to be handed over, and opens the watch that follows.</summary>
    public async Task<FakeRequest> ListAndOpenAsync(int resourceVersion, params string[] items)
    {
        var list = await Server.NextAsync();
        await list.RespondAsync(Json.List(resourceVersion, "", items));
        while (!(await Handler.NextAsync()).StartsWith("synced", StringComparison.Ordinal))
        {
        }

        return await OpenAsync();
    }

    /// <summary>Accepts a watch, and waits until the watcher knows.</summary>
    public async Task<FakeRequest> OpenAsync()
    {
        var watch = await Server.NextAsync();
        Assert.Equal("true", watch.Query["watch"]);
        await watch.OpenAsync();
        await Time.ArmedAsync(due => due == _options.IdleTimeout);
        return watch;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _api.Dispose();
        await Server.DisposeAsync();
        _stop.Dispose();
    }
}
