using System.Threading.Channels;

namespace InfraOperator.Kubernetes.Tests.Fakes;

/// <summary>Writes down the watcher's calls in their order, and lets a test hold or fail one.</summary>
internal sealed class RecordingHandler : IResourceHandler<Widget>
{
    private readonly Channel<string> _calls = Channel.CreateUnbounded<string>();

    /// <summary>Runs before a call returns.</summary>
    public Func<string, ValueTask> OnCall { get; set; } = _ => ValueTask.CompletedTask;

    public bool HasCalls => _calls.Reader.Count > 0;

    /// <summary>The objects that were handed over, without keeping them alive.</summary>
    public List<WeakReference> Seen { get; } = [];

    public ValueTask ChangedAsync(ObjectReference reference, Widget resource, CancellationToken cancellationToken)
    {
        Seen.Add(new WeakReference(resource));
        return WriteAsync($"changed {reference} {reference.Uid}@{reference.ResourceVersion} size {resource.Spec?.Size}");
    }

    public ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken cancellationToken) =>
        WriteAsync($"malformed {reference} {reference.Uid}@{reference.ResourceVersion}");

    public ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        WriteAsync($"deleted {reference} {reference.Uid}@{reference.ResourceVersion}");

    public ValueTask SyncedAsync(bool relisted, CancellationToken cancellationToken) =>
        WriteAsync(relisted ? "synced again" : "synced");

    /// <summary>The next call; fails if none comes.</summary>
    public async Task<string> NextAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await _calls.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The handler waited for a call, and none came.");
        }
    }

    /// <summary>The next calls must be these.</summary>
    public async Task ExpectAsync(params string[] calls)
    {
        foreach (var call in calls)
        {
            Assert.Equal(call, await NextAsync());
        }
    }

    private async ValueTask WriteAsync(string call)
    {
        await OnCall(call);
        _calls.Writer.TryWrite(call);
    }
}
