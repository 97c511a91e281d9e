using Amazon.Runtime;

namespace InfraOperator.Aws.Pipeline;

/// <summary>
/// The one HTTP client of the process, in the shape the SDK asks for. With a factory of our own the SDK's timeouts, proxy and
/// connection settings do nothing, so they are set here.
/// </summary>
internal sealed class SharedHttpClient : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Far above what any pace lets through, so that one endpoint's slow answers cannot starve its other callers.</summary>
    private const int ConnectionsPerServer = 256;

    private readonly HttpClient _client;

    public SharedHttpClient(TimeProvider timeProvider, Func<HttpMessageHandler, HttpMessageHandler>? wrap)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = ConnectionsPerServer,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        _client = new HttpClient(new BufferingHandler(timeProvider, ConnectTimeout, wrap is null ? sockets : wrap(sockets)))
        {
            // BufferingHandler has the deadline: it can tell a lost answer from a connection that never was.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    // If the SDK cached or disposed clients, disposing any one service client would end everybody's connections.
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _client.Dispose();
}
