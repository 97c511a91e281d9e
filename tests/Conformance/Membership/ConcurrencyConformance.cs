using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>Many silos at once.</summary>
public abstract class ConcurrencyConformance : MembershipSuite
{
    [Fact]
    public async Task G20_Of_those_who_write_upon_one_version_one_wins()
    {
        IMembershipTable[] silos = [.. Enumerable.Range(0, 10).Select(_ => Open())];
        var entry = Entry();
        var before = await InsertAsync(entry);
        var candidates = silos.Select((silo, index) => (Silo: silo, Entry: Entry(SiloStatus.Active, index % 2 == 0 ? NewSilo() : entry.SiloAddress))).ToArray();

        var won = await Task.WhenAll(candidates.Select(candidate => candidate.Entry.SiloAddress.Equals(entry.SiloAddress)
            ? candidate.Silo.UpdateRowAsync(candidate.Entry, before.Members[0].Item2, before.Version.Next(), Cancelled)
            : candidate.Silo.InsertRowAsync(candidate.Entry, before.Version.Next(), Cancelled)));

        var winner = Assert.Single(candidates.Zip(won).Where(pair => pair.Second)).First.Entry;
        var after = await ReadAsync();
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.Equal(Text(winner), Text(after.RowOf(winner.SiloAddress)));
        Assert.Equal(winner.SiloAddress.Equals(entry.SiloAddress) ? 1 : 2, after.Members.Count);
    }

    [Fact]
    public async Task The_version_grows_by_exactly_the_number_of_wins()
    {
        const int silos = 6;
        const int attempts = 15;
        var wins = await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => Task.Run(async () =>
        {
            IMembershipTable table = Open();
            var (won, mine) = (0, Entry());
            for (var i = 0; i < attempts; i++)
            {
                var seen = await table.ReadAllAsync(Cancelled);
                mine.ProxyPort = i;
                won += seen.TryGet(mine.SiloAddress) is { } row
                    ? await table.UpdateRowAsync(mine, row.Item2, seen.Version.Next(), Cancelled) ? 1 : 0
                    : await table.InsertRowAsync(mine, seen.Version.Next(), Cancelled) ? 1 : 0;
                await table.UpdateIAmAliveAsync(Entry(silo: mine.SiloAddress, at: Noon.AddSeconds(i)), Cancelled);
            }

            return won;
        })));

        Assert.Equal(wins.Sum(), (await ReadAsync()).Version.Version);
        Assert.True(wins.Sum() >= attempts, "Of each round somebody has to win.");
    }

    [Fact]
    public async Task G25_Silos_that_clean_up_at_once_remove_what_is_to_go_and_nothing_else()
    {
        for (var i = 0; i < 5; i++)
        {
            await InsertAsync(Entry(SiloStatus.Dead));
        }

        var living = Entry(SiloStatus.Active);
        var before = await InsertAsync(living);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ((IMembershipTable)Open()).CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled)));

        var after = await ReadAsync();
        Assert.Equal(Text(living), Text(Assert.Single(after.Members).Item1));
        Assert.True(after.Version.Version >= before.Version.Version);
    }

    [Fact]
    public async Task Rows_are_removed_and_written_at_once_and_nothing_is_lost()
    {
        for (var i = 0; i < 10; i++)
        {
            await InsertAsync(Entry(SiloStatus.Dead));
        }

        var cleaning = Task.Run(() => ((IMembershipTable)Open()).CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled), Cancelled);
        var living = new List<MembershipEntry>();
        for (var i = 0; i < 10; i++)
        {
            living.Add(Entry(SiloStatus.Active));
            var seen = await ReadAsync();
            while (!await Table.InsertRowAsync(living[^1], seen.Version.Next(), Cancelled))
            {
                seen = await ReadAsync();
            }
        }

        await cleaning;
        Assert.Equal(living.Select(Text).Order(), (await ReadAsync()).Members.Select(row => Text(row.Item1)).Order());
    }
}
