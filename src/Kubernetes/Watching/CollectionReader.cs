using System.Net;
using System.Text.Json;
using InfraOperator.Kubernetes.Requests;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>
/// Reads one collection, first all of it and then each change, until something breaks; called again, it goes on where it was.
/// </summary>
internal sealed class CollectionReader<T>(KubernetesApi api, WatchedKind<T> kind, string? ns, ResourceWatcherOptions options, TimeProvider time, ILogger logger)
    where T : class
{
    /// <summary>After this many watches in a row that ended in silence, the place to resume from is doubted: a server restored
    /// from a backup says nothing to somebody who asks for what comes after a resourceVersion that lies in its future.</summary>
    private const int SilencesUntilRelist = 2;

    private readonly WatchIndex _index = new();
    private int _count;
    private long _lastHeard;
    private int _silences;
    private bool _synced;

    /// <summary>Where the next watch goes on; null when the collection has to be listed first.</summary>
    private string? _resumeFrom;

    public DateTimeOffset? LastHeard => Volatile.Read(ref _lastHeard) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the next list is asked for as part of a watch.</summary>
    public bool StreamsLists { get; set; } = options.StreamingLists;

    /// <summary>Whether the next thing to do is a list.</summary>
    public bool MustList => _resumeFrom is null;

    /// <summary>What is known may be wrong or incomplete: the next thing to do is a list.</summary>
    public void Distrust() => _resumeFrom = null;

    /// <summary>Has the next list hand over all that it holds, known or not.</summary>
    public void Reannounce()
    {
        _index.ForgetVersions();
        Distrust();
    }

    /// <summary>Reads until the server ends the watch in good order.</summary>
    /// <param name="announcer">Takes the news.</param>
    /// <param name="worked">Called when the server has sent what was asked for.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="KubernetesApiException">The server refused, broke off, fell silent or talked nonsense.</exception>
    /// <exception cref="HandlerFailedException">The news was not taken.</exception>
    public async Task ReadAsync(Announcer<T> announcer, Action worked, CancellationToken cancellationToken)
    {
        if (MustList && !StreamsLists)
        {
            await ListAsync(announcer, worked, cancellationToken).ConfigureAwait(false);
        }

        var request = WatchRequest();
        try
        {
            await WatchAsync(request, announcer, worked, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Reads the collection in pages. Only a list that was read to its end can say what is gone.</summary>
    private async Task ListAsync(Announcer<T> announcer, Action worked, CancellationToken cancellationToken)
    {
        _index.BeginList();
        var token = "";
        string resourceVersion;
        do
        {
            var page = await api.ListPageAsync(kind.Kind, ns, options.PageSize, token, kind.Json, Heard, cancellationToken).ConfigureAwait(false);
            worked();
            foreach (var item in page.Items)
            {
                await announcer.ChangedAsync(_index, item, cancellationToken).ConfigureAwait(false);
            }

            Volatile.Write(ref _count, _index.Count);
            (token, resourceVersion) = (page.Continue, page.ResourceVersion);
        }
        while (token.Length > 0);

        await ListedAsync(announcer, resourceVersion, "paged", cancellationToken).ConfigureAwait(false);
    }

    private async Task ListedAsync(Announcer<T> announcer, string resourceVersion, string how, CancellationToken cancellationToken)
    {
        await announcer.ListedAsync(_index, relisted: _synced, cancellationToken).ConfigureAwait(false);
        if (_synced)
        {
            api.Watches.Relisted(kind.Kind);
        }

        _synced = true;
        _resumeFrom = resourceVersion;
        Volatile.Write(ref _count, _index.Count);
        logger.LogInformationListed(kind.Kind, _index.Count, how);
    }

    private async Task WatchAsync(ApiRequest request, Announcer<T> announcer, Action worked, CancellationToken cancellationToken)
    {
        if (MustList)
        {
            _index.BeginList();
        }

        var accepted = false;
        using var idle = new CancellationTokenSource(options.AcceptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            using var response = await api.OpenWatchAsync(request, either.Token).ConfigureAwait(false);
            accepted = true;
            idle.CancelAfter(options.IdleTimeout);
            var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var lines = new EventLines(body, options.MaxEventBytes, () =>
            {
                Heard();
                _silences = 0;
                idle.CancelAfter(options.IdleTimeout);
            });
            await using (lines.ConfigureAwait(false))
            {
                var parser = new WatchEventParser<T>(kind, options.MaxEventBytes);
                while (await lines.NextAsync(either.Token).ConfigureAwait(false) is { } line)
                {
                    // The handler may take its time: that is no silence of the server's.
                    idle.CancelAfter(Timeout.InfiniteTimeSpan);
                    await TakeAsync(announcer, request, parser.Parse(line), cancellationToken).ConfigureAwait(false);
                    worked();
                    idle.CancelAfter(options.IdleTimeout);
                }
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (accepted && ++_silences >= SilencesUntilRelist)
            {
                Distrust();
            }

            var words = accepted ? $"nothing heard for {options.IdleTimeout.TotalSeconds:0.###} s" : $"no answer within {options.AcceptTimeout.TotalSeconds:0.###} s";
            throw new KubernetesApiException(request, KubernetesFailure.Unavailable, words, inner: exception);
        }
    }

    private async ValueTask TakeAsync(Announcer<T> announcer, ApiRequest request, ParsedEvent<T> news, CancellationToken cancellationToken)
    {
        var resourceVersion = "";
        api.Watches.Heard(kind.Kind, news.Type);
        switch (news.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                resourceVersion = await announcer.ChangedAsync(_index, news.Resource, cancellationToken).ConfigureAwait(false);
                break;
            case WatchEventType.Deleted:
                resourceVersion = news.Resource.Reference.ResourceVersion;
                await announcer.DeletedAsync(_index, news.Resource.Reference, cancellationToken).ConfigureAwait(false);
                break;
            case WatchEventType.Bookmark when news.Bookmark?.ResourceVersion is { Length: > 0 } version:
                resourceVersion = version;
                if (MustList && news.Bookmark.Annotations?.GetValueOrDefault("k8s.io/initial-events-end") == "true")
                {
                    await ListedAsync(announcer, version, "streamed", cancellationToken).ConfigureAwait(false);
                }

                break;
            case WatchEventType.Error:
                var status = news.Status ?? new ApiStatus(null, null, null, null, null);
                throw ApiRefusal.From(request, (HttpStatusCode)(status.Code ?? 500), status, retryAfter: null);
        }

        // The objects of a streamed list come in no order of versions: only its end is a place to resume from.
        if (!MustList && resourceVersion.Length > 0)
        {
            _resumeFrom = resourceVersion;
        }

        Volatile.Write(ref _count, _index.Count);
    }

    private ApiRequest WatchRequest()
    {
        var seconds = Random.Shared.NextInt64((long)options.MinWatchDuration.TotalSeconds, (long)options.MaxWatchDuration.TotalSeconds + 1);
        var from = _resumeFrom is null ? "sendInitialEvents=true&resourceVersionMatch=NotOlderThan" : $"resourceVersion={Uri.EscapeDataString(_resumeFrom)}";
        return new ApiRequest("watch", HttpMethod.Get, kind.Kind, ns, null)
        {
            Query = $"watch=true&allowWatchBookmarks=true&{from}&timeoutSeconds={seconds}",
        };
    }

    private void Heard() => Volatile.Write(ref _lastHeard, time.GetUtcNow().UtcTicks);
}
