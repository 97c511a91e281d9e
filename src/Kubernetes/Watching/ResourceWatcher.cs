using System.Net;
using System.Text.Json;
using InfraOperator.Kubernetes.Requests;
using InfraOperator.Kubernetes.Watching;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes;

/// <summary>
/// Follows one collection for as long as it is asked to: reads it all, then each change. Survives whatever the server and the
/// network do; after a gap it reads what it missed, or all of it again, and tells what is gone. Remembers identities and
/// versions, never objects.
/// </summary>
/// <typeparam name="T">The object as far as it matters.</typeparam>
public sealed class ResourceWatcher<T>
    where T : class
{
    /// <summary>After this many watches in a row that said nothing at all, the place to resume from is doubted: a server restored
    /// from a backup waits in silence for a resourceVersion that lies in its future.</summary>
    private const int SilencesUntilRelist = 2;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private readonly KubernetesApi _api;
    private readonly WatchedKind<T> _kind;
    private readonly string? _namespace;
    private readonly ResourceWatcherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WatchIndex _index = new();
    private readonly Backoff _backoff;
    private int _running;
    private int _count;
    private long _lastHeard;
    private bool _streaming;
    private bool _synced;
    private int _silences;
    private string _lastFailure = "";

    /// <summary>Where the next watch goes on; null when the collection has to be listed first.</summary>
    private string? _resumeFrom;

    /// <summary>Prepares a watcher; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="api">The cluster.</param>
    /// <param name="kind">What to watch.</param>
    /// <param name="ns">The namespace, or null for all.</param>
    /// <param name="options">How to read and how patient to be.</param>
    /// <param name="time">The clock of pauses and time limits.</param>
    /// <param name="logger">Where trouble and recovery are logged, once each.</param>
    /// <exception cref="ArgumentException">An option is out of bounds.</exception>
    public ResourceWatcher(KubernetesApi api, WatchedKind<T> kind, string? ns, ResourceWatcherOptions options, TimeProvider time, ILogger logger)
    {
        options.Validate();
        _api = api;
        _kind = kind;
        _namespace = ns;
        _options = options;
        _time = time;
        _logger = logger;
        _streaming = options.StreamingLists;
        _backoff = new Backoff(options.InitialBackoff, options.MaxBackoff);
    }

    /// <summary>When the server last sent anything; null if it never did.</summary>
    public DateTimeOffset? LastHeard => Volatile.Read(ref _lastHeard) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>How many objects are known.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Watches until cancelled, then completes without an exception. One run at a time.</summary>
    /// <param name="handler">Takes the news.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="InvalidOperationException">It is running already.</exception>
    public async Task RunAsync(IResourceHandler<T> handler, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            throw new InvalidOperationException($"The watch of {_kind.Kind} is running already.");
        }

        try
        {
            var announcer = new Announcer<T>(_kind, _index, handler, _logger);
            while (!cancellationToken.IsCancellationRequested)
            {
                var pause = await ConnectAsync(announcer, cancellationToken).ConfigureAwait(false);
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As asked.
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>One try, from connecting to the end of the watch, however it comes. Returns the pause before the next.</summary>
    private async Task<TimeSpan> ConnectAsync(Announcer<T> announcer, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        try
        {
            if (_resumeFrom is null && !_streaming)
            {
                await ListAsync(announcer, cancellationToken).ConfigureAwait(false);
            }

            await WatchAsync(announcer, cancellationToken).ConfigureAwait(false);
            return Pause(started, "the server ended the watch", endedInOrder: true, retryAfter: null);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.Invalid && _resumeFrom is null && _streaming)
        {
            _streaming = false;
            _logger.LogInformationNoStreaming(_kind.Kind, exception.Message);
            return TimeSpan.Zero;
        }
        catch (KubernetesApiException exception)
        {
            Failed(exception);
            return Pause(started, exception.Message, endedInOrder: false, exception.RetryAfter);
        }
        catch (HandlerFailedException exception)
        {
            _logger.LogErrorHandler(exception.InnerException!, _kind.Kind);
            return Pause(started, "the handler failed", endedInOrder: false, retryAfter: null);
        }
        catch (Exception exception)
        {
            // Nobody would notice a watch that ended: better one that goes on complaining.
            _logger.LogErrorUnexpected(exception, _kind.Kind);
            return Pause(started, exception.Message, endedInOrder: false, retryAfter: null);
        }
        finally
        {
            Volatile.Write(ref _count, _index.Count);
        }
    }

    private void Failed(KubernetesApiException exception)
    {
        if (exception.Failure is KubernetesFailure.Gone or KubernetesFailure.Invalid)
        {
            _resumeFrom = null;
            _logger.LogInformationRelist(_kind.Kind);
        }

        // Once for each kind of trouble, not once for each try.
        var failure = $"{exception.Failure} {exception.Status}";
        if (failure == _lastFailure || exception.Failure == KubernetesFailure.Gone)
        {
            return;
        }

        _lastFailure = failure;
        if (exception.Failure == KubernetesFailure.NotFound)
        {
            _logger.LogWarningNotServed(_kind.Kind, _kind.Kind.ToString(), exception.Message);
        }
        else
        {
            _logger.LogWarningFailing(_kind.Kind, exception.Message);
        }
    }

    private TimeSpan Pause(long started, string why, bool endedInOrder, TimeSpan? retryAfter)
    {
        if (_time.GetElapsedTime(started) >= _options.StableAfter)
        {
            _backoff.Reset();
            if (endedInOrder)
            {
                return TimeSpan.Zero;
            }
        }

        var pause = _backoff.Next();
        if (retryAfter > pause)
        {
            pause = retryAfter.Value < LongestRetryAfter ? retryAfter.Value : LongestRetryAfter;
        }

        _logger.LogDebugPause(_kind.Kind, why, pause);
        return pause;
    }

    /// <summary>Reads the collection in pages. Only a list that was read to its end can say what is gone.</summary>
    private async Task ListAsync(Announcer<T> announcer, CancellationToken cancellationToken)
    {
        _index.BeginList();
        var token = "";
        string resourceVersion;
        do
        {
            var page = await _api.ListPageAsync(_kind.Kind, _namespace, _options.PageSize, token, _kind.Json, Heard, cancellationToken).ConfigureAwait(false);
            Worked();
            foreach (var item in page.Items)
            {
                await HandOverAsync(announcer.ChangedAsync(item, cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            Volatile.Write(ref _count, _index.Count);
            (token, resourceVersion) = (page.Continue, page.ResourceVersion);
        }
        while (token.Length > 0);

        await ListedAsync(announcer, resourceVersion, "paged", cancellationToken).ConfigureAwait(false);
    }

    private async Task ListedAsync(Announcer<T> announcer, string resourceVersion, string how, CancellationToken cancellationToken)
    {
        await HandOverAsync(announcer.ListedAsync(relisted: _synced, cancellationToken), cancellationToken).ConfigureAwait(false);
        _synced = true;
        _resumeFrom = resourceVersion;
        Volatile.Write(ref _count, _index.Count);
        _logger.LogInformationListed(_kind.Kind, _index.Count, how);
    }

    private async Task WatchAsync(Announcer<T> announcer, CancellationToken cancellationToken)
    {
        var request = WatchRequest();
        if (_resumeFrom is null)
        {
            _index.BeginList();
        }

        using var idle = new CancellationTokenSource(_options.IdleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            using var response = await _api.OpenWatchAsync(request, either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var lines = new EventLines(body, _options.MaxEventBytes, () =>
            {
                Heard();
                _silences = 0;
                idle.CancelAfter(_options.IdleTimeout);
            });
            await using (lines.ConfigureAwait(false))
            {
                var parser = new WatchEventParser<T>(_kind, _options.MaxEventBytes);
                while (await lines.NextAsync(either.Token).ConfigureAwait(false) is { } line)
                {
                    // The handler may take its time: that is no silence of the server's.
                    idle.CancelAfter(Timeout.InfiniteTimeSpan);
                    await TakeAsync(announcer, request, parser.Parse(line), cancellationToken).ConfigureAwait(false);
                    idle.CancelAfter(_options.IdleTimeout);
                }
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            _silences++;
            if (_silences >= SilencesUntilRelist)
            {
                _resumeFrom = null;
            }

            throw new KubernetesApiException(request, KubernetesFailure.Unavailable, $"nothing heard for {_options.IdleTimeout.TotalSeconds:0} s", inner: exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw KubernetesApi.NoAnswer(request, exception);
        }
        catch (JsonException exception)
        {
            throw new KubernetesApiException(request, KubernetesFailure.Unknown, $"the answer cannot be read: {exception.Message}", inner: exception);
        }
    }

    private async ValueTask TakeAsync(Announcer<T> announcer, ApiRequest request, ParsedEvent<T> news, CancellationToken cancellationToken)
    {
        var resourceVersion = "";
        switch (news.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                resourceVersion = await HandOverAsync(announcer.ChangedAsync(news.Resource, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
            case WatchEventType.Deleted:
                resourceVersion = news.Resource.Reference.ResourceVersion;
                await HandOverAsync(announcer.DeletedAsync(news.Resource.Reference, cancellationToken), cancellationToken).ConfigureAwait(false);
                break;
            case WatchEventType.Bookmark when news.Bookmark?.ResourceVersion is { Length: > 0 } version:
                resourceVersion = version;
                if (_resumeFrom is null && news.Bookmark.Annotations?.GetValueOrDefault("k8s.io/initial-events-end") == "true")
                {
                    await ListedAsync(announcer, version, "streamed", cancellationToken).ConfigureAwait(false);
                }

                break;
            case WatchEventType.Error:
                var status = news.Status ?? new ApiStatus(null, null, null, null, null);
                throw ApiRefusal.From(request, (HttpStatusCode)(status.Code ?? 500), status, retryAfter: null);
        }

        Worked();

        // The objects of a streamed list come in no order of versions: only its end is a place to resume from.
        if (_resumeFrom is not null && resourceVersion.Length > 0)
        {
            _resumeFrom = resourceVersion;
        }

        Volatile.Write(ref _count, _index.Count);
    }

    private ApiRequest WatchRequest()
    {
        var seconds = Random.Shared.NextInt64((long)_options.MinWatchDuration.TotalSeconds, (long)_options.MaxWatchDuration.TotalSeconds + 1);
        var from = _resumeFrom is null ? "sendInitialEvents=true&resourceVersionMatch=NotOlderThan" : $"resourceVersion={Uri.EscapeDataString(_resumeFrom)}";
        return new ApiRequest("watch", HttpMethod.Get, _kind.Kind, _namespace, null)
        {
            Query = $"watch=true&allowWatchBookmarks=true&{from}&timeoutSeconds={seconds}",
        };
    }

    private void Heard() => Volatile.Write(ref _lastHeard, _time.GetUtcNow().UtcTicks);

    private void Worked()
    {
        if (_lastFailure.Length > 0)
        {
            _lastFailure = "";
            _logger.LogInformationRecovered(_kind.Kind);
        }
    }

    /// <summary>Tells the handler's failures from the server's.</summary>
    private static async ValueTask<TResult> HandOverAsync<TResult>(ValueTask<TResult> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HandlerFailedException(exception);
        }
    }

    private static async ValueTask HandOverAsync(ValueTask call, CancellationToken cancellationToken)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HandlerFailedException(exception);
        }
    }

    private sealed class HandlerFailedException(Exception inner) : Exception(inner.Message, inner);
}
