using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using k8s;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>An answer of the API server that is no refusal of the request's right to be made.</summary>
/// <param name="Status">The HTTP status: a success, 404, 409 or 422.</param>
/// <param name="Body">The body as JSON; null where it is none.</param>
internal sealed record ClusterAnswer(HttpStatusCode Status, JsonDocument? Body) : IDisposable
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public void Dispose() => Body?.Dispose();
}

/// <summary>Requests about the one object, each made once. Every silo's bear the same field manager, so that the managed fields do not grow with each silo.</summary>
internal sealed partial class ClusterObjectClient : IDisposable
{
    public const string Group = "orleans.runner.codes";
    public const string Version = "v1alpha1";
    public const string Kind = "OrleansCluster";
    public const string Plural = "orleansclusters";
    private const string FieldManager = "orleans-clustering";
    private const int LongestWords = 512;

    private readonly k8s.Kubernetes _client;
    private readonly Uri _server;
    private readonly Version _httpVersion;
    private readonly TimeSpan _timeout;
    private readonly MembershipTableState _state;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ClusterObjectClient(KubernetesClientConfiguration configuration, string ns, string name, TimeSpan timeout, MembershipTableState state, TimeProvider time, ILogger logger)
    {
        _client = new(configuration);
        _server = new(_client.BaseUri.AbsoluteUri.TrimEnd('/') + "/");
        _httpVersion = configuration.DisableHttp2 ? HttpVersion.Version11 : HttpVersion.Version20;
        (Namespace, Name, _timeout, _state, _time, _logger) = (ns, name, timeout, state, time, logger);
    }

    public string Namespace { get; }

    public string Name { get; }

    public override string ToString() => $"{Kind} \"{Namespace}/{Name}\"";

    public Task<ClusterAnswer> GetAsync(CancellationToken cancellationToken) => SendAsync(MembershipTableOperation.Read, HttpMethod.Get, ObjectPath(), null, null, "get", $"{Plural}.{Group}", cancellationToken);

    public Task<ClusterAnswer> CreateAsync(string body, CancellationToken cancellationToken) =>
        SendAsync(MembershipTableOperation.Create, HttpMethod.Post, $"{CollectionPath()}?fieldManager={FieldManager}", body, "application/json", "create", $"{Plural}.{Group}", cancellationToken);

    public Task<ClusterAnswer> PatchAsync(MembershipTableOperation operation, string body, string type, CancellationToken cancellationToken) =>
        SendAsync(operation, HttpMethod.Patch, $"{ObjectPath()}?fieldManager={FieldManager}", body, type, "patch", $"{Plural}.{Group}", cancellationToken);

    public Task<ClusterAnswer> DeleteAsync(CancellationToken cancellationToken) => SendAsync(MembershipTableOperation.Delete, HttpMethod.Delete, ObjectPath(), null, null, "delete", $"{Plural}.{Group}", cancellationToken);

    public Task<ClusterAnswer> GetOwnerAsync(ClusterOwner owner, CancellationToken cancellationToken)
    {
        var root = owner.Group.Length == 0 ? $"api/{owner.ApiVersion}" : $"apis/{owner.ApiVersion}";
        var resource = owner.Group.Length == 0 ? owner.ResourceOrPlural : $"{owner.ResourceOrPlural}.{owner.Group}";
        return SendAsync(MembershipTableOperation.ReadOwner, HttpMethod.Get, $"{root}/namespaces/{Namespace}/{owner.ResourceOrPlural}/{Uri.EscapeDataString(owner.Name)}", null, null, "get", resource, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The server's own words about a refusal.</summary>
    public static string WordsOf(ClusterAnswer answer) =>
        answer.Body?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("message", out var message) ? message.GetString() ?? "" : $"HTTP {(int)answer.Status}";

    private string CollectionPath() => $"apis/{Group}/{Version}/namespaces/{Namespace}/{Plural}";

    private string ObjectPath() => $"{CollectionPath()}/{Name}";

    private async Task<ClusterAnswer> SendAsync(
        MembershipTableOperation operation, HttpMethod method, string path, string? body, string? type, string verb, string resource, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        _state.Sent(operation);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(_server, path)) { Version = _httpVersion };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            if (body is not null)
            {
                request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(type!) } };
            }

            // For each request anew: in-cluster tokens rotate.
            await (_client.Credentials?.ProcessHttpRequestAsync(request, either.Token) ?? Task.CompletedTask).ConfigureAwait(false);
            using var response = await _client.HttpClient.SendAsync(request, either.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            var answer = new ClusterAnswer(response.StatusCode, Parse(text));
            if (answer.IsSuccess || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity)
            {
                LogAnswered(_logger, operation, (int)response.StatusCode);
                return answer;
            }

            using (answer)
            {
                throw Refused(answer, verb, resource, text);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            _state.Failed(operation);
            throw new KubernetesClusteringException($"Cannot {verb} {this}: no answer within {_timeout.TotalSeconds:0.###} s.", innerException: exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            _state.Failed(operation);
            throw new KubernetesClusteringException($"Cannot {verb} {this}: no answer: {exception.GetBaseException().Message}", innerException: exception);
        }
        catch (KubernetesClusteringException)
        {
            _state.Failed(operation);
            throw;
        }
    }

    private KubernetesClusteringException Refused(ClusterAnswer answer, string verb, string resource, byte[] text)
    {
        var words = answer.Body is null ? Encoding.UTF8.GetString(text, 0, Math.Min(text.Length, LongestWords)).Trim() : WordsOf(answer);
        return answer.Status switch
        {
            HttpStatusCode.Forbidden => new($"Cannot {verb} {this}: the service account may not \"{verb}\" \"{resource}\" in namespace \"{Namespace}\"; add the verb to its Role. The API server says: {words}", answer.Status),
            HttpStatusCode.Unauthorized => new($"Cannot {verb} {this}: the API server does not accept the credentials ({words}).", answer.Status),
            _ => new($"Cannot {verb} {this}: the API server answers {(int)answer.Status}: {words}", answer.Status),
        };
    }

    private static JsonDocument? Parse(byte[] text)
    {
        try
        {
            return text.Length == 0 ? null : JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            // Not the API server's own words: something on the way answered, or a handler that answers in plain text.
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Membership table: {Operation} answered {Status}")]
    private static partial void LogAnswered(ILogger logger, MembershipTableOperation operation, int status);
}
