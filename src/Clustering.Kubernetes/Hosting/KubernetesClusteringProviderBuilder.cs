using System.Globalization;
using InfraOperator.Clustering.Kubernetes.Hosting;
using Microsoft.Extensions.Configuration;
using Orleans.Providers;

[assembly: RegisterProvider("Kubernetes", "Clustering", "Silo", typeof(KubernetesClusteringProviderBuilder))]
[assembly: RegisterProvider("Kubernetes", "Clustering", "Client", typeof(KubernetesClusteringProviderBuilder))]

namespace InfraOperator.Clustering.Kubernetes.Hosting;

/// <summary>Registers the provider where the configuration says <c>Orleans:Clustering:ProviderType=Kubernetes</c>.</summary>
internal sealed class KubernetesClusteringProviderBuilder : IProviderBuilder<ISiloBuilder>, IProviderBuilder<IClientBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseKubernetesClustering(options => Read(configurationSection, options));

    public void Configure(IClientBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseKubernetesClustering(options => Read(configurationSection, options));

    private static void Read(IConfigurationSection section, KubernetesClusteringOptions options)
    {
        options.Namespace = section[nameof(options.Namespace)] ?? options.Namespace;
        options.Name = section[nameof(options.Name)] ?? options.Name;
        if (section[nameof(options.RequestTimeout)] is { Length: > 0 } timeout)
        {
            options.RequestTimeout = TimeSpan.TryParse(timeout, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new OrleansConfigurationException($"{section.Path}:{nameof(options.RequestTimeout)} \"{timeout}\" is no time span: write it as hours:minutes:seconds, such as 00:00:10.");
        }

        var owner = section.GetSection(nameof(options.Owner));
        if (owner.Exists())
        {
            options.Owner = new()
            {
                ApiVersion = owner[nameof(ClusterOwner.ApiVersion)] ?? "",
                Kind = owner[nameof(ClusterOwner.Kind)] ?? "",
                Name = owner[nameof(ClusterOwner.Name)] ?? "",
                Resource = owner[nameof(ClusterOwner.Resource)],
            };
        }
    }
}
