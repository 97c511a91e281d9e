using System.Net;
using System.Net.Sockets;
using k8s;
using Orleans.Configuration;

namespace InfraOperator.Silo;

/// <summary>Makes a silo one of its cluster.</summary>
internal static class ClusterMembership
{
    private const string ServiceId = "infra-operator";

    public static ISiloBuilder JoinCluster(this ISiloBuilder silo, SiloSettings settings, KubernetesClientConfiguration kubernetes)
    {
        var port = settings.Port == 0 ? FreePort() : settings.Port;
        if (settings.Clustering == SiloClustering.Localhost)
        {
            return silo.UseLocalhostClustering(siloPort: port, gatewayPort: 0, serviceId: ServiceId, clusterId: settings.OrleansClusterId);
        }

        // No gateway: whoever wants something of the control plane writes an object.
        return silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.OrleansClusterId, ServiceId))
            .Configure<SiloOptions>(options => options.SiloName = settings.Name!)
            .ConfigureEndpoints(IPAddress.Parse(settings.Address!), port, gatewayPort: 0, listenOnAnyHostAddress: settings.ListensOnAnyAddress)
            .UseKubernetesClustering(options =>
            {
                options.CreateConfiguration = () => kubernetes;
                options.Namespace = settings.Namespace;
                options.Owner = settings.DeploymentName is { Length: > 0 } name ? new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = name } : null;
            });
    }

    // Below the ports that systems give to outgoing connections, one of which may begin before the silo listens.
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody else's.
            }
        }
    }
}
