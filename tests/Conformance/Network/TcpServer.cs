using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace InfraOperator.Conformance.Network;

/// <summary>Accepts connections on the loopback address until disposed.</summary>
public abstract class TcpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;

    protected TcpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _ending.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Serves one connection to its end.</summary>
    protected abstract Task ServeAsync(Stream client, CancellationToken cancellationToken);

    /// <summary>Sends what either side says to the other, until one has no more to say.</summary>
    protected static async Task JoinAsync(Stream client, string host, int port, CancellationToken cancellationToken)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(host, port, cancellationToken);
        using var stream = server.GetStream();
        await Task.WhenAny(client.CopyToAsync(stream, cancellationToken), stream.CopyToAsync(client, cancellationToken)).Unwrap();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var stream = client.GetStream();
                await ServeAsync(stream, _ending.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException)
            {
                // Who called is gone, or did not trust the certificate.
            }
        }
    }
}
