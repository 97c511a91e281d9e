using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using InfraOperator.Kubernetes.Requests;
using InfraOperator.Kubernetes.Watching;
using k8s;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes;

/// <summary>
/// One cluster's API server. Every call makes exactly one attempt per request and fails with
/// <see cref="KubernetesApiException"/>; when to try again is the caller's to decide. Thread-safe.
/// </summary>
public sealed partial class KubernetesApi : IDisposable
{
    private readonly ApiConnection _requests;
    private readonly ApiConnection _watches;
    private readonly WriteTurns _turns;
    private readonly KubernetesApiOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Prepares the connections; the first request opens them.</summary>
    /// <param name="configuration">Where the server is and how to authenticate.</param>
    /// <param name="time">The clock of the time limits.</param>
    /// <param name="loggers">Where requests are logged, at debug level.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="meters">Makes the meter that counts the events of watches; null: one that belongs to no host.</param>
    /// <exception cref="ArgumentException">An option is out of bounds.</exception>
    public KubernetesApi(KubernetesClientConfiguration configuration, TimeProvider time, ILoggerFactory loggers, KubernetesApiOptions? options = null, IMeterFactory? meters = null)
    {
        Watches = new WatchMetrics(meters);
        _options = options ?? new KubernetesApiOptions();
        _options.Validate();
        _time = time;
        _logger = loggers.CreateLogger<KubernetesApi>();

        // Apart, so that a stuck watch or a long list shares no connection with a write.
        _requests = new ApiConnection(configuration);
        _watches = new ApiConnection(configuration);
        _turns = new WriteTurns(_options.WritesAtOnce);
    }

    /// <summary>What its watchers count.</summary>
    internal WatchMetrics Watches { get; }

