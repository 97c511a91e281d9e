using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>The gateways of a cluster for its clients: the Active silos that have a gateway port. Only reads.</summary>
/// <param name="table">The membership table of the cluster.</param>
/// <param name="gatewayOptions">How often Orleans asks again.</param>
public sealed class KubernetesGatewayListProvider(KubernetesMembershipTable table, IOptions<GatewayOptions> gatewayOptions) : IGatewayListProvider
{
    /// <inheritdoc/>
    public TimeSpan MaxStaleness => gatewayOptions.Value.GatewayListRefreshPeriod;

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => InitializeGatewayListProviderAsync(CancellationToken.None);

    /// <summary>Does nothing: the object is the silos' to create, and a client needs no permission but <c>get</c>.</summary>
    /// <param name="cancellationToken">Not used.</param>
    /// <returns>A completed task.</returns>
    public Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync(CancellationToken.None);

    /// <inheritdoc/>
    /// <exception cref="KubernetesClusteringException">The object does not exist yet, or the API server refused or did not answer.</exception>
    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken = default)
    {
        var membership = await table.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return [.. membership.Members
            .Select(member => member.Item1)
            .Where(entry => entry.Status == SiloStatus.Active && entry.ProxyPort != 0)
            .Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri())];
    }
}
