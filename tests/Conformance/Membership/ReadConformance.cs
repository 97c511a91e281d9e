using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>What a reader sees: one committed state, and nothing that it shares with anybody.</summary>
public abstract class ReadConformance : MembershipSuite
{
    [Fact]
    public async Task G09_All_handles_see_one_table()
    {
        IMembershipTable other = Open();
        await other.InitializeMembershipTableAsync(true, Cancelled);
        var entry = Entry();
        await InsertAsync(entry);

        var seen = await other.ReadAllAsync(Cancelled);

        Assert.Equal(Text(await ReadAsync()), Text(seen));
        entry.Status = SiloStatus.Active;
        Assert.True(await other.UpdateRowAsync(entry, seen.EtagOf(entry.SiloAddress), seen.Version.Next(), Cancelled));
        Assert.Equal(SiloStatus.Active, (await ReadAsync()).RowOf(entry.SiloAddress).Status);
    }

    [Fact]
    public async Task G15_One_row_is_read_as_it_stands_among_all()
    {
        var silos = new[] { Entry(), Entry(SiloStatus.Active), Entry(SiloStatus.Dead) };
        foreach (var silo in silos)
        {
            await InsertAsync(silo);
        }

        await Table.UpdateIAmAliveAsync(Entry(silo: silos[1].SiloAddress, at: Noon.AddMinutes(1)), Cancelled);
        var all = await ReadAsync();

        foreach (var silo in silos)
        {
            var one = await Table.ReadRowAsync(silo.SiloAddress, Cancelled);
            Assert.Equal(all.Version, one.Version);
            Assert.Equal(Text(all.RowOf(silo.SiloAddress)), Text(Assert.Single(one.Members).Item1));
            Assert.Equal(all.EtagOf(silo.SiloAddress), one.Members[0].Item2);
        }
    }

    [Fact]
    public async Task A_row_that_is_not_there_is_read_as_no_row_and_the_version()
    {
        var all = await InsertAsync(Entry());

        var none = await Table.ReadRowAsync(NewSilo(), Cancelled);

        Assert.Empty(none.Members);
        Assert.Equal(all.Version, none.Version);
    }

    [Fact]
    public async Task G16_What_was_inserted_does_not_follow_its_giver() => await StaysAsync(async entry => await InsertAsync(entry));

    [Fact]
    public async Task G17_What_was_updated_does_not_follow_its_giver() => await StaysAsync(async entry =>
    {
        await InsertAsync(Entry(silo: entry.SiloAddress));
        await UpdateAsync(entry);
    });

    [Fact]
    public async Task G18_The_table_does_not_follow_who_has_read_all() => await UntouchedAsync(() => Table.ReadAllAsync(Cancelled));

    [Fact]
    public async Task G19_The_table_does_not_follow_who_has_read_a_row()
    {
        var silo = NewSilo();
        await InsertAsync(Entry(silo: silo));
        await UntouchedAsync(() => Table.ReadRowAsync(silo, Cancelled));
    }

    [Fact]
    public async Task G21_Readers_see_only_whole_changes()
    {
        const int writes = 60;
        var (first, second) = (Entry(SiloStatus.Active), Entry(SiloStatus.Active));
        (first.ProxyPort, second.ProxyPort) = (1, 2);
        await InsertAsync(first);
        await InsertAsync(second);

        // Each change writes its version into the row that it changes, so the greatest of them is that of the table.
        var seen = await WhileAsync(async () =>
        {
            for (var i = 0; i < writes; i++)
            {
                var entry = i % 2 == 0 ? first : second;
                entry.ProxyPort = (await ReadAsync()).Version.Version + 1;
                await UpdateAsync(entry);
            }
        });

        Assert.All(seen, table => Assert.Equal(table.Version.Version, table.Members.Max(row => row.Item1.ProxyPort)));
        Assert.True(seen.Select(table => table.Version.Version).Distinct().Count() > 2, "The readers saw no change.");
        Assert.All(seen.GroupBy(table => table.Version.Version), views => Assert.Single(views.Select(Canonical).Distinct()));
    }

    [Fact]
    public async Task G22_Readers_see_only_whole_changes_while_rows_are_removed()
    {
        var living = Entry(SiloStatus.Active);
        living.ProxyPort = 1;
        await InsertAsync(living);

        var seen = await WhileAsync(async () =>
        {
            for (var i = 0; i < 30; i++)
            {
                var dead = Entry(SiloStatus.Dead);
                dead.ProxyPort = (await ReadAsync()).Version.Version + 1;
                await InsertAsync(dead);
                living.ProxyPort = dead.ProxyPort + 1;
                await UpdateAsync(living);
                await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled);
            }
        });

        Assert.All(seen, table =>
        {
            var port = table.RowOf(living.SiloAddress).ProxyPort;
            Assert.InRange(port, table.Version.Version - 1, table.Version.Version);
            Assert.All(table.Members, row => Assert.InRange(row.Item1.ProxyPort, 1, table.Version.Version));
            Assert.True(port == table.Version.Version || table.Members.Any(row => row.Item1.ProxyPort == table.Version.Version), "A row was removed before its death was seen.");
        });
        Assert.Equal(seen.Select(table => table.Version.Version).Order(), seen.Select(table => table.Version.Version));
    }

    // What one reader saw, in order, while the work was done.
    private async Task<List<MembershipTableData>> WhileAsync(Func<Task> work)
    {
        IMembershipTable reader = Open();
        var seen = new List<MembershipTableData>();
        var working = work();
        while (!working.IsCompleted)
        {
            seen.Add(await reader.ReadAllAsync(Cancelled));
        }

        await working;
        return seen;
    }

    private async Task StaysAsync(Func<MembershipEntry, Task> write)
    {
        var entry = Entry(SiloStatus.Active);
        entry.SuspectTimes = [Vote(Noon)];
        var given = Text(entry);

        await write(entry);

        Assert.Equal(given, Text(entry));
        Spoil(entry);
        Assert.Equal(given, Text((await ReadAsync()).RowOf(entry.SiloAddress)));
    }

    private async Task UntouchedAsync(Func<Task<MembershipTableData>> read)
    {
        var entry = Entry(SiloStatus.Active);
        entry.SuspectTimes = [Vote(Noon)];
        await InsertAsync(entry);
        var before = Text(await ReadAsync());

        foreach (var (row, _) in (await read()).Members)
        {
            Spoil(row);
        }

        Assert.Equal(before, Text(await ReadAsync()));
    }

    private static void Spoil(MembershipEntry entry)
    {
        (entry.Status, entry.SiloName, entry.IAmAliveTime) = (SiloStatus.Dead, "spoilt", Noon.AddYears(1));
        entry.SuspectTimes?.Add(Vote(Noon.AddYears(1)));
    }
}
