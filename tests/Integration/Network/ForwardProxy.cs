using System.Collections.Immutable;
using System.Text;
using InfraOperator.Conformance.Network;

namespace InfraOperator.Integration.Network;

/// <summary>The proxy of a network that lets nothing out past it. Every tunnel ends at one server, which has many names.</summary>
/// <param name="port">The port of that server on this machine.</param>
internal sealed class ForwardProxy(int port) : TcpServer
{
    private readonly Lock _gate = new();
    private readonly List<(string Authority, TaskCompletionSource Asked)> _awaited = [];
    private ImmutableSortedSet<string> _asked = [];

    /// <summary>A host and port that it gives no way to.</summary>
    public string? Refused { get; set; }

    /// <summary>The name and password that it asks for, with a colon between; null: none.</summary>
    public string? Credentials { get; set; }

    /// <summary>Where it listens.</summary>
    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Everything that it was asked for, by host and port.</summary>
    public IReadOnlyCollection<string> Asked
    {
        get
        {
            lock (_gate)
            {
                return _asked;
            }
        }
    }

    /// <summary>Completes when it was asked for a host and port.</summary>
    public Task UntilAskedForAsync(string authority)
    {
        lock (_gate)
        {
            var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((authority, asked));
            Release();
            return asked.Task;
        }
    }

    protected override async Task ServeAsync(Stream client, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(client, cancellationToken);
        if (Credentials is { } credentials && !head.Contains($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}\r\n", StringComparison.Ordinal))
        {
            await client.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
            return;
        }

        var words = head.Split(' ');
        var authority = words[0] == "CONNECT" ? words[1] : new Uri(words[1]).Authority;
        var isTunnel = words[0] == "CONNECT" && authority != Refused;
        Remember(authority);
        await client.WriteAsync(Encoding.ASCII.GetBytes(isTunnel ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancellationToken);
        if (isTunnel)
        {
            await JoinAsync(client, "127.0.0.1", port, cancellationToken);
        }
    }

    private static async Task<string> ReadHeadAsync(Stream client, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var letter = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.ReadExactlyAsync(letter, cancellationToken);
            head.Append((char)letter[0]);
        }

        return head.ToString();
    }

    private void Remember(string authority)
    {
        lock (_gate)
        {
            _asked = _asked.Add(authority);
            Release();
        }
    }

    private void Release()
    {
        foreach (var (_, asked) in _awaited.Where(awaited => _asked.Contains(awaited.Authority)))
        {
            asked.TrySetResult();
        }
    }
}
