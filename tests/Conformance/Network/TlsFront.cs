using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace InfraOperator.Conformance.Network;

/// <summary>Speaks TLS before a server that does not, under whatever name it is asked for.</summary>
/// <param name="certificateFor">The certificate to show to who asks for a host.</param>
/// <param name="server">The server.</param>
public sealed class TlsFront(Func<string, X509Certificate2> certificateFor, Uri server) : TcpServer
{
    private readonly ConcurrentDictionary<string, X509Certificate2> _certificates = new();

    /// <summary>Where it listens, by a name.</summary>
    public Uri Url => new($"https://localhost:{Port}");

    protected override async Task ServeAsync(Stream client, CancellationToken cancellationToken)
    {
        using var stream = new SslStream(client);
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateSelectionCallback = (_, host) => _certificates.GetOrAdd(host ?? "", certificateFor) }, cancellationToken);
        await JoinAsync(stream, server.Host, server.Port, cancellationToken);
    }
}
