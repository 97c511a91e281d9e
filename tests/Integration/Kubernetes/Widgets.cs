using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using InfraOperator.Kubernetes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Integration.Kubernetes;

internal sealed record Widget(WidgetMetadata Metadata, WidgetSpec? Spec, JsonObject? Status);

internal sealed record WidgetMetadata(string Name, string Namespace, string Uid, string ResourceVersion, IReadOnlyList<string>? Finalizers);

internal sealed record WidgetSpec(int Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Widget))]
internal sealed partial class WidgetJson : JsonSerializerContext;

/// <summary>
/// A kind of its own in the real API server, for as long as a test class runs: its group is unique, so that runs beside and
/// after one another never meet.
/// </summary>
public sealed class Widgets : IAsyncLifetime
{
    private readonly KubernetesClientConfiguration _configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(IntegrationEnvironment.Kubeconfig);
    private readonly string _group = $"w{Guid.NewGuid():N}"[..9] + ".example.com";

    public Widgets()
    {
        Client = new k8s.Kubernetes(_configuration);
        Kind = new ResourceKind(_group, "v1", "widgets", "Widget");
        Api = NewApi();
    }

    public k8s.Kubernetes Client { get; }

    public KubernetesApi Api { get; }

    public ResourceKind Kind { get; }

    internal WatchedKind<Widget> Watched => new(
        Kind,
        WidgetJson.Default.Widget,
        widget => new ObjectReference(widget.Metadata.Namespace, widget.Metadata.Name, widget.Metadata.Uid, widget.Metadata.ResourceVersion));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public KubernetesApi NewApi() => new(_configuration, TimeProvider.System, NullLoggerFactory.Instance);

    public async ValueTask InitializeAsync() => await CreateDefinitionAsync(_group);

    public async ValueTask DisposeAsync()
    {
        await DeleteDefinitionAsync(_group);
        Api.Dispose();
        Client.Dispose();
    }

    /// <summary>Serves the kind under a group, and waits until it is.</summary>
    public async Task CreateDefinitionAsync(string group)
    {
        await Client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(KubernetesYaml.Deserialize<V1CustomResourceDefinition>($$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: widgets.{{group}}
            spec:
              group: {{group}}
              scope: Namespaced
              names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
              versions:
                - name: v1
                  served: true
                  storage: true
                  subresources:
                    status: {}
                  schema:
                    openAPIV3Schema:
                      type: object
                      properties:
                        spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
                        status:
                          type: object
                          x-kubernetes-preserve-unknown-fields: true
                          properties:
                            ready: {type: boolean}
            """), cancellationToken: Cancellation);

        // The first list that succeeds says that the kind is served; a watcher tries until then.
        using var api = NewApi();
        using var served = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var kind = Watched with { Kind = Kind with { Group = group } };
        var watcher = new ResourceWatcher<Widget>(api, kind, null, new ResourceWatcherOptions(), TimeProvider.System, NullLogger.Instance);
        await watcher.RunAsync(new WidgetHandler { OnSynced = served.Cancel }, served.Token);
        Cancellation.ThrowIfCancellationRequested();
    }

    public Task DeleteDefinitionAsync(string group) => Client.ApiextensionsV1.DeleteCustomResourceDefinitionAsync($"widgets.{group}");

    public async Task<string> CreateNamespaceAsync()
    {
        var name = $"kubernetes-{Guid.NewGuid():N}"[..20];
        await Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: Cancellation);
        return name;
    }

    /// <summary>Creates one and returns it as stored.</summary>
    internal async Task<Widget> CreateAsync(string ns, string name, int size = 1, string padding = "", params string[] finalizers)
    {
        var widget = new Dictionary<string, object>
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = Kind.Kind,
            ["metadata"] = new Dictionary<string, object> { ["name"] = name, ["finalizers"] = finalizers },
            ["spec"] = new Dictionary<string, object> { ["size"] = size, ["padding"] = padding },
        };
        await Client.CustomObjects.CreateNamespacedCustomObjectAsync(widget, Kind.Group, Kind.Version, ns, Kind.Plural, cancellationToken: Cancellation);
        return await GetAsync(ns, name);
    }

    internal Task<Widget> GetAsync(string ns, string name) => Api.GetAsync(Kind, ns, name, WidgetJson.Default.Widget, Cancellation);

    public Task ResizeAsync(string ns, string name, object size) =>
        Client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(new Dictionary<string, object> { ["spec"] = new Dictionary<string, object> { ["size"] = size } }, V1Patch.PatchType.MergePatch),
            Kind.Group, Kind.Version, ns, Kind.Plural, name, cancellationToken: Cancellation);

    public Task DeleteAsync(string ns, string name) =>
        Client.CustomObjects.DeleteNamespacedCustomObjectAsync(Kind.Group, Kind.Version, ns, Kind.Plural, name, cancellationToken: Cancellation);
}

/// <summary>Writes down what a watcher hands over.</summary>
internal sealed class WidgetHandler : IResourceHandler<Widget>
{
    private readonly Channel<string> _calls = Channel.CreateUnbounded<string>();

    public Action OnSynced { get; init; } = () => { };

    /// <summary>Runs before a change is taken.</summary>
    public Func<ObjectReference, Task> OnChanged { get; set; } = _ => Task.CompletedTask;

    public async ValueTask ChangedAsync(ObjectReference reference, Widget resource, CancellationToken cancellationToken)
    {
        await OnChanged(reference);
        _calls.Writer.TryWrite($"changed {reference.Name} size {resource.Spec?.Size}");
    }

    public ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken cancellationToken) => WriteAsync($"malformed {reference.Name}");

    public ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken) => WriteAsync($"deleted {reference.Name}");

    public ValueTask SyncedAsync(bool relisted, CancellationToken cancellationToken)
    {
        OnSynced();
        return WriteAsync(relisted ? "synced again" : "synced");
    }

    public async Task<string> NextAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return await _calls.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The handler waited for a call, and none came.");
        }
    }

    public async Task ExpectAsync(params string[] calls)
    {
        foreach (var call in calls)
        {
            Assert.Equal(call, await NextAsync());
        }
    }

    /// <summary>All calls up to and including the end of a list.</summary>
    public async Task<List<string>> UntilSyncedAsync()
    {
        List<string> calls = [];
        do
        {
            calls.Add(await NextAsync());
        }
        while (!calls[^1].StartsWith("synced", StringComparison.Ordinal));
        return calls;
    }

    private ValueTask WriteAsync(string call)
    {
        _calls.Writer.TryWrite(call);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A watcher that runs for a while; it can be run again and goes on where it was.</summary>
internal sealed class RunningWatcher : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningWatcher(ResourceWatcher<Widget> watcher, WidgetHandler handler) => _running = watcher.RunAsync(handler, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
