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
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private readonly WatchedKind<T> _kind;
    private readonly ResourceWatcherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WatchMetrics _metrics;
    private readonly CollectionReader<T> _reader;
    private readonly Backoff _backoff;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _try;
    private Action? _reannounce;
    private int _running;
    private string _lastFailure = "";

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
        _kind = kind;
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = api.Watches;
        _reader = new CollectionReader<T>(api, kind, ns, options, time, logger);
        _backoff = new Backoff(options.InitialBackoff, options.MaxBackoff);
    }

    /// <summary>When the server last sent anything; null if it never did.</summary>
    public DateTimeOffset? LastHeard => _reader.LastHeard;

    /// <summary>How many objects are known.</summary>
    public int Count => _reader.Count;

    /// <summary>
    /// Has everything read again and handed over, what did not change too: whoever was told before may have forgotten. What ends
    /// meanwhile is not missed. Returns at once.
    /// </summary>
    /// <param name="begins">Called when nothing of what was read before will be handed over any more.</param>
    public void Reannounce(Action begins)
    {
        lock (_gate)
        {
            _reannounce = begins;

            // Not here and now: whoever is interrupted would go on inside this lock.
            _ = _try?.CancelAsync();
        }
    }

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
            var announcer = new Announcer<T>(_kind, handler, _logger);
            while (!cancellationToken.IsCancellationRequested)
            {
                var pause = await TryAsync(announcer, cancellationToken).ConfigureAwait(false);
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
    private async Task<TimeSpan> TryAsync(Announcer<T> announcer, CancellationToken cancellationToken)
    {
        using var interruptible = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_gate)
        {
            if (_reannounce is { } begins)
            {
                _reannounce = null;
                _reader.Reannounce();
                begins();
            }

            _try = interruptible;
        }

        try
        {
            return await TryOnceAsync(announcer, interruptible.Token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _try = null;
            }
        }
    }

    private async Task<TimeSpan> TryOnceAsync(Announcer<T> announcer, CancellationToken interrupted, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        try
        {
            await _reader.ReadAsync(announcer, Worked, interrupted).ConfigureAwait(false);
            _metrics.Reconnecting(_kind.Kind, WatchEnd.Ended);
            return Pause(started, "the server ended the watch", endedInOrder: true);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (interrupted.IsCancellationRequested)
        {
            _metrics.Reconnecting(_kind.Kind, WatchEnd.Interrupted);
            return TimeSpan.Zero;
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.Invalid && _reader is { MustList: true, StreamsLists: true })
        {
            // No watch began, so none ended.
            _reader.StreamsLists = false;
            _logger.LogInformationNoStreaming(_kind.Kind, exception.Message);
            return TimeSpan.Zero;
        }
        catch (KubernetesApiException exception)
        {
            if (exception.Failure is KubernetesFailure.Gone or KubernetesFailure.Invalid)
            {
                _reader.Distrust();
            }

            LogOnce(exception);
            _metrics.Reconnecting(_kind.Kind, exception.Failure == KubernetesFailure.Gone ? WatchEnd.Gone : WatchEnd.Failed);
            return Pause(started, exception.Message, endedInOrder: false, exception.RetryAfter);
        }
        catch (HandlerFailedException exception)
        {
            _logger.LogErrorHandler(exception.InnerException!, _kind.Kind);
            _metrics.Reconnecting(_kind.Kind, WatchEnd.NotTaken);
            return Pause(started, "the handler failed", endedInOrder: false);
        }
        catch (Exception exception)
        {
            // Nobody would notice a watch that ended: better one that goes on complaining.
            _logger.LogErrorUnexpected(exception, _kind.Kind);
            _metrics.Reconnecting(_kind.Kind, WatchEnd.Failed);
            return Pause(started, exception.Message, endedInOrder: false);
        }
    }

    private TimeSpan Pause(long started, string why, bool endedInOrder, TimeSpan? retryAfter = null)
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

    /// <summary>Once for each kind of trouble, not once for each try.</summary>
    private void LogOnce(KubernetesApiException exception)
    {
        if (exception.Failure == KubernetesFailure.Gone)
        {
            _logger.LogInformationRelist(_kind.Kind);
            return;
        }

        var failure = $"{exception.Failure} {exception.Status}";
        if (failure == _lastFailure)
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

    private void Worked()
    {
        if (_lastFailure.Length > 0)
        {
            _lastFailure = "";
            _logger.LogInformationRecovered(_kind.Kind);
        }
    }
}
