using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Watching;

/// <summary>
/// Hands what a watch hears to the objects' grains. There is one announcement under way per object and a bounded number in
/// all; while one is under way, only the newest news of its object is kept, so memory is bounded by objects, not by events.
/// </summary>
internal sealed partial class Announcer<T>(
    string cluster,
    Func<ResourceKey, T, Task> announce,
    Func<ResourceKey, string, Task> forget,
    Func<ObjectReference, string, T> malformed,
    int maxUnderWay,
    TimeProvider time,
    ILogger logger) : IResourceHandler<T>
    where T : class
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _slots = new(maxUnderWay);
    private readonly Dictionary<ResourceKey, Queue<News>> _pending = [];

    public ValueTask ChangedAsync(ObjectReference reference, T resource, CancellationToken cancellationToken) =>
        AcceptAsync(reference, new(resource, reference.Uid, time.GetUtcNow()), cancellationToken);

    public ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken cancellationToken) =>
        AcceptAsync(reference, new(malformed(reference, error), reference.Uid, time.GetUtcNow()), cancellationToken);

    public ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        AcceptAsync(reference, new(null, reference.Uid, time.GetUtcNow()), cancellationToken);

    public ValueTask SyncedAsync(bool relisted, CancellationToken cancellationToken)
    {
        LogSynced(logger, typeof(T).Name.ToLowerInvariant(), cluster, relisted);
        return ValueTask.CompletedTask;
    }

    // An object with news under way has an entry in _pending; its queue holds what is to be told next: at most the end of one
    // object and the newest version of its successor.
    private async ValueTask AcceptAsync(ObjectReference reference, News news, CancellationToken cancellationToken)
    {
        var key = new ResourceKey(cluster, reference.Namespace, reference.Name);
        lock (_pending)
        {
            if (_pending.TryGetValue(key, out var waiting))
            {
                Supersede(waiting, news);
                return;
            }

            _pending.Add(key, new([news]));
        }

        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        _ = TellAllAsync(key, cancellationToken);
    }

    private static void Supersede(Queue<News> waiting, News news)
    {
        var ends = waiting.Where(old => old.Resource is null && old.Uid != news.Uid).ToArray();
        waiting.Clear();
        foreach (var end in ends)
        {
            waiting.Enqueue(end);
        }

        waiting.Enqueue(news);
    }

    private async Task TellAllAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            while (TakeNext(key) is { } news)
            {
                await TellAsync(key, news, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped(logger, key);
        }
        finally
        {
            _slots.Release();
        }
    }

    private News? TakeNext(ResourceKey key)
    {
        lock (_pending)
        {
            if (_pending[key].TryDequeue(out var news))
            {
                return news;
            }

            _pending.Remove(key);
            return null;
        }
    }

    private async Task TellAsync(ResourceKey key, News news, CancellationToken cancellationToken)
    {
        WatchNews.Tell(news.Heard);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await (news.Resource is { } resource ? announce(key, resource) : forget(key, news.Uid)).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, exception, key);
            }

            await Task.Delay(RetryAfter * (1 + Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
            lock (_pending)
            {
                if (_pending[key].Count > 0)
                {
                    return; // Something newer is to be told.
                }
            }
        }
    }

    /// <param name="Resource">The newest version; null: the object is gone.</param>
    /// <param name="Uid">The object.</param>
    /// <param name="Heard">When the watch heard of it.</param>
    private sealed record News(T? Resource, string Uid, DateTimeOffset Heard);

    [LoggerMessage(Level = LogLevel.Information, Message = "Listed every {Kind} of cluster {Cluster} (again: {Relisted}); watching")]
    private static partial void LogSynced(ILogger logger, string kind, string cluster, bool relisted);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not announce {Key} to its grain; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey key);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The watch stopped with news of {Key} under way")]
    private static partial void LogStopped(ILogger logger, ResourceKey key);
}