    /// <summary>Reads one object. The answer is the newest state (a quorum read).</summary>
    /// <exception cref="KubernetesApiException">The server refused or did not answer.</exception>
    public Task<T> GetAsync<T>(ResourceKind kind, string? ns, string name, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync(_requests, new ApiRequest("get", HttpMethod.Get, kind, ns, name), json, cancellationToken);

    /// <summary>
    /// Reads a collection, page by page, as of one moment (a quorum read). If that moment is forgotten before the last page
    /// is read, the enumeration ends with <see cref="KubernetesFailure.Gone"/>; it never starts again by itself.
    /// </summary>
    /// <param name="kind">What to list.</param>
    /// <param name="ns">The namespace, or null for all.</param>
    /// <param name="json">How to read an object.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <param name="fieldSelector">Which of them, such as <c>metadata.name=app</c>; null for all.</param>
    /// <exception cref="KubernetesApiException">
    /// The server refused or did not answer; or an object does not fit <typeparamref name="T"/>, since leaving it out would
    /// make the list untrue.
    /// </exception>
    public async IAsyncEnumerable<T> ListAsync<T>(ResourceKind kind, string? ns, JsonTypeInfo<T> json, [EnumeratorCancellation] CancellationToken cancellationToken, string? fieldSelector = null)
        where T : class
    {
        var token = "";
        do
        {
            var request = ListRequest(kind, ns, _options.PageSize, token, fieldSelector);
            var page = await ReadAsync(_requests, request, (body, ct) => ListPageReader.ReadAsync(body, json, heard: null, ct), cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                yield return item.Value ?? throw new KubernetesApiException(request, KubernetesFailure.Unknown, $"\"{item.Reference}\" cannot be read: {item.Error}");
            }

            token = page.Continue;
        }
        while (token.Length > 0);
    }

    /// <summary>Changes one object, or its <paramref name="subresource"/>, and returns it as stored.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; null where it has none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="subresource">What of it; null for the object itself.</param>
    /// <param name="patch">The change.</param>
    /// <param name="json">How to read the answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="begins">Whether more is to follow it. Where many writes wait, those that end something go before it.</param>
    /// <exception cref="KubernetesApiException">
    /// The server refused or did not answer; <see cref="KubernetesFailure.PreconditionFailed"/> if the patch's own tests failed.
    /// </exception>
    public Task<T> PatchAsync<T>(ResourceKind kind, string? ns, string name, string? subresource, JsonPatch patch, JsonTypeInfo<T> json, CancellationToken cancellationToken, bool begins = false)
    {
        var request = new ApiRequest("patch", HttpMethod.Patch, kind, ns, name) { Subresource = subresource, Body = patch.ToUtf8(), BodyType = ApiRefusal.JsonPatchType, Begins = begins };
        return SendAsync(_requests, request, json, cancellationToken);
    }

    /// <summary>Changes one object, or its <paramref name="subresource"/>, whatever it is like afterwards.</summary>
    /// <exception cref="KubernetesApiException">
    /// The server refused or did not answer; <see cref="KubernetesFailure.PreconditionFailed"/> if the patch's own tests failed.
    /// </exception>
    public Task PatchAsync(ResourceKind kind, string? ns, string name, string? subresource, JsonPatch patch, CancellationToken cancellationToken)
    {
        var request = new ApiRequest("patch", HttpMethod.Patch, kind, ns, name) { Subresource = subresource, Body = patch.ToUtf8(), BodyType = ApiRefusal.JsonPatchType };
        return ReadAsync(_requests, request, IgnoreAsync, cancellationToken);
    }

    /// <summary>Reads the values of a Secret. A Secret without values gives an empty dictionary.</summary>
    /// <exception cref="KubernetesApiException">The server refused or did not answer.</exception>
    public async Task<IReadOnlyDictionary<string, byte[]>> GetSecretAsync(string ns, string name, CancellationToken cancellationToken) =>
        (await GetAsync(ResourceKind.Secret, ns, name, ApiJson.Default.SecretData, cancellationToken).ConfigureAwait(false)).Data
            ?? new Dictionary<string, byte[]>();

    /// <summary>
    /// Reads what the server does with the objects of a kind. The document that tells it may be read by every client that is
    /// authenticated, and follows a change of the definition by some moments.
    /// </summary>
    /// <returns>null where the kind is not served in this version.</returns>
    /// <exception cref="KubernetesApiException">The server refused or did not answer.</exception>
    public async Task<ServedSchema?> FindSchemaAsync(ResourceKind kind, CancellationToken cancellationToken)
    {
        var request = new ApiRequest("get", HttpMethod.Get, kind, null, null) { Document = "openapi/v3" };
        try
        {
            return await ReadAsync(_requests, request, (body, ct) => ServedSchema.ReadAsync(body, kind, ct), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _requests.Dispose();
        _watches.Dispose();
    }

    internal Task CreateAsync<T>(ResourceKind kind, string? ns, T value, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, json);
        var request = new ApiRequest("create", HttpMethod.Post, kind, ns, null) { Body = body, BodyType = "application/json" };
        return ReadAsync(_requests, request, IgnoreAsync, cancellationToken);
    }

    internal Task MergePatchAsync<T>(ResourceKind kind, string? ns, string name, T value, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, json);
        var request = new ApiRequest("patch", HttpMethod.Patch, kind, ns, name) { Body = body, BodyType = "application/merge-patch+json" };
        return ReadAsync(_requests, request, IgnoreAsync, cancellationToken);
    }

    /// <summary>One page for a watcher, over the connections of the watches.</summary>
    internal Task<ListPage<T>> ListPageAsync<T>(ResourceKind kind, string? ns, int limit, string continueToken, JsonTypeInfo<T> json, Action heard, CancellationToken cancellationToken)
        where T : class =>
        ReadAsync(_watches, ListRequest(kind, ns, limit, continueToken), (body, ct) => ListPageReader.ReadAsync(body, json, heard, ct), cancellationToken);

    /// <summary>Opens a watch. Its time limits are the watcher's own.</summary>
    internal async Task<HttpResponseMessage> OpenWatchAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _watches.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw NoAnswer(request, exception);
        }
    }

    internal static KubernetesApiException NoAnswer(ApiRequest request, Exception exception) =>
        new(request, KubernetesFailure.Unavailable, $"no answer: {exception.GetBaseException().Message}", inner: exception);

    private static ApiRequest ListRequest(ResourceKind kind, string? ns, int limit, string continueToken, string? fieldSelector = null) =>
        new("list", HttpMethod.Get, kind, ns, null)
        {
            Query = $"limit={limit}"
                + (continueToken.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(continueToken)}")
                + (fieldSelector is null ? "" : $"&fieldSelector={Uri.EscapeDataString(fieldSelector)}"),
        };

    private Task<T> SendAsync<T>(ApiConnection connection, ApiRequest request, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        ReadAsync(
            connection,
            request,
            async (body, ct) => await JsonSerializer.DeserializeAsync(body, json, ct).ConfigureAwait(false) ?? throw new JsonException("the answer is null"),
            cancellationToken);

    private async Task<TResult> ReadAsync<TResult>(ApiConnection connection, ApiRequest request, Func<Stream, CancellationToken, ValueTask<TResult>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var turn = request.Method == HttpMethod.Get ? default : await _turns.TakeAsync(request.Namespace ?? "", request.Begins, cancellationToken).ConfigureAwait(false);
        if (request.Method != HttpMethod.Get && _options.WriteRefusal() is { } refusal)
        {
            throw new KubernetesApiException(request, KubernetesFailure.Unavailable, $"not asked: {refusal}");
        }

        var started = _time.GetTimestamp();
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await connection.SendAsync(request, either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                var result = await read(body, either.Token).ConfigureAwait(false);
                LogDebugAnswered(_logger, request, (int)response.StatusCode, _time.GetElapsedTime(started).TotalMilliseconds);
                return result;
            }
        }
        catch (KubernetesApiException exception)
        {
            LogDebugFailed(_logger, exception.Message, _time.GetElapsedTime(started).TotalMilliseconds);
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw new KubernetesApiException(request, KubernetesFailure.Unavailable, $"no answer within {_options.RequestTimeout.TotalSeconds:0.###} s", inner: exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw NoAnswer(request, exception);
        }
        catch (JsonException exception)
        {
            throw new KubernetesApiException(request, KubernetesFailure.Unknown, $"the answer cannot be read: {exception.Message}", inner: exception);
        }
    }

    /// <summary>Reads to the end, so that the connection can be used again.</summary>
    private static async ValueTask<bool> IgnoreAsync(Stream body, CancellationToken cancellationToken)
    {
        await body.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Request}: HTTP {Status} in {Milliseconds:0.0} ms")]
    private static partial void LogDebugAnswered(ILogger logger, ApiRequest request, int status, double milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Failure} (after {Milliseconds:0.0} ms)")]
    private static partial void LogDebugFailed(ILogger logger, string failure, double milliseconds);
}
