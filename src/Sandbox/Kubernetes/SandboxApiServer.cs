using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>
/// A Kubernetes API server in memory, on plain HTTP on the loopback address: custom resource definitions and their objects, namespaces, secrets,
/// events, and what kubectl needs to show them. It keeps the rules that an operator relies on; <see cref="Limitations"/> says what it leaves out.
/// </summary>
public sealed class SandboxApiServer : IAsyncDisposable
{
    private const int RequestsKept = 10_000;
    private static readonly string[] FirstNamespaces = ["default", "kube-system"];

    private readonly ConcurrentDictionary<(string Verb, string Resource), int> _counts = new();
    private readonly ConcurrentQueue<SandboxRequest> _requests = new();
    private readonly TimeProvider _time;
    private readonly ObjectStore _store;
    private readonly ResourceRegistry _registry;
    private readonly WatchStreams _watches;
    private readonly Discovery _discovery;
    private readonly ApiRoutes _routes;
    private readonly WebApplication _app;

    private SandboxApiServer(SandboxApiServerOptions options)
    {
        _time = options.TimeProvider;
        _store = new(options.History);
        _registry = new(_store, _time);
        _watches = new(_store, _time);
        _discovery = new(_registry);
        _routes = new(_registry, _watches, _time, options.Logs);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{options.Port}").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 3 * 1024 * 1024);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        _app = builder.Build();
        _app.Run(ServeAsync);
        foreach (var ns in FirstNamespaces.Concat(options.Logs.Keys.Select(deployment => deployment.Split('/')[0])).Distinct())
        {
            Apply($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {ns}}}}}");
        }

        foreach (var deployment in options.Logs.Keys)
        {
            Run(deployment.Split('/')[0], deployment.Split('/')[1]);
        }

        foreach (var manifest in options.Manifests)
        {
            Apply(manifest);
        }
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>A kubeconfig for it, as YAML text.</summary>
    public string Kubeconfig => $"""
        apiVersion: v1
        kind: Config
        current-context: sandbox
        clusters:
        - name: sandbox
          cluster:
            server: {Url.AbsoluteUri.TrimEnd('/')}
        contexts:
        - name: sandbox
          context:
            cluster: sandbox
            user: sandbox
            namespace: default
        users:
        - name: sandbox
          user:
            token: sandbox

        """;

    /// <summary>What it does not do, in sentences to show at the start.</summary>
    public IReadOnlyList<string> Limitations { get; } =
    [
        "CEL rules of the CRDs are not evaluated, nor allOf, anyOf, oneOf and not: a specification that only they refuse is accepted here.",
        "Server-side apply is refused, as are strategic merge patches of lists; client-side apply, merge patches and JSON patches work.",
        "There is no access control: every request may do everything.",
        "Nothing runs here: no garbage collection by owner references, no scheduler, no controllers but the deletion of namespaces.",
        "Built-in kinds (namespaces, secrets, config maps, service accounts, pods, deployments, events) are kept without a schema, and no managedFields are recorded.",
    ];

    /// <summary>Asked about each request of a resource before it is served; what it returns goes wrong.</summary>
    public Func<SandboxRequest, SandboxFault?>? Fault { get; set; }

    /// <summary>The last 10,000 requests of resources, oldest first.</summary>
    public IReadOnlyList<SandboxRequest> Log => [.. _requests];

    /// <summary>Starts a server.</summary>
    /// <param name="options">What it starts with.</param>
    /// <param name="ct">Cancels the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SandboxApiServer> StartAsync(SandboxApiServerOptions options, CancellationToken ct)
    {
        var server = new SandboxApiServer(options);
        await server._app.StartAsync(ct);
        return server;
    }

    /// <summary>How many requests there were, whatever came of them.</summary>
    /// <param name="verb">The Kubernetes verb, such as <c>patch</c>.</param>
    /// <param name="resource">The plural name, with the subresource where there is one: <c>ecrrepositories/status</c>.</param>
    public int Requests(string verb, string resource) => _counts.GetValueOrDefault((verb, resource));

    /// <summary>Creates the objects of a YAML text, or merges them into those that exist.</summary>
    /// <exception cref="InvalidOperationException">An object is refused, or its kind is not served.</exception>
    public void Apply(string yaml)
    {
        foreach (var item in JsonReading.Yaml(yaml))
        {
            var type = _registry.Types.FirstOrDefault(type => type.ApiVersion == (string?)item["apiVersion"] && type.Kind == (string?)item["kind"])
                ?? throw new InvalidOperationException($"The sandbox serves no {item["kind"]} of {item["apiVersion"]}.");
            var ns = type.Namespaced ? ObjectMeta.Text(item, "namespace") is { Length: > 0 } given ? given : "default" : null;
            Do(() =>
            {
                lock (_store.Gate)
                {
                    var name = ObjectMeta.Text(item, "name");
                    return _store.Find(type.Storage, $"{ns}/{name}") is null
                        ? _registry.Create(type, ns, item, [], new("Strict"))
                        : _registry.Patch(type, ns, name, false, "application/merge-patch+json", item, new("Strict"));
                }
            });
        }
    }

    /// <summary>An object as a client would read it; null where there is none.</summary>
    /// <param name="plural">The plural name of its kind, such as <c>ecrrepositories</c>.</param>
    /// <param name="ns">Its namespace; null for kinds without.</param>
    /// <param name="name">Its name.</param>
    public JsonObject? Get(string plural, string? ns, string name)
    {
        var type = Type(plural);
        lock (_store.Gate)
        {
            return _store.Find(type.Storage, $"{ns}/{name}")?.Value.DeepClone().AsObject();
        }
    }

    /// <summary>All objects of a kind, in the order of namespace and name.</summary>
    /// <param name="plural">The plural name of the kind.</param>
    /// <param name="ns">A namespace; null for all.</param>
    public IReadOnlyList<JsonObject> List(string plural, string? ns = null) => [.. _registry.List(Type(plural), ns).Items.Select(item => item.DeepClone().AsObject())];

    /// <summary>Changes an object by a JSON merge patch.</summary>
    /// <param name="resource">The plural name, or with <c>/status</c> the status subresource.</param>
    /// <param name="ns">Its namespace; null for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="patch">The merge patch, as JSON.</param>
    /// <exception cref="InvalidOperationException">The patch is refused.</exception>
    public void Patch(string resource, string? ns, string name, string patch) => Do(() =>
        _registry.Patch(Type(resource.Split('/')[0]), ns, name, resource.EndsWith("/status", StringComparison.Ordinal), "application/merge-patch+json", JsonNode.Parse(patch), new()));

    /// <summary>Deletes an object as a client would: finalizers hold it.</summary>
    /// <param name="plural">The plural name of its kind.</param>
    /// <param name="ns">Its namespace; null for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="InvalidOperationException">There is no such object.</exception>
    public void Delete(string plural, string? ns, string name) => Do(() => _registry.Delete(Type(plural), ns, name));

    /// <summary>Breaks the connections of all running watches.</summary>
    public void DropWatches() => _watches.Drop();

    /// <summary>Holds back what watches would say, bookmarks included, without closing them, until called with false.</summary>
    public void SilenceWatches(bool silent = true) => _watches.Silence(silent);

    /// <summary>Forgets all changes so far: who asks for what came after an older version gets 410, as after a compaction.</summary>
    public void ForgetHistory() => _store.Forget();

    /// <summary>Stops the server; running watches end.</summary>
    public async ValueTask DisposeAsync()
    {
        _watches.Drop();
        await _app.DisposeAsync();
        _watches.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        try
        {
            var path = (context.Request.Path.Value ?? "").Trim('/').Split('/');
            if (_routes.Find(path) is { } resource)
            {
                await ServeAsync(context, resource);
            }
            else if (path is ["healthz" or "livez" or "readyz", ..])
            {
                await context.Response.WriteAsync("ok", context.RequestAborted);
            }
            else if (_discovery.Answer(path) is { } answer)
            {
                await ApiRoutes.WriteAsync(context, 200, answer);
            }
            else if (path is not ["openapi", "v3", ..])
            {
                throw ApiException.UnknownResource();
            }
        }
        catch (ApiException refusal) when (!context.Response.HasStarted)
        {
            await ApiRoutes.WriteAsync(context, refusal.Code, refusal.ToStatus());
        }
        catch (Exception defect) when (defect is not OperationCanceledException and not BadHttpRequestException && !context.Response.HasStarted)
        {
            await ApiRoutes.WriteAsync(context, 500, new ApiException(500, "InternalError", $"a defect of the sandbox: {defect}").ToStatus());
        }
    }

    private async Task ServeAsync(HttpContext context, ResourcePath path)
    {
        var verb = ApiRoutes.Verb(context.Request, path);
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        var resource = path.Subresource is null ? path.Type.Plural : $"{path.Type.Plural}/{path.Subresource}";
        var request = new SandboxRequest(verb, resource, path.Namespace, path.Name, context.Request.QueryString.Value ?? "", context.Request.ContentType ?? "", Encoding.UTF8.GetString(body));
        _counts.AddOrUpdate((verb, resource), 1, (_, count) => count + 1);
        _requests.Enqueue(request);
        while (_requests.Count > RequestsKept)
        {
            _requests.TryDequeue(out _);
        }

        var fault = Fault?.Invoke(request);
        if (fault?.Latency > TimeSpan.Zero)
        {
            await Task.Delay(fault.Latency, _time, context.RequestAborted);
        }

        if (fault?.ResetBeforeActing == true)
        {
            context.Abort();
            return;
        }

        if (fault?.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds)}";
        }

        if (fault?.Code is { } code)
        {
            throw new ApiException(code, fault.Reason, fault.Message);
        }

        var answer = _routes.Act(context, path, verb, body);
        if (fault?.ResetAfterActing == true)
        {
            context.Abort();
            return;
        }

        await answer(context);
    }

    private ResourceType Type(string plural) => _registry.Types.FirstOrDefault(type => type.Plural == plural) ?? throw new InvalidOperationException($"The sandbox serves no {plural}.");

    private static void Do<T>(Func<T> write)
    {
        try
        {
            write();
        }
        catch (ApiException refusal)
        {
            throw new InvalidOperationException(refusal.Message, refusal);
        }
    }

    /// <summary>Pretends that a Deployment runs, for <c>kubectl logs</c>.</summary>
    private void Run(string ns, string name)
    {
        Apply($$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: {{name}}, namespace: {{ns}}}
            spec:
              replicas: 1
              selector:
                matchLabels: {app: {{name}} }
              template:
                metadata:
                  labels: {app: {{name}} }
                spec: {containers: [{name: main, image: sandbox}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: {{name}}-0, namespace: {{ns}}, labels: {app: {{name}} } }
            spec: {containers: [{name: main, image: sandbox}]}
            """);
        Patch("pods/status", ns, $"{name}-0", """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""");
    }

    /// <summary>The server lives as long as its owner says; it does not listen to Ctrl-C, as a host of its own would.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
