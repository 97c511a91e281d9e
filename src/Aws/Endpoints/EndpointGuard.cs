using System.Net;
using System.Net.Sockets;

namespace InfraOperator.Aws.Endpoints;

/// <summary>
/// What an endpoint may be that somebody chose who may not reach everything that this process can: not this machine, nor what only its network leads to, such as
/// the instance's metadata and the cluster's services. Who asks for it by another name is found out by the address that the name leads to, when connecting.
/// </summary>
public sealed class EndpointGuard
{
    private static readonly IPNetwork[] EmbedIPv4 = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("::/96")];

    private static readonly (IPNetwork Network, string What)[] AlwaysRefused =
    [
        (IPNetwork.Parse("127.0.0.0/8"), "a loopback address"),
        (IPNetwork.Parse("::1/128"), "a loopback address"),
        (IPNetwork.Parse("169.254.0.0/16"), "a link-local address"),
        (IPNetwork.Parse("fe80::/10"), "a link-local address"),
        (IPNetwork.Parse("fd00:ec2::/32"), "an address of the instance's metadata"),
        (IPNetwork.Parse("0.0.0.0/8"), "no address of a server"),
        (IPNetwork.Parse("::/128"), "no address of a server"),
        (IPNetwork.Parse("224.0.0.0/3"), "no address of a server"),
        (IPNetwork.Parse("ff00::/8"), "no address of a server"),

        // What it leads to stands in the address, in places that differ, or is another network's to say. No server that is meant is named so.
        (IPNetwork.Parse("2002::/16"), "an address that is translated into another"),
        (IPNetwork.Parse("2001::/32"), "an address that is translated into another"),
        (IPNetwork.Parse("64:ff9b:1::/48"), "an address that is translated into another"),
        (IPNetwork.Parse("::ffff:0:0:0/96"), "an address that is translated into another"),
    ];

    private readonly IReadOnlyCollection<(IPNetwork Network, string What)> _refused;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <summary>Creates a guard.</summary>
    /// <param name="refused">Further networks that are refused, such as those of pods and services.</param>
    public EndpointGuard(IEnumerable<IPNetwork> refused)
        : this(refused, Dns.GetHostAddressesAsync)
    {
    }

    internal EndpointGuard(IEnumerable<IPNetwork> refused, Func<string, CancellationToken, Task<IPAddress[]>> resolve, bool refusesOwn = true)
    {
        _refused = [.. refusesOwn ? AlwaysRefused : [], .. refused.Select(static network => (network, "in a network that the operator's configuration refuses"))];
        _resolve = resolve;
    }

    /// <summary>Why an endpoint is refused by its name, or by the address that it names; null where it is not.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public string? RefusalOf(Uri endpoint)
    {
        var host = endpoint.IdnHost.TrimEnd('.');
        if (IPAddress.TryParse(host, out var address))
        {
            return RefusalOf(address) is { } what ? $"it is {what}" : null;
        }

        var labels = host.ToLowerInvariant().Split('.');
        return labels[^1] == "localhost" ? "it is this machine"
            : labels.Length == 1 ? "a name without a dot is one of this network"
            : labels[^1] == "svc" || labels.Skip(2).Any(static label => label is "svc" or "pod") || labels is [.., "cluster", "local"] ? "it is a name of the cluster"
            : null;
    }

    /// <summary>The addresses of a host that may be connected to.</summary>
    /// <exception cref="EndpointRefusedException">There are addresses, and none of them may be connected to.</exception>
    internal async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        // With the dot it is the whole name: without, the cluster's own domains would be tried behind it.
        var addresses = IPAddress.TryParse(host, out var address) ? [address] : await _resolve(host.TrimEnd('.') + ".", cancellationToken).ConfigureAwait(false);
        var allowed = addresses.Where(found => RefusalOf(found) is null).ToArray();
        return addresses.Length > 0 && allowed.Length == 0
            ? throw new EndpointRefusedException($"the endpoint's host '{host}' is refused, because it leads to {addresses[0]}, which is {RefusalOf(addresses[0])}")
            : allowed;
    }

    private string? RefusalOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (_refused.FirstOrDefault(each => each.Network.Contains(plain)).What is { } what)
        {
            return what;
        }

        return plain.AddressFamily == AddressFamily.InterNetworkV6 && EmbedIPv4.Any(network => network.Contains(plain))
            ? RefusalOf(new IPAddress(plain.GetAddressBytes().AsSpan(12)))
            : null;
    }
}
