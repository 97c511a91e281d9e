using System.Text.Json.Nodes;
using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>What changes the table, and what must not.</summary>
public abstract class CommitConformance : MembershipSuite
{
    [Fact]
    public async Task G01_An_insert_adds_its_row_and_one_to_the_version()
    {
        var entry = Entry();
        entry.SuspectTimes = [Vote(Noon), Vote(Noon.AddTicks(1))];
        var before = await ReadAsync();

        Assert.True(await Table.InsertRowAsync(entry, before.Version.Next(), Cancelled));

        var after = await ReadAsync();
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.NotEqual(before.Version.VersionEtag, after.Version.VersionEtag);
        Assert.Equal(Text(entry), Text(Assert.Single(after.Members).Item1));
    }

    [Fact]
    public async Task G02_An_update_changes_its_row_and_adds_one_to_the_version()
    {
        var entry = Entry();
        var other = Entry();
        await InsertAsync(other);
        var before = await InsertAsync(entry);
        (entry.Status, entry.SiloName, entry.HostName, entry.RoleName) = (SiloStatus.Active, "silo-1", "node-b.example.com", "others");
        (entry.ProxyPort, entry.FaultZone, entry.UpdateZone, entry.StartTime, entry.IAmAliveTime) = (30001, 5, 6, Noon.AddTicks(1), Noon.AddTicks(2));
        entry.SuspectTimes = [Vote(Noon)];

        Assert.True(await Table.UpdateRowAsync(entry, before.EtagOf(entry.SiloAddress), before.Version.Next(), Cancelled));

        var after = await ReadAsync();
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.NotEqual(before.Version.VersionEtag, after.Version.VersionEtag);
        Assert.Equal(Text(entry), Text(after.RowOf(entry.SiloAddress)));
        Assert.Equal(Text(other), Text(after.RowOf(other.SiloAddress)));
        Assert.Equal(before.EtagOf(other.SiloAddress), after.EtagOf(other.SiloAddress));
    }

    [Fact]
    public async Task An_update_takes_back_what_a_row_had()
    {
        var entry = Entry();
        entry.SuspectTimes = [Vote(Noon)];
        await InsertAsync(entry);
        (entry.RoleName, entry.SuspectTimes) = (null, null);

        var after = (await UpdateAsync(entry)).RowOf(entry.SiloAddress);

        Assert.Null(after.RoleName);
        Assert.Empty(after.SuspectTimes ?? []);
    }

    [Fact]
    public async Task G03_Views_of_one_version_have_the_same_rows()
    {
        var entry = Entry(SiloStatus.Active);
        var table = await InsertAsync(entry);
        await Table.UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Noon.AddMinutes(1)), Cancelled);
        var refused = await Table.InsertRowAsync(Entry(), new TableVersion(table.Version.Version + 1, "stale"), Cancelled);

        var again = await ((IMembershipTable)Open()).ReadAllAsync(Cancelled);

        Assert.False(refused);
        Assert.Equal(Canonical(table), Canonical(again));
    }

    [Fact]
    public async Task G04_Who_reads_seldom_sees_a_later_version_and_can_go_on_from_it()
    {
        IMembershipTable seldom = Open();
        var first = await seldom.ReadAllAsync(Cancelled);
        await InsertAsync(Entry());
        await InsertAsync(Entry());
        var later = await seldom.ReadAllAsync(Cancelled);

        Assert.Equal(first.Version.Version + 2, later.Version.Version);
        Assert.True(await seldom.InsertRowAsync(Entry(), later.Version.Next(), Cancelled));
    }

    [Fact]
    public async Task G05_A_dead_silo_stays_dead_when_its_row_is_removed_and_its_successor_joins()
    {
        var entry = Entry(SiloStatus.Dead);
        var dead = await InsertAsync(entry);
        await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled);
        var successor = Entry(silo: NewSilo());

        var after = await InsertAsync(successor);

        Assert.True(after.Version.Version > dead.Version.Version);
        Assert.Equal(Text(successor), Text(Assert.Single(after.Members).Item1));
        Assert.Equal(entry.SiloAddress.Endpoint, successor.SiloAddress.Endpoint);
        Assert.False(await Table.UpdateRowAsync(entry, dead.EtagOf(entry.SiloAddress), after.Version.Next(), Cancelled));
        Assert.Null((await ReadAsync()).TryGet(entry.SiloAddress));
    }

    [Fact]
    public async Task G10_An_insert_upon_an_older_table_does_nothing()
    {
        var old = await ReadAsync();
        await InsertAsync(Entry());

        await DoesNothingAsync(() => Table.InsertRowAsync(Entry(), old.Version.Next(), Cancelled));
    }

    [Fact]
    public async Task G11_An_insert_of_a_row_that_is_there_does_nothing()
    {
        var entry = Entry();
        var table = await InsertAsync(entry);

        await DoesNothingAsync(() => Table.InsertRowAsync(Entry(SiloStatus.Active, entry.SiloAddress), table.Version.Next(), Cancelled));
    }

    [Fact]
    public async Task G12_An_update_upon_an_older_table_does_nothing()
    {
        var entry = Entry();
        var old = await InsertAsync(entry);
        await InsertAsync(Entry());
        entry.Status = SiloStatus.Active;

        await DoesNothingAsync(() => Table.UpdateRowAsync(entry, old.EtagOf(entry.SiloAddress), old.Version.Next(), Cancelled));
    }

    [Fact]
    public async Task G13_An_update_of_a_row_that_is_not_there_does_nothing()
    {
        var table = await InsertAsync(Entry());

        await DoesNothingAsync(() => Table.UpdateRowAsync(Entry(SiloStatus.Active), table.Members[0].Item2, table.Version.Next(), Cancelled));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task G14_A_version_that_is_not_the_next_one_does_nothing(int step)
    {
        var entry = Entry();
        var table = await InsertAsync(entry);
        var version = new TableVersion(table.Version.Version + step, table.Version.VersionEtag);

        await DoesNothingAsync(() => Table.InsertRowAsync(Entry(), version, Cancelled));
        await DoesNothingAsync(() => Table.UpdateRowAsync(entry, table.Members[0].Item2, version, Cancelled));
    }

    [Fact]
    public async Task An_update_of_a_row_that_is_known_by_another_etag_does_nothing()
    {
        var entry = Entry();
        var old = await InsertAsync(entry);
        entry.Status = SiloStatus.Active;
        var table = await UpdateAsync(entry);

        await DoesNothingAsync(() => Table.UpdateRowAsync(entry, old.EtagOf(entry.SiloAddress), table.Version.Next(), Cancelled));
    }

    // Also the resource version is compared: nothing was written at all.
    private async Task DoesNothingAsync(Func<Task<bool>> write)
    {
        var before = await Stored.GetAsync();

        Assert.False(await write());

        Assert.True(JsonNode.DeepEquals(before, await Stored.GetAsync()));
    }
}
