using System.Collections.Concurrent;
using InfraOperator.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Integration.Kubernetes;

/// <summary>Events in the real API server, which checks each of their fields.</summary>
public class EventTests(Widgets widgets) : IClassFixture<Widgets>
{
    private readonly RecordingLogger _logger = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_created_and_repetitions_counted_on_the_first()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var regarding = Regarding(await widgets.CreateAsync(ns, "a"));
        var recorder = NewRecorder();
        for (var i = 0; i < 3; i++)
        {
            await recorder.RecordAsync(regarding, EventType.Warning, "Failed", "Create", new string('ü', 1000), Cancellation);
        }

        await recorder.RecordAsync(regarding, EventType.Normal, "Created", "Create", "it is there", Cancellation);

        Assert.Empty(_logger.Messages);
        var events = (await widgets.Client.EventsV1.ListNamespacedEventAsync(ns, fieldSelector: "regarding.name=a", cancellationToken: Cancellation)).Items;
        Assert.Equal(2, events.Count);
        var series = Assert.Single(events, e => e.Series is not null);
        Assert.Equal(("Warning", "Failed", 3), (series.Type, series.Reason, series.Series.Count));
        Assert.Equal(regarding.Uid, series.Regarding.Uid);
    }

    [Fact]
    public async Task Nothing_is_recorded_in_a_namespace_that_is_being_deleted_or_gone()
    {
        var ns = await widgets.CreateNamespaceAsync();
        var widget = await widgets.CreateAsync(ns, "a", finalizers: "example.com/held");
        await widgets.Client.CoreV1.DeleteNamespaceAsync(ns, cancellationToken: Cancellation);
        var recorder = NewRecorder();

        await recorder.RecordAsync(Regarding(widget), EventType.Warning, "Failed", "Delete", "in an ending namespace", Cancellation);
        await recorder.RecordAsync(Regarding(widget) with { Namespace = "never-was" }, EventType.Warning, "Failed", "Delete", "nowhere", Cancellation);

        Assert.Empty(_logger.Messages);
        await widgets.Api.PatchAsync(widgets.Kind, ns, "a", null, FinalizerPatch.Remove(widget.Metadata.Uid, widget.Metadata.Finalizers!, "example.com/held")!, WidgetJson.Default.Widget, Cancellation);
    }

    private EventRecorder NewRecorder() => new(widgets.Api, "example.com/widget-controller", "test", TimeProvider.System, _logger);

    private EventRegarding Regarding(Widget widget) =>
        new(widgets.Kind.ApiVersion, widgets.Kind.Kind, widget.Metadata.Namespace, widget.Metadata.Name, widget.Metadata.Uid, widget.Metadata.ResourceVersion);

    private sealed class RecordingLogger : ILogger<EventRecorder>
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Enqueue(formatter(state, exception));
    }
}
