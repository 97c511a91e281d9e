using Amazon.Runtime;

namespace InfraOperator.Aws.Pipeline;

/// <summary>
/// An HTTP client that all clients of AWS share, in the shape the SDK asks for. With a factory of our own the SDK's timeouts, proxy and
/// connection settings do nothing, so they are set here. It bounds no connections: how many calls are under way is the callers' to
/// say, who know whose they are.
/// </summary>
internal sealed class SharedHttpClient : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    private readonly HttpClient _client;

    /// <param name="timeProvider">The clock of the deadlines.</param>
    /// <param name="connect">Opens connections; null: as usual.</param>
    /// <param name="wrap">What a test puts before the connections; null: nothing.</param>
    public SharedHttpClient(TimeProvider timeProvider, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect, Func<HttpMessageHandler, HttpMessageHandler>? wrap)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = connect,
            ConnectTimeout = ConnectTimeout,
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
