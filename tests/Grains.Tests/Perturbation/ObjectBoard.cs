using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>Our objects as they are and as they were before their last change, from one watch of each kind past the proxy, so that many waits cost no more than one.</summary>
internal sealed class ObjectBoard : IAsyncDisposable
{
    // Far above what anything takes, so that a busy machine fails no test.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Kind, string Name), JsonObject?> _now = [];
    private readonly Dictionary<(string Kind, string Name), JsonObject?> _before = [];
    private readonly Dictionary<(string Kind, string Name), List<(Func<JsonObject?, bool> Holds, TaskCompletionSource Reached)>> _waiting = [];
    private readonly CancellationTokenSource _end = new();
    private readonly KubernetesApi _api;
    private readonly Task _watches;

    public ObjectBoard(Uri server)
    {
        _api = new(new KubernetesClientConfiguration { Host = server.ToString() }, TimeProvider.System, NullLoggerFactory.Instance);
        _watches = Task.WhenAll(WatchAsync(ECRRepository.Plural, ECRRepository.Kind), WatchAsync(AWSProvider.Plural, AWSProvider.Kind));
    }

    /// <summary>An object as it was before its last change; null where there was none.</summary>
    public JsonObject? Before(string kind, string name)
    {
        lock (_lock)
        {
            return _before.GetValueOrDefault((kind, name));
        }
    }

    /// <summary>Waits until an object is as said; null stands for one that does not exist.</summary>
    public async Task UntilAsync(string kind, string name, Func<JsonObject?, bool> holds, string what)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (holds(_now.GetValueOrDefault((kind, name))))
            {
                return;
            }

            if (!_waiting.TryGetValue((kind, name), out var waiting))
            {
                _waiting[(kind, name)] = waiting = [];
            }

            waiting.Add((holds, reached));
        }

        try
        {
            await reached.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                throw new TimeoutException($"not within {Deadline.TotalSeconds:0} s: {kind} {what}. It is: {_now.GetValueOrDefault((kind, name))?.ToJsonString() ?? "gone"}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watches;
        _api.Dispose();
        _end.Dispose();
    }

    private async Task WatchAsync(string plural, string kind)
    {
        var json = (JsonTypeInfo<JsonObject>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonObject));
        var watched = new WatchedKind<JsonObject>(new(ApiNames.Group, ApiNames.Version, plural, kind), json, static value =>
        {
            var metadata = value["metadata"]!;
            return new((string)metadata["namespace"]!, (string)metadata["name"]!, (string)metadata["uid"]!, (string)metadata["resourceVersion"]!);
        });
        await new ResourceWatcher<JsonObject>(_api, watched, null, new(), TimeProvider.System, NullLogger.Instance).RunAsync(new Handler(this, kind), _end.Token);
    }

    private void Set(string kind, string name, JsonObject? value)
    {
        lock (_lock)
        {
            var key = (kind, name);
            _before[key] = _now.GetValueOrDefault(key);
            _now[key] = value;
            if (_waiting.TryGetValue(key, out var waiting))
            {
                waiting.RemoveAll(wait => wait.Holds(value) && wait.Reached.TrySetResult());
            }
        }
    }

    private sealed class Handler(ObjectBoard board, string kind) : IResourceHandler<JsonObject>
    {
        public ValueTask ChangedAsync(ObjectReference reference, JsonObject resource, CancellationToken cancellationToken)
        {
            board.Set(kind, reference.Name, resource);
            return ValueTask.CompletedTask;
        }

        public ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken cancellationToken) =>
            throw new InvalidOperationException($"{reference}: {error}");

        public ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken)
        {
            board.Set(kind, reference.Name, null);
            return ValueTask.CompletedTask;
        }

        public ValueTask SyncedAsync(bool relisted, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
