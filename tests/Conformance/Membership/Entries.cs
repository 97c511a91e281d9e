using System.Globalization;
using System.Net;

namespace InfraOperator.Conformance.Membership;

/// <summary>Rows for tests.</summary>
public static class Entries
{
    private static int _generation;

    /// <summary>A time that every store can hold.</summary>
    public static DateTime Noon { get; } = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>A silo that nobody had before; with an endpoint, its next generation.</summary>
    public static SiloAddress NewSilo(string address = "10.0.3.7", int port = 11111) => SiloAddress.New(IPAddress.Parse(address), port, Interlocked.Increment(ref _generation));

    /// <summary>A row with a value in each field.</summary>
    public static MembershipEntry Entry(SiloStatus status = SiloStatus.Joining, SiloAddress? silo = null, DateTime? at = null) => new()
    {
        SiloAddress = silo ?? NewSilo(),
        Status = status,
        SiloName = "silo-0",
        HostName = "node-a.example.com",
        RoleName = "workers",
        ProxyPort = 30000,
        FaultZone = 3,
        UpdateZone = 4,
        StartTime = at ?? Noon,
        IAmAliveTime = at ?? Noon,
        SuspectTimes = [],
    };

    /// <summary>A silo's vote that another one is dead.</summary>
    public static Tuple<SiloAddress, DateTime> Vote(DateTime at) => Tuple.Create(NewSilo(), at);

    /// <summary>The row of a silo that has one.</summary>
    public static MembershipEntry RowOf(this MembershipTableData table, SiloAddress silo) => Assert.Single(table.Members, row => row.Item1.SiloAddress.Equals(silo)).Item1;

    /// <summary>The etag of its row.</summary>
    public static string EtagOf(this MembershipTableData table, SiloAddress silo) => Assert.Single(table.Members, row => row.Item1.SiloAddress.Equals(silo)).Item2;

    /// <summary>Every field as text, to compare by.</summary>
    public static string Text(MembershipEntry entry) => $"{Canonical(entry)} alive {Time(entry.IAmAliveTime)}";

    /// <summary>Every field that only a change of the table may change, so all but the heartbeat.</summary>
    public static string Canonical(MembershipEntry entry) =>
        $"{entry.SiloAddress.ToParsableString()} {entry.Status} {entry.SiloName} {entry.HostName} {entry.RoleName} {entry.ProxyPort} {entry.FaultZone} {entry.UpdateZone} started {Time(entry.StartTime)} "
        + $"votes [{string.Join(", ", (entry.SuspectTimes ?? []).Select(vote => $"{vote.Item1.ToParsableString()} at {Time(vote.Item2)}"))}]";

    /// <summary>The whole table as text: version, etag, and each row with its etag.</summary>
    public static string Text(MembershipTableData table) =>
        $"{table.Version.Version} {table.Version.VersionEtag}\n{string.Join('\n', table.Members.Select(row => $"{row.Item2} {Text(row.Item1)}").Order(StringComparer.Ordinal))}";

    /// <summary>The canonical part of the table as text: version and rows without heartbeats.</summary>
    public static string Canonical(MembershipTableData table) =>
        $"{table.Version.Version}\n{string.Join('\n', table.Members.Select(row => Canonical(row.Item1)).Order(StringComparer.Ordinal))}";

    private static string Time(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);
}
