using InfraOperator.Clustering.Kubernetes;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>
/// What Orleans' older test base (MembershipTableTestsBase) asks of every provider, in tests of our own under its names. Where it
/// and the documentation of IMembershipTable contradict each other the documentation is followed: only dead silos are cleaned up.
/// </summary>
public abstract class OrleansTableConformance : MembershipSuite
{
    [Fact]
    public async Task MembershipTable_GetGateways()
    {
        var table = Open();
        IGatewayListProvider gateways = new KubernetesGatewayListProvider(table, Options.Create(new GatewayOptions()));
        await gateways.InitializeGatewayListProviderAsync(Cancelled);
        var (open, closed, joining, dead) = (Entry(SiloStatus.Active, NewSilo("10.0.3.1")), Entry(SiloStatus.Active, NewSilo("10.0.3.2")), Entry(silo: NewSilo("10.0.3.3")), Entry(SiloStatus.Dead, NewSilo("10.0.3.4")));
        var second = Entry(SiloStatus.Active, NewSilo("fd00::5"));
        closed.ProxyPort = 0;
        foreach (var entry in new[] { open, closed, joining, dead, second })
        {
            await InsertAsync(entry);
        }

        var found = await gateways.GetGatewaysAsync(Cancelled);

        Assert.Equal(
            new[] { open, second }.Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri().ToString()).Order(),
            found.Select(uri => uri.ToString()).Order());
    }

    [Fact]
    public async Task MembershipTable_ReadAll_EmptyTable()
    {
        var table = await ReadAsync();

        Assert.Empty(table.Members);
        Assert.NotNull(table.Version.VersionEtag);
        Assert.Equal(0, table.Version.Version);
    }

    [Fact]
    public async Task MembershipTable_InsertRow()
    {
        Assert.True(await Table.InsertRowAsync(Entry(), (await ReadAsync()).Version.Next(), Cancelled));

        var table = await ReadAsync();
        Assert.Equal(1, table.Version.Version);
        Assert.Single(table.Members);
    }

    [Fact]
    public async Task MembershipTable_ReadRow_Insert_Read()
    {
        var entry = Entry();
        var next = (await ReadAsync()).Version.Next();

        Assert.True(await Table.InsertRowAsync(entry, next, Cancelled));
        Assert.False(await Table.InsertRowAsync(entry, next, Cancelled), "the same row upon the old version");
        Assert.False(await Table.InsertRowAsync(Entry(), next, Cancelled), "another row upon the old version");
        Assert.False(await Table.InsertRowAsync(entry, (await ReadAsync()).Version.Next(), Cancelled), "the same row upon the new version");

        var row = await Table.ReadRowAsync(entry.SiloAddress, Cancelled);
        Assert.Single((await ReadAsync()).Members);
        Assert.Single(row.Members);
        Assert.Equal(1, row.Version.Version);
        Assert.NotEqual(next.VersionEtag, row.Version.VersionEtag);
        Assert.NotNull(row.Members[0].Item2);
    }

    [Fact]
    public async Task MembershipTable_ReadAll_Insert_ReadAll()
    {
        var entry = Entry();
        var next = (await ReadAsync()).Version.Next();
        Assert.True(await Table.InsertRowAsync(entry, next, Cancelled));

        var table = await ReadAsync();

        Assert.Equal(next.Version, table.Version.Version);
        Assert.NotEqual(next.VersionEtag, table.Version.VersionEtag);
        Assert.NotNull(Assert.Single(table.Members).Item2);
        Assert.Equal(entry.ToFullString(), table.Members[0].Item1.ToFullString());
    }

    [Fact]
    public async Task MembershipTable_UpdateRow()
    {
        for (var i = 1; i < 10; i++)
        {
            var entry = Entry();
            entry.SuspectTimes = [Vote(Noon.AddSeconds(1)), Vote(Noon.AddSeconds(2))];
            var old = (await ReadAsync()).Version.Next();
            Assert.True(await Table.InsertRowAsync(entry, old, Cancelled));
            var inserted = await ReadAsync();
            var etag = inserted.EtagOf(entry.SiloAddress);

            Assert.False(await Table.UpdateRowAsync(entry, etag, old, Cancelled), "the row's etag, the old version");
            Assert.True(await Table.UpdateRowAsync(entry, etag, inserted.Version.Next(), Cancelled));
            Assert.False(await Table.UpdateRowAsync(entry, etag, inserted.Version.Next(), Cancelled), "the old etag, the old version");

            var updated = await ReadAsync();
            Assert.Equal(entry.ToFullString(), updated.RowOf(entry.SiloAddress).ToFullString());
            Assert.False(await Table.UpdateRowAsync(entry, updated.EtagOf(entry.SiloAddress), inserted.Version.Next(), Cancelled), "the new etag, the old version");
            var last = await ReadAsync();
            Assert.Equal(updated.EtagOf(entry.SiloAddress), last.EtagOf(entry.SiloAddress));
            Assert.Equal((inserted.Version.Version + 1, i), (last.Version.Version, last.Members.Count));
        }
    }

    [Fact]
    public async Task MembershipTable_UpdateRowInParallel()
    {
        var entry = Entry();
        var next = (await ReadAsync()).Version.Next();
        var inserted = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Table.InsertRowAsync(entry, next, Cancelled)));
        Assert.Single(inserted, won => won);

        await Task.WhenAll(Enumerable.Range(0, 19).Select(async _ =>
        {
            MembershipTableData seen;
            do
            {
                seen = await ReadAsync();
            }
            while (!await Table.UpdateRowAsync(seen.RowOf(entry.SiloAddress), seen.EtagOf(entry.SiloAddress), seen.Version.Next(), Cancelled));
        }));

        var table = await ReadAsync();
        Assert.Equal(20, table.Version.Version);
        Assert.Single(table.Members);
    }

    [Fact]
    public async Task MembershipTable_UpdateIAmAlive()
    {
        var entry = Entry();
        var table = await InsertAsync(entry);
        var alive = DateTime.UtcNow.AddSeconds(5);

        await Table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = alive }, Cancelled);

        var after = await ReadAsync();
        Assert.Equal(alive, after.RowOf(entry.SiloAddress).IAmAliveTime);
        Assert.Equal(table.Version, after.Version);
    }

    [Fact]
    public async Task MembershipTable_CleanupDefunctSiloEntries()
    {
        var old = Enum.GetValues<SiloStatus>().ToDictionary(status => status, status => Entry(status, at: Noon.AddDays(-10)));
        var young = Enum.GetValues<SiloStatus>().Select(status => Entry(status)).ToList();
        foreach (var entry in old.Values.Concat(young))
        {
            await InsertAsync(entry);
        }

        await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(-7), Cancelled);

        Assert.Equal(
            old.Values.Concat(young).Where(entry => entry != old[SiloStatus.Dead]).Select(Text).Order(),
            (await ReadAsync()).Members.Select(row => Text(row.Item1)).Order());
    }
}
