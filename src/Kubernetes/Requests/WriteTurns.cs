namespace InfraOperator.Kubernetes.Requests;

/// <summary>
/// Bounds how many writes are with the server at a time. What it has no room for it refuses, for a second at least, and everybody's alike. Namespaces
/// take turns, so that one with thousands of objects delays another's write by a few; within a namespace what has been begun goes before what begins.
/// </summary>
/// <param name="atOnce">How many may be with the server.</param>
internal sealed class WriteTurns(int atOnce)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Tenant> _tenants = [];

    /// <summary>Those that have writes waiting, the next first.</summary>
    private readonly Queue<Tenant> _next = new();

    private int _free = atOnce;

    /// <summary>Waits for the turn of a write.</summary>
    /// <param name="ns">The namespace of the object; empty for one without.</param>
    /// <param name="begins">Whether it begins something.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The turn, to be disposed of when the server has answered.</returns>
    public async ValueTask<Turn> TakeAsync(string ns, bool begins, CancellationToken cancellationToken)
    {
        TaskCompletionSource write;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return new(this);
            }

            write = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_tenants.TryGetValue(ns, out var tenant))
            {
                _tenants.Add(ns, tenant = new(ns));
                _next.Enqueue(tenant);
            }

            (begins ? tenant.Beginning : tenant.Begun).Enqueue(write);
        }

        await using (cancellationToken.UnsafeRegister(static (write, token) => ((TaskCompletionSource)write!).TrySetCanceled(token), write).ConfigureAwait(false))
        {
            await write.Task.ConfigureAwait(false);
        }

        return new(this);
    }

    private void Release()
    {
        lock (_lock)
        {
            while (_next.TryDequeue(out var tenant))
            {
                if (!tenant.Begun.TryDequeue(out var write) && !tenant.Beginning.TryDequeue(out write))
                {
                    _tenants.Remove(tenant.Namespace);
                    continue;
                }

                _next.Enqueue(tenant);
                if (write.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    /// <summary>A write that may be with the server.</summary>
    internal readonly struct Turn(WriteTurns? turns) : IDisposable
    {
        public void Dispose() => turns?.Release();
    }

    private sealed record Tenant(string Namespace)
    {
        public Queue<TaskCompletionSource> Begun { get; } = new();

        public Queue<TaskCompletionSource> Beginning { get; } = new();
    }
}
