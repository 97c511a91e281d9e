using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace InfraOperator.Clustering.Kubernetes.Tests.Hosting;

/// <summary>How a silo or client comes to use the provider.</summary>
public class RegistrationTests
{
    private const string Section = "Orleans:Clustering:";

    [Fact]
    public void One_call_registers_a_silo()
    {
        using var host = Build(builder => builder.UseOrleans(silo => silo.UseKubernetesClustering(options => options.Namespace = "silos")));

        Assert.Same(host.Services.GetRequiredService<KubernetesMembershipTable>(), host.Services.GetRequiredService<IMembershipTable>());
        Assert.Equal("silos", Options(host).Namespace);
        Assert.Single(host.Services.GetServices<IConfigurationValidator>().OfType<KubernetesClusteringOptionsValidator>());
        Assert.Same(host.Services.GetRequiredService<MembershipTableState>(), host.Services.GetRequiredService<MembershipTableState>());
    }

    [Fact]
    public void One_call_registers_a_client()
    {
        using var host = Build(builder => builder.UseOrleansClient(client => client.UseKubernetesClustering()));

        Assert.IsType<KubernetesGatewayListProvider>(host.Services.GetRequiredService<IGatewayListProvider>());
        Assert.Single(host.Services.GetServices<IConfigurationValidator>().OfType<KubernetesClusteringOptionsValidator>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_configuration_registers_silos_and_clients(bool isSilo)
    {
        using var host = Build(
            builder => _ = isSilo ? builder.UseOrleans(_ => { }) : builder.UseOrleansClient(_ => { }),
            ("ProviderType", "Kubernetes"), ("Namespace", "silos"), ("Name", "web"), ("RequestTimeout", "00:00:03"),
            ("Owner:ApiVersion", "apps/v1"), ("Owner:Kind", "Deployment"), ("Owner:Name", "web"));

        Assert.True(isSilo
            ? host.Services.GetRequiredService<IMembershipTable>() is KubernetesMembershipTable
            : host.Services.GetRequiredService<IGatewayListProvider>() is KubernetesGatewayListProvider);
        var options = Options(host);
        Assert.Equal(("silos", "web", TimeSpan.FromSeconds(3)), (options.Namespace, options.Name, options.RequestTimeout));
        Assert.Equal(("apps/v1", "Deployment", "web"), (options.Owner?.ApiVersion, options.Owner?.Kind, options.Owner?.Name));
    }

    [Fact]
    public void A_time_limit_that_is_no_time_span_is_named()
    {
        using var host = Build(builder => builder.UseOrleans(_ => { }), ("ProviderType", "Kubernetes"), ("RequestTimeout", "soon"));

        Assert.Contains("Orleans:Clustering:RequestTimeout \"soon\"", Assert.Throws<OrleansConfigurationException>(() => Options(host)).Message);
    }

    [Fact]
    public async Task A_silo_that_cannot_work_does_not_start()
    {
        using var host = Build(builder => builder.UseOrleans(silo => silo.UseKubernetesClustering().Configure<ClusterOptions>(options => options.ClusterId = "No Name")));

        var thrown = await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("ClusterOptions.ClusterId \"No Name\"", thrown.Message);
    }

    private static KubernetesClusteringOptions Options(IHost host) => host.Services.GetRequiredService<IOptions<KubernetesClusteringOptions>>().Value;

    private static IHost Build(Action<HostApplicationBuilder> configure, params (string Name, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(Section + setting.Name, (string?)setting.Value)));
        configure(builder);
        return builder.Build();
    }
}
