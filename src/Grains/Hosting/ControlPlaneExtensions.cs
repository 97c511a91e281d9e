using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Aws.Endpoints;
using InfraOperator.Grains.Fencing;
using InfraOperator.Grains.Metrics;
using InfraOperator.Grains.Pace;
using InfraOperator.Grains.Placement;
using InfraOperator.Grains.Repositories;
using InfraOperator.Grains.Watching;
using InfraOperator.Kubernetes;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Grains.Hosting;

/// <summary>Registers the control plane.</summary>
public static class ControlPlaneExtensions
{
    // Orleans makes room for a million grains at once.
    private const int RememberedAddresses = 100_000;

    private const string Controller = $"{ApiNames.Group}/infra-operator";

    /// <summary>Adds the grains' services to a silo. The Kubernetes configuration and <see cref="OperatorOptions"/> come from the caller.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="kubernetes">Where the API server is and how to authenticate.</param>
    /// <param name="instance">The name of this silo in the events that it records.</param>
    public static IServiceCollection AddControlPlane(this IServiceCollection services, KubernetesClientConfiguration kubernetes, string instance)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<GrainMetrics>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>();
        services.AddOptions<OperatorOptions>().ValidateOnStart();
        services.AddSingleton<WriteFence>();
        services.AddSingleton<IOutgoingGrainCallFilter, RepeatedCalls>();
        services.AddSingleton<IOutgoingGrainCallFilter, FencedCalls>();
        services.AddHostedService(static provider => provider.GetRequiredService<WriteFence>());
        services.AddSingleton(provider => new KubernetesApi(
            kubernetes,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(),
            new() { WriteRefusal = () => provider.GetRequiredService<WriteFence>().Refusal },
            provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton<ServedDefinitions>();
        services.AddSingleton<WatchAnswers>();
        services.AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubernetesApi>(), Controller, instance, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EventRecorder>>()));
        services.AddSingleton(static provider => new EndpointGuard([.. OptionsOf(provider).RefusedEndpointNetworks.Select(IPNetwork.Parse)]));
        services.AddSingleton(static provider => new AwsClientFactory(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<EndpointGuard>())
        {
            UseFipsEndpoints = OptionsOf(provider).UseFipsEndpoints,
            UseDualStackEndpoints = OptionsOf(provider).UseDualStackEndpoints,
        });
        services.AddSingleton(provider => new ResourceStore<ECRRepository>(
            provider.GetRequiredService<KubernetesApi>(), ResourceKinds.ECRRepository, ResourceJson.ECRRepository, static repository => repository.Metadata, static repository => StatusOf(repository.Status), NamespacesOf(provider)));
        services.AddSingleton(provider => new ResourceStore<AWSProvider>(
            provider.GetRequiredService<KubernetesApi>(), ResourceKinds.AWSProvider, ResourceJson.AWSProvider, static awsProvider => awsProvider.Metadata, static awsProvider => StatusOf(awsProvider.Status), NamespacesOf(provider)));
        services.AddSingleton<CallSlots>();
        services.AddSingleton<RepositoryEvents>();
        services.AddSingleton<Neighbourhood>();
        services.AddSingleton<RepositoryReconciler>();
        services.AddHostedService<MetricsStart>();
        services.AddPlacementDirector<RendezvousPlacement, RendezvousDirector>();
        services.AddSingleton<ActiveSilos>();
        services.AddSingleton<LocalGrains>();
        services.AddSingleton<SiloLosses>();
        services.AddHostedService(static provider => provider.GetRequiredService<SiloLosses>());
        services.AddSingleton<Successors>();
        services.AddHostedService(static provider => provider.GetRequiredService<Successors>());
        services.AddHostedService<Rebalancer>();
        services.AddHostedService<ProviderBalancer>();
        services.AddHostedService<WatchKeeper>();
        return services;
    }

    /// <summary>
    /// Sets Orleans up as the control plane needs it: a silo that hangs is found out within ten seconds, one that died within four,
    /// and whoever stops waiting for an answer stops the work for it too.
    /// </summary>
    /// <param name="silo">The silo.</param>
    public static ISiloBuilder ConfigureForControlPlane(this ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.MaxProbeTimeout = TimeSpan.FromSeconds(3);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(15);
        });
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = RememberedAddresses);
        silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = true);
        return silo.AddActivityPropagation();
    }

    private static OperatorOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<OperatorOptions>>().Value;

    private static IList<string> NamespacesOf(IServiceProvider provider) => OptionsOf(provider).Namespaces;

    private static JsonObject? StatusOf<T>(T? status)
        where T : class => status is null ? null : ResourceJson.ToJson(status);
}
