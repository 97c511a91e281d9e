using InfraOperator.Clustering.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Conformance.Membership;

/// <summary>
/// Brings each test a membership table of its own on an API server that knows OrleansCluster, and as many handles on it as it
/// asks for: each is what one silo has. G01 to G27 in the names are the guarantees that Orleans' own test kit names so.
/// </summary>
public abstract class MembershipSuite : IAsyncLifetime
{
    protected const string Namespace = "default";

    private readonly List<IDisposable> _handles = [];
    private KubernetesClientConfiguration? _configuration;
    private IMembershipTable? _table;
    private ClusterObject? _stored;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected string ClusterId { get; } = $"membership-{Guid.NewGuid():N}";

    /// <summary>The table as the first silo sees it.</summary>
    protected IMembershipTable Table => _table ?? throw new InvalidOperationException("The suite has not connected yet.");

    /// <summary>The object beneath.</summary>
    protected ClusterObject Stored => _stored ?? throw new InvalidOperationException("The suite has not connected yet.");

    /// <summary>Where the API server is, with OrleansCluster defined.</summary>
    protected abstract ValueTask<KubernetesClientConfiguration> ConnectAsync();

    public virtual async ValueTask InitializeAsync()
    {
        _configuration = await ConnectAsync();
        _stored = Beneath(ClusterId);
        _table = Open();
        await _table.InitializeMembershipTableAsync(true, Cancelled);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await (_stored?.DeleteAsync() ?? Task.CompletedTask);
        foreach (var handle in _handles)
        {
            handle.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Another silo's handle on this cluster's table, or on another cluster's.</summary>
    protected KubernetesMembershipTable Open(string? clusterId = null, string? name = null, MembershipTableState? state = null)
    {
        var options = new KubernetesClusteringOptions { Namespace = Namespace, Name = name, CreateConfiguration = () => _configuration! };
        var cluster = new ClusterOptions { ClusterId = clusterId ?? ClusterId };
        var table = new KubernetesMembershipTable(
            Options.Create(options), Options.Create(cluster), state ?? new(TimeProvider.System), TimeProvider.System, NullLogger<KubernetesMembershipTable>.Instance);
        _handles.Add(table);
        return table;
    }

    protected ClusterObject Beneath(string name)
    {
        var stored = new ClusterObject(_configuration!, Namespace, name);
        _handles.Add(stored);
        return stored;
    }

    protected Task<MembershipTableData> ReadAsync() => Table.ReadAllAsync(Cancelled);

    /// <summary>Inserts a row on top of what the table is now, and returns the table after it.</summary>
    protected async Task<MembershipTableData> InsertAsync(MembershipEntry entry)
    {
        var before = await ReadAsync();
        Assert.True(await Table.InsertRowAsync(entry, before.Version.Next(), Cancelled));
        return await ReadAsync();
    }

    /// <summary>Changes a row on top of what the table is now, and returns the table after it.</summary>
    protected async Task<MembershipTableData> UpdateAsync(MembershipEntry entry)
    {
        var before = await ReadAsync();
        Assert.True(await Table.UpdateRowAsync(entry, before.EtagOf(entry.SiloAddress), before.Version.Next(), Cancelled));
        return await ReadAsync();
    }
}
