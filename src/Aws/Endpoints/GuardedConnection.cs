using System.Net;
using System.Net.Sockets;

namespace InfraOperator.Aws.Endpoints;

/// <summary>Connects to a host only by an address that the guard lets through. The address that was looked at is the one that is connected to.</summary>
internal sealed class GuardedConnection(EndpointGuard guard)
{
    // A proxy is the operator's choice. Where it connects to is its own to say.
    private readonly HashSet<(string, int)> _proxies = [.. Proxies()];

    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = _proxies.Contains((host, port))
            ? await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false)
            : await guard.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        for (var next = 0; ; next++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (next == addresses.Count)
                {
                    throw new SocketException((int)SocketError.HostNotFound);
                }

                await socket.ConnectAsync(addresses[next], port, cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (next + 1 < addresses.Count)
            {
                // The next address may answer.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private static IEnumerable<(string Host, int Port)> Proxies() =>
        from scheme in new[] { "http", "https" }
        let proxy = HttpClient.DefaultProxy.GetProxy(new Uri($"{scheme}://endpoint.invalid/"))
        where proxy is not null && proxy.Host != "endpoint.invalid"
        select (proxy.IdnHost, proxy.Port);
}
