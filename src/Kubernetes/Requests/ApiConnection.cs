using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using k8s;

namespace InfraOperator.Kubernetes.Requests;

/// <summary>
/// Connections of its own to the API server. Takes from the Kubernetes client what is laborious and settled (kubeconfig,
/// TLS, tokens that rotate) and leaves what it does not do well (bodies read synchronously, watches).
/// </summary>
internal sealed class ApiConnection : IDisposable
{
    /// <summary>More of a refusal than anyone reads; a proxy's page of HTML can be long.</summary>
    private const int LongestRefusal = 64 * 1024;

    private readonly k8s.Kubernetes _client;
    private readonly Uri _base;
    private readonly Version _httpVersion;
    private readonly string? _hostHeader;

    public ApiConnection(KubernetesClientConfiguration configuration)
    {
        _client = new k8s.Kubernetes(configuration);
        _base = new Uri(_client.BaseUri.AbsoluteUri.TrimEnd('/') + "/");
        _httpVersion = configuration.DisableHttp2 ? HttpVersion.Version11 : HttpVersion.Version20;
        _hostHeader = string.IsNullOrWhiteSpace(configuration.TlsServerName) ? null : configuration.TlsServerName;
    }

    /// <summary>Sends a request and returns the answer as soon as its headers are there. The client sets no time limit.</summary>
    /// <exception cref="KubernetesApiException">The server refused, or there are no credentials.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(_base, request.RelativeUri())) { Version = _httpVersion };
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.Host = _hostHeader;
        if (request.BodyType is not null)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.BodyType);
        }

        await AuthenticateAsync(request, message, cancellationToken).ConfigureAwait(false);
        var response = await _client.HttpClient.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusalAsync(request, response, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>For each request anew, because in-cluster tokens rotate and those of an exec plugin expire.</summary>
    private async Task AuthenticateAsync(ApiRequest request, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        if (_client.Credentials is not { } credentials)
        {
            return;
        }

        try
        {
            await credentials.ProcessHttpRequestAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new KubernetesApiException(request, KubernetesFailure.Unauthorized, $"no credentials: {exception.Message}", inner: exception);
        }
    }

    private static async Task<KubernetesApiException> RefusalAsync(ApiRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await ReadTextAsync(response.Content, cancellationToken).ConfigureAwait(false);
        ApiStatus? status = null;
        try
        {
            status = JsonSerializer.Deserialize(text, ApiJson.Default.ApiStatus);
        }
        catch (JsonException)
        {
            // Not the API server's own words: something on the way answered, or a handler that answers in plain text.
        }

        if (status?.Kind != "Status")
        {
            var words = text.Trim();
            status = new ApiStatus(null, words.Length <= 256 ? words : words[..256], null, null, null);
        }

        var header = response.Headers.RetryAfter;
        var retryAfter = header?.Delta ?? (header?.Date is { } date && response.Headers.Date is { } now && date > now ? date - now : null);
        return ApiRefusal.From(request, response.StatusCode, status, retryAfter);
    }

    private static async Task<string> ReadTextAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[LongestRefusal];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
