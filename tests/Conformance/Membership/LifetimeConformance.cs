using InfraOperator.Clustering.Kubernetes;
using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>How a table comes to be, is kept clean, and ends; and that other clusters' tables are not touched by it.</summary>
public abstract class LifetimeConformance : MembershipSuite
{
    [Fact]
    public async Task G23_What_is_initialized_again_keeps_what_it_holds()
    {
        var entry = Entry(SiloStatus.Active);
        await InsertAsync(entry);
        await Table.UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Noon.AddMinutes(1)), Cancelled);
        var before = Text(await ReadAsync());

        await Table.InitializeMembershipTableAsync(true, Cancelled);
        await ((IMembershipTable)Open()).InitializeMembershipTableAsync(true, Cancelled);

        Assert.Equal(before, Text(await ReadAsync()));
    }

    [Fact]
    public async Task A_new_table_is_empty_and_at_version_0()
    {
        var table = await ReadAsync();

        Assert.Empty(table.Members);
        Assert.Equal(0, table.Version.Version);
        Assert.NotEmpty(table.Version.VersionEtag);
    }

    [Fact]
    public async Task Silos_that_start_at_once_make_one_table()
    {
        await Table.DeleteMembershipTableEntriesAsync(ClusterId, Cancelled);
        IMembershipTable[] silos = [.. Enumerable.Range(0, 10).Select(_ => Open())];

        await Task.WhenAll(silos.Select(silo => silo.InitializeMembershipTableAsync(true, Cancelled)));

        var seen = await Task.WhenAll(silos.Select(silo => silo.ReadAllAsync(Cancelled)));
        Assert.Equal(0, Assert.Single(seen.Select(table => table.Version).Distinct()).Version);
    }

    [Fact]
    public async Task Who_only_looks_makes_no_table()
    {
        await Table.DeleteMembershipTableEntriesAsync(ClusterId, Cancelled);

        await Table.InitializeMembershipTableAsync(false, Cancelled);

        Assert.Null(await Stored.GetAsync());
    }

    [Fact]
    public async Task A_table_that_is_gone_is_never_empty()
    {
        var entry = Entry(SiloStatus.Active);
        var table = await InsertAsync(entry);
        await Stored.DeleteAsync();

        foreach (var use in new Func<Task>[]
        {
            () => Table.ReadAllAsync(Cancelled),
            () => Table.ReadRowAsync(entry.SiloAddress, Cancelled),
            () => Table.InsertRowAsync(Entry(), table.Version.Next(), Cancelled),
            () => Table.UpdateRowAsync(entry, table.Members[0].Item2, table.Version.Next(), Cancelled),
            () => Table.UpdateIAmAliveAsync(entry, Cancelled),
            () => Table.CleanupDefunctSiloEntriesAsync(Noon, Cancelled),
        })
        {
            var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(use);
            Assert.Contains(ClusterId, thrown.Message);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, thrown.StatusCode);
        }

        Assert.Null(await Stored.GetAsync());
    }

    [Fact]
    public async Task G24_Clusters_do_not_see_each_other()
    {
        await using var neighbour = await NeighbourAsync();
        var silo = NewSilo();
        await InsertAsync(Entry(silo: silo));

        Assert.Empty((await neighbour.Table.ReadAllAsync(Cancelled)).Members);
        var version = (await neighbour.Table.ReadAllAsync(Cancelled)).Version;
        Assert.True(await neighbour.Table.InsertRowAsync(Entry(SiloStatus.Dead, silo), version.Next(), Cancelled));

        Assert.Equal(SiloStatus.Joining, Assert.Single((await ReadAsync()).Members).Item1.Status);
    }

    [Theory]
    [InlineData(SiloStatus.Dead, -1, -1, null, true)]
    [InlineData(SiloStatus.Dead, 0, -1, null, false)]
    [InlineData(SiloStatus.Dead, -1, 0, null, false)]
    [InlineData(SiloStatus.Dead, -1, -1, 0L, false)]
    [InlineData(SiloStatus.Dead, -1, -1, -1L, true)]
    [InlineData(SiloStatus.Created, -1, -1, null, false)]
    [InlineData(SiloStatus.Joining, -1, -1, null, false)]
    [InlineData(SiloStatus.Active, -1, -1, null, false)]
    [InlineData(SiloStatus.ShuttingDown, -1, -1, null, false)]
    [InlineData(SiloStatus.Stopping, -1, -1, null, false)]
    [InlineData(SiloStatus.None, -1, -1, null, false)]
    public async Task G25_A_row_goes_when_it_is_dead_and_each_of_its_times_is_before(SiloStatus status, long start, long alive, long? vote, bool goes)
    {
        var entry = Entry(status);
        (entry.StartTime, entry.IAmAliveTime) = (Noon.AddTicks(start), Noon.AddTicks(alive));
        entry.SuspectTimes = vote is { } ticks ? [Vote(Noon.AddDays(-1)), Vote(Noon.AddTicks(ticks))] : null;
        var before = await InsertAsync(entry);

        await Table.CleanupDefunctSiloEntriesAsync(Noon, Cancelled);

        var after = await ReadAsync();
        Assert.Equal(goes, after.TryGet(entry.SiloAddress) is null);
        Assert.InRange(after.Version.Version, before.Version.Version, before.Version.Version + (goes ? 1 : 0));
        Assert.Equal(before.Version.Version == after.Version.Version, before.Version.VersionEtag == after.Version.VersionEtag);
    }

    [Fact]
    public async Task G25_A_dead_silo_that_was_heard_of_since_stays()
    {
        var entry = Entry(SiloStatus.Dead, at: Noon.AddDays(-1));
        await InsertAsync(entry);
        await Table.UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Noon), Cancelled);

        await Table.CleanupDefunctSiloEntriesAsync(Noon, Cancelled);

        Assert.Single((await ReadAsync()).Members);
    }

    [Fact]
    public async Task G25_The_time_is_an_instant_whatever_its_offset()
    {
        await InsertAsync(Entry(SiloStatus.Dead, at: Noon));

        await Table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Noon).ToOffset(TimeSpan.FromHours(9)), Cancelled);
        Assert.Single((await ReadAsync()).Members);

        await Table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Noon.AddTicks(1)).ToOffset(TimeSpan.FromHours(-9)), Cancelled);
        Assert.Empty((await ReadAsync()).Members);
    }

    [Fact]
    public async Task G26_A_delete_takes_the_whole_table_and_no_other()
    {
        await using var neighbour = await NeighbourAsync();
        await InsertAsync(Entry());

        await Table.DeleteMembershipTableEntriesAsync(ClusterId, Cancelled);

        Assert.Null(await Stored.GetAsync());
        Assert.NotNull(await neighbour.Stored.GetAsync());
        await Table.DeleteMembershipTableEntriesAsync(ClusterId, Cancelled);
        await Table.InitializeMembershipTableAsync(true, Cancelled);
        Assert.Empty((await ReadAsync()).Members);
    }

    [Fact]
    public async Task G27_A_delete_of_another_clusters_table_is_refused()
    {
        await using var neighbour = await NeighbourAsync();

        var thrown = await Assert.ThrowsAsync<ArgumentException>(() => Table.DeleteMembershipTableEntriesAsync(neighbour.ClusterId, Cancelled));

        Assert.Equal("clusterId", thrown.ParamName);
        Assert.NotNull(await Stored.GetAsync());
        Assert.NotNull(await neighbour.Stored.GetAsync());
    }

    private async Task<Neighbour> NeighbourAsync()
    {
        var name = $"{ClusterId}-2";
        var neighbour = new Neighbour(name, Open(name), Beneath(name));
        await neighbour.Table.InitializeMembershipTableAsync(true, Cancelled);
        return neighbour;
    }

    private sealed record Neighbour(string ClusterId, IMembershipTable Table, ClusterObject Stored) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Stored.DeleteAsync();
    }
}
