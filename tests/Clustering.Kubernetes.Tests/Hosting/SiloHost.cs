using System.Reflection;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace InfraOperator.Clustering.Kubernetes.Tests.Hosting;

/// <summary>A silo in this process, on a network port of its own, that knows of others only by the membership table.</summary>
internal sealed class SiloHost : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly MutedTable _table;

    private SiloHost(IHost host)
    {
        Host = host;
        _table = (MutedTable)host.Services.GetRequiredService<IMembershipTable>();
    }

    public IHost Host { get; }

    public SiloAddress Address => Host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    private IClusterMembershipService Membership => Host.Services.GetRequiredService<IClusterMembershipService>();

    public static SiloHost Create(string name, string clusterId, KubernetesClientConfiguration configuration, TestClusterPortAllocator ports)
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            var (siloPort, gatewayPort) = ports.AllocateConsecutivePortPairs(1);
            silo.UseKubernetesClustering(options =>
            {
                options.Namespace = "default";
                options.CreateConfiguration = () => configuration;
            });
            silo.Configure<ClusterOptions>(options => options.ClusterId = clusterId);
            silo.Configure<SiloOptions>(options => options.SiloName = name);
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                // No gossip: what a silo knows of another it has read.
                options.UseLivenessGossip = false;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
            });
            silo.ConfigureEndpoints(System.Net.IPAddress.Loopback, siloPort, gatewayPort);
            silo.Services.AddSingleton(services => MutedTable.Around(services.GetRequiredService<KubernetesMembershipTable>()));
        });
        return new(builder.Build());
    }

    /// <summary>Waits until this silo sees the others so.</summary>
    public async Task SeesAsync(string what, Func<ClusterMembershipSnapshot, bool> holds)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            await foreach (var snapshot in Membership.MembershipUpdates.WithCancellation(deadline.Token))
            {
                if (holds(snapshot))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
        }

        throw new TimeoutException($"{Address} does not see {what}; it sees {string.Join(", ", Membership.CurrentSnapshot.Members.Values)}.");
    }

    /// <summary>Ends it as a crash does: without a word to the others or to the table.</summary>
    public async Task KillAsync()
    {
        _table.IsMute = true;
        await Host.StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)Host).DisposeAsync();
}

/// <summary>A membership table that can be made to write no more, and to say that it had.</summary>
internal class MutedTable : DispatchProxy
{
    private IMembershipTable? _table;

    public bool IsMute { get; set; }

    public static IMembershipTable Around(IMembershipTable table)
    {
        var muted = Create<IMembershipTable, MutedTable>();
        ((MutedTable)muted)._table = table;
        return muted;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (IsMute, targetMethod!.Name) switch
    {
        (true, nameof(IMembershipTable.UpdateRowAsync) or nameof(IMembershipTable.InsertRowAsync)) => Task.FromResult(true),
        (true, nameof(IMembershipTable.UpdateIAmAliveAsync)) => Task.CompletedTask,
        _ => targetMethod.Invoke(_table, args),
    };
}
