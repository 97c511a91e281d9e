using InfraOperator.Clustering.Kubernetes;
using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>A heartbeat says when a silo was alive, and is in nobody's way.</summary>
public abstract class HeartbeatConformance : MembershipSuite
{
    private static readonly DateTime Later = Noon.AddMinutes(5).AddTicks(1234567);

    [Fact]
    public async Task G06_A_heartbeat_changes_nothing_but_its_time()
    {
        var entry = Entry(SiloStatus.Active);
        entry.SuspectTimes = [Vote(Noon)];
        await InsertAsync(Entry(SiloStatus.Active));
        var before = await InsertAsync(entry);

        await BeatAsync(entry.SiloAddress, Later);

        before.RowOf(entry.SiloAddress).IAmAliveTime = Later;
        Assert.Equal(Text(before), Text(await ReadAsync()));
    }

    [Fact]
    public async Task G07_A_status_is_changed_by_what_was_read_before_a_heartbeat()
    {
        var entry = Entry();
        var before = await InsertAsync(entry);
        await BeatAsync(entry.SiloAddress, Later);
        entry.Status = SiloStatus.Active;

        Assert.True(await Table.UpdateRowAsync(entry, before.EtagOf(entry.SiloAddress), before.Version.Next(), Cancelled));

        var after = (await ReadAsync()).RowOf(entry.SiloAddress);
        Assert.Equal((SiloStatus.Active, Later), (after.Status, after.IAmAliveTime));
    }

    [Fact]
    public async Task G08_A_vote_is_cast_by_what_was_read_before_a_heartbeat()
    {
        var entry = Entry(SiloStatus.Active);
        var other = Entry(SiloStatus.Active);
        await InsertAsync(other);
        var before = await InsertAsync(entry);
        await BeatAsync(entry.SiloAddress, Later);
        await BeatAsync(other.SiloAddress, Later);
        entry.SuspectTimes = [Vote(Noon)];

        Assert.True(await Table.UpdateRowAsync(entry, before.EtagOf(entry.SiloAddress), before.Version.Next(), Cancelled));

        Assert.Equal(Canonical(entry), Canonical((await ReadAsync()).RowOf(entry.SiloAddress)));
    }

    [Fact]
    public async Task A_row_is_inserted_by_what_was_read_before_a_heartbeat()
    {
        var entry = Entry(SiloStatus.Active);
        var before = await InsertAsync(entry);
        await BeatAsync(entry.SiloAddress, Later);

        Assert.True(await Table.InsertRowAsync(Entry(), before.Version.Next(), Cancelled));
    }

    [Fact]
    public async Task Of_a_row_and_its_heartbeat_the_newer_time_counts()
    {
        var entry = Entry(SiloStatus.Active);
        await InsertAsync(entry);
        await BeatAsync(entry.SiloAddress, Later);
        entry.IAmAliveTime = Later.AddMinutes(1);

        var after = await UpdateAsync(entry);

        Assert.Equal(Later.AddMinutes(1), after.RowOf(entry.SiloAddress).IAmAliveTime);
        await BeatAsync(entry.SiloAddress, Later.AddMinutes(2));
        Assert.Equal(Later.AddMinutes(2), (await ReadAsync()).RowOf(entry.SiloAddress).IAmAliveTime);
    }

    [Fact]
    public async Task A_heartbeat_is_one_write_and_no_read()
    {
        var entry = Entry(SiloStatus.Active);
        await InsertAsync(entry);
        var state = new MembershipTableState(TimeProvider.System);

        await ((IMembershipTable)Open(state: state)).UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Later), Cancelled);

        Assert.Equal(
            [MembershipTableOperation.Heartbeat],
            Enum.GetValues<MembershipTableOperation>().SelectMany(operation => Enumerable.Repeat(operation, (int)state.Requests(operation))));
    }

    [Fact]
    public async Task A_heartbeat_needs_no_more_than_address_and_time()
    {
        var entry = Entry(SiloStatus.Active);
        await InsertAsync(entry);

        await Table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = Later }, Cancelled);

        entry.IAmAliveTime = Later;
        Assert.Equal(Text(entry), Text((await ReadAsync()).RowOf(entry.SiloAddress)));
    }

    [Fact]
    public async Task A_heartbeat_without_a_row_makes_none_and_goes_with_the_next_cleanup()
    {
        var before = await InsertAsync(Entry(SiloStatus.Dead));
        var silo = NewSilo();

        await BeatAsync(silo, Later);

        Assert.Equal(Text(before), Text(await ReadAsync()));
        Assert.Empty((await Table.ReadRowAsync(silo, Cancelled)).Members);
        await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled);
        Assert.Empty((await Stored.GetAsync())!["heartbeats"]?.AsObject() ?? []);
    }

    [Fact]
    public async Task A_row_goes_with_its_heartbeat()
    {
        var dead = Entry(SiloStatus.Dead);
        var active = Entry(SiloStatus.Active);
        await InsertAsync(dead);
        await InsertAsync(active);
        await BeatAsync(dead.SiloAddress, Later);
        await BeatAsync(active.SiloAddress, Later);

        await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled);

        Assert.Equal(active.SiloAddress.ToParsableString(), Assert.Single((await Stored.GetAsync())!["heartbeats"]!.AsObject()).Key);
    }

    [Fact]
    public async Task Heartbeats_and_changes_at_once_lose_nothing()
    {
        var entry = Entry(SiloStatus.Active);
        await InsertAsync(entry);
        IMembershipTable silo = Open();

        var beats = Task.Run(async () =>
        {
            for (var i = 1; i <= 50; i++)
            {
                await silo.UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Later.AddSeconds(i)), Cancelled);
            }
        });
        for (var i = 0; i < 20; i++)
        {
            // Each is accepted at the first attempt, however many heartbeats come between.
            await InsertAsync(Entry());
        }

        await beats;
        var after = await ReadAsync();
        Assert.Equal(21, after.Version.Version);
        Assert.Equal(Later.AddSeconds(50), after.RowOf(entry.SiloAddress).IAmAliveTime);
    }

    private Task BeatAsync(SiloAddress silo, DateTime at) => Table.UpdateIAmAliveAsync(Entry(silo: silo, at: at), Cancelled);
}
