using System.Collections.Concurrent;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Watching;

/// <summary>
/// Hands what a watch hears to the objects' grains. There is one announcement under way per object and a bounded number to each
/// silo, so that one which hangs holds up none but its own; while one is under way, only the newest news of its object is kept, so
/// memory is bounded by objects, not by events. What was heard is told however often the watch begins again meanwhile.
/// </summary>
internal sealed partial class Announcer<T>(
    string cluster,
    Func<ResourceKey, T, long, Task> announce,
    Func<ResourceKey, string, Task> forget,
    Func<ObjectReference, string, T> malformed,
    Func<ResourceKey, SiloAddress?> siloOf,
    int maxUnderWay,
    TimeProvider time,
    ILogger logger,
    CancellationToken stop) : IResourceHandler<T>
    where T : class
{
    private const int MaxWaitingShare = 16;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    // A grain takes news in at once. No answer means that the call went to a silo that is lost, which a second try does not; or that
    // all is slow, which many tries would make worse.
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _room = new(maxUnderWay * MaxWaitingShare);
    private readonly ConcurrentDictionary<SiloAddress, SemaphoreSlim> _slots = new();
    private readonly Dictionary<ResourceKey, Pending> _pending = [];
    private long _round = NewRound();
    private long _complete;

    /// <summary>The last round in which all objects were told of; null while there was none.</summary>
    public long? CompleteRound => Volatile.Read(ref _complete) is not 0 and var round ? round : null;

    /// <summary>Begins another round: all that is told from now on belongs to it.</summary>
    public void BeginRound()
    {
        Volatile.Write(ref _complete, 0);
        Volatile.Write(ref _round, NewRound());
    }

    public ValueTask ChangedAsync(ObjectReference reference, T resource, CancellationToken cancellationToken) =>
        AcceptAsync(reference, new(resource, reference.Uid, time.GetUtcNow()), cancellationToken);

    public ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken cancellationToken) =>
        AcceptAsync(reference, new(malformed(reference, error), reference.Uid, time.GetUtcNow()), cancellationToken);

    public ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        AcceptAsync(reference, new(null, reference.Uid, time.GetUtcNow()), cancellationToken);

    public ValueTask SyncedAsync(bool relisted, CancellationToken cancellationToken)
    {
        LogSynced(logger, typeof(T).Name.ToLowerInvariant(), cluster, relisted);
        Task[] underWay;
        lock (_pending)
        {
            underWay = [.. _pending.Values.Select(pending => pending.Told.Task)];
        }

        _ = CompleteAsync(Volatile.Read(ref _round), underWay);
        return ValueTask.CompletedTask;
    }

    // What the list held is told when what was under way at its end is.
    private async Task CompleteAsync(long round, Task[] underWay)
    {
        await Task.WhenAll(underWay).ConfigureAwait(false);
        if (Volatile.Read(ref _round) == round)
        {
            Volatile.Write(ref _complete, round);
        }
    }

    // An object with news under way has an entry in _pending; its queue holds what is to be told next: at most the end of one
    // object and the newest version of its successor.
    private async ValueTask AcceptAsync(ObjectReference reference, News news, CancellationToken cancellationToken)
    {
        var key = new ResourceKey(cluster, reference.Namespace, reference.Name);
        if (TrySupersede(key, news))
        {
            return;
        }

        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_pending)
        {
            _pending.Add(key, new(new([news])));
        }

        _ = TellAllAsync(key);
    }

    private bool TrySupersede(ResourceKey key, News news)
    {
        lock (_pending)
        {
            if (!_pending.TryGetValue(key, out var waiting))
            {
                return false;
            }

            Supersede(waiting.News, news);
            return true;
        }
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

    private async Task TellAllAsync(ResourceKey key)
    {
        try
        {
            while (TakeNext(key) is { } news)
            {
                await TellAsync(key, news).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            LogStopped(logger, key);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task TellOnceAsync(ResourceKey key, News news, TimeSpan patience)
    {
        var slots = siloOf(key) is { } silo ? _slots.GetOrAdd(silo, _ => new(maxUnderWay)) : null;
        await (slots?.WaitAsync(stop) ?? Task.CompletedTask).ConfigureAwait(false);
        try
        {
            var told = news.Resource is { } resource ? announce(key, resource, Volatile.Read(ref _round)) : forget(key, news.Uid);
            await told.WaitAsync(patience, time, stop).ConfigureAwait(false);
        }
        finally
        {
            slots?.Release();
        }
    }

    private News? TakeNext(ResourceKey key)
    {
        lock (_pending)
        {
            var pending = _pending[key];
            if (pending.News.TryDequeue(out var news))
            {
                return news;
            }

            _pending.Remove(key);
            pending.Told.SetResult();
            return null;
        }
    }

    private async Task TellAsync(ResourceKey key, News news)
    {
        WatchNews.Tell(news.Heard);
        for (var patience = FirstPatience; ; patience = patience * 2 < LongestPatience ? patience * 2 : LongestPatience)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                await TellOnceAsync(key, news, patience).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException) when (patience <= FirstPatience * 2)
            {
                // A grain that is on its way to another silo takes a moment.
                LogNoAnswer(logger, key, patience);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogFailed(logger, exception, key);
            }

            await Task.Delay(RetryAfter * (1 + Random.Shared.NextDouble()), time, stop).ConfigureAwait(false);
            lock (_pending)
            {
                if (_pending[key].News.Count > 0)
                {
                    return; // Something newer is to be told.
                }
            }
        }
    }

    private static long NewRound() => Random.Shared.NextInt64(1, long.MaxValue);

    /// <param name="News">What is to be told next.</param>
    private sealed record Pending(Queue<News> News)
    {
        /// <summary>Ends when there is nothing more to tell.</summary>
        public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <param name="Resource">The newest version; null: the object is gone.</param>
    /// <param name="Uid">The object.</param>
    /// <param name="Heard">When the watch heard of it.</param>
    private sealed record News(T? Resource, string Uid, DateTimeOffset Heard);

    [LoggerMessage(Level = LogLevel.Information, Message = "Listed every {Kind} of cluster {Cluster} (again: {Relisted}); watching")]
    private static partial void LogSynced(ILogger logger, string kind, string cluster, bool relisted);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not announce {Key} to its grain; trying again")]
    private static partial void LogFailed(ILogger logger, Exception exception, ResourceKey key);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The grain of {Key} has taken in no news within {Patience}; trying again")]
    private static partial void LogNoAnswer(ILogger logger, ResourceKey key, TimeSpan patience);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The watch stopped with news of {Key} under way")]
    private static partial void LogStopped(ILogger logger, ResourceKey key);
}
