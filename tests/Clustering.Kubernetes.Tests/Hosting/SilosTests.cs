using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace InfraOperator.Clustering.Kubernetes.Tests.Hosting;

/// <summary>Silos that find each other, and lose each other, by nothing but the object.</summary>
public sealed class SilosTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_form_a_cluster_and_see_one_leave_and_one_die()
    {
        const string cluster = "three-silos";
        using var ports = new TestClusterPortAllocator();
        await using var leaving = SiloHost.Create("leaving", cluster, fixture.Configuration, ports);
        await using var dying = SiloHost.Create("dying", cluster, fixture.Configuration, ports);
        await using var staying = SiloHost.Create("staying", cluster, fixture.Configuration, ports);
        SiloHost[] silos = [leaving, dying, staying];
        await Task.WhenAll(silos.Select(silo => silo.Host.StartAsync(Cancelled)));
        await Task.WhenAll(silos.Select(silo => silo.SeesAsync("three active silos", seen => seen.Members.Values.Count(member => member.Status == SiloStatus.Active) == 3)));
        Assert.Equal(3, Rows(cluster, "Active"));

        await leaving.Host.StopAsync(Cancelled);
        await Task.WhenAll(new[] { dying, staying }.Select(silo => silo.SeesAsync("that one has left", seen => seen.GetSiloStatus(leaving.Address) == SiloStatus.Dead)));
        Assert.Equal((1, 2), (Rows(cluster, "Dead"), Rows(cluster, "Active")));

        await dying.KillAsync();
        await staying.SeesAsync("that one has died", seen => seen.GetSiloStatus(dying.Address) == SiloStatus.Dead);
        Assert.Equal((2, 1), (Rows(cluster, "Dead"), Rows(cluster, "Active")));
        var row = fixture.Server.Get("orleansclusters", "default", cluster)!["table"]!["silos"]![dying.Address.ToParsableString()]!;
        Assert.Equal("dying", (string?)row["siloName"]);
        Assert.Equal(staying.Address.ToParsableString(), (string?)row["suspectTimes"]![0]!["silo"]);

        var state = staying.Host.Services.GetRequiredService<MembershipTableState>();
        Assert.Equal(1, state.LastRead?.ActiveSilos);
    }

    [Fact]
    public async Task A_client_finds_the_gateways()
    {
        const string cluster = "with-a-client";
        using var ports = new TestClusterPortAllocator();
        await using var silo = SiloHost.Create("one", cluster, fixture.Configuration, ports);
        await silo.Host.StartAsync(Cancelled);
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client => client
            .UseKubernetesClustering(options =>
            {
                options.Namespace = "default";
                options.CreateConfiguration = () => fixture.Configuration;
            })
            .Configure<ClusterOptions>(options => options.ClusterId = cluster));
        using var client = builder.Build();
        await client.StartAsync(Cancelled);

        var hosts = await client.Services.GetRequiredService<IClusterClient>().GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Cancelled);

        Assert.Equal(silo.Address, Assert.Single(hosts).Key);
        await client.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_silo_leaves_though_its_object_is_gone()
    {
        const string cluster = "removed";
        using var ports = new TestClusterPortAllocator();
        await using var silo = SiloHost.Create("one", cluster, fixture.Configuration, ports);
        await silo.Host.StartAsync(Cancelled);
        await silo.Host.Services.GetRequiredService<KubernetesMembershipTable>().DeleteMembershipTableEntriesAsync(cluster, Cancelled);

        // Less than a host gives its services before it breaks them off.
        await silo.Host.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(25), Cancelled);
        Assert.Null(fixture.Server.Get("orleansclusters", "default", cluster));
    }

    private int Rows(string cluster, string status) =>
        fixture.Server.Get("orleansclusters", "default", cluster)!["table"]!["silos"]!.AsObject().Count(row => (string?)row.Value!["status"] == status);
}
