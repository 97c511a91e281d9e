using InfraOperator.Clustering.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Registers Kubernetes as the clustering provider of silos and clients.</summary>
public static class KubernetesClusteringExtensions
{
    /// <summary>Keeps the cluster's membership in an OrleansCluster object on the Kubernetes API.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns>The silo, for the next call.</returns>
    public static ISiloBuilder UseKubernetesClustering(this ISiloBuilder builder, Action<KubernetesClusteringOptions>? configure = null) =>
        builder.ConfigureServices(services => services.AddTable(configure)
            .AddSingleton<IMembershipTable>(provider => provider.GetRequiredService<KubernetesMembershipTable>())
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<KubernetesMembershipTable>()));

    /// <summary>Finds the cluster's gateways in its OrleansCluster object on the Kubernetes API.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns>The client, for the next call.</returns>
    public static IClientBuilder UseKubernetesClustering(this IClientBuilder builder, Action<KubernetesClusteringOptions>? configure = null) =>
        builder.ConfigureServices(services => services.AddTable(configure).AddSingleton<IGatewayListProvider, KubernetesGatewayListProvider>());

    private static IServiceCollection AddTable(this IServiceCollection services, Action<KubernetesClusteringOptions>? configure)
    {
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MembershipTableState>();
        services.TryAddSingleton<KubernetesMembershipTable>();
        services.AddSingleton<IConfigurationValidator, KubernetesClusteringOptionsValidator>();
        return services;
    }
}
