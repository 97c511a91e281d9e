using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>
/// How rows and heartbeats are written down. Fields that this version does not know are never touched: a newer silo's stay in the
/// rows that an older one updates.
/// </summary>
internal static class MembershipJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>The names of a row's fields with their values, its etag aside. A null says that there is no value.</summary>
    public static IEnumerable<(string Name, JsonNode? Value)> Fields(MembershipEntry entry) =>
    [
        ("status", entry.Status.ToString()),
        ("siloName", entry.SiloName),
        ("hostName", entry.HostName),
        ("roleName", entry.RoleName),
        ("proxyPort", entry.ProxyPort),
        ("updateZone", entry.UpdateZone),
        ("faultZone", entry.FaultZone),
        ("startTime", Format(entry.StartTime)),
        ("iAmAliveTime", Format(entry.IAmAliveTime)),
        ("suspectTimes", entry.SuspectTimes is null ? null : new JsonArray([.. entry.SuspectTimes.Select(vote => (JsonNode)new JsonObject { ["silo"] = KeyOf(vote.Item1), ["time"] = Format(vote.Item2) })])),
    ];

    /// <summary>A row as it is first written.</summary>
    public static JsonObject Row(MembershipEntry entry, string etag)
    {
        var row = new JsonObject { ["etag"] = etag };
        foreach (var (name, value) in Fields(entry).Where(field => field.Value is not null))
        {
            row[name] = value;
        }

        return row;
    }

    /// <summary>The key of a silo's row and heartbeat. It tells one start of a silo from the next.</summary>
    public static string KeyOf(SiloAddress silo) => silo.ToParsableString();

    public static string Format(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc).ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Reads the whole table.</summary>
    /// <param name="root">The object.</param>
    /// <exception cref="FormatException">A part of it is not as this class writes it; the message names the part.</exception>
    public static MembershipTableData Read(JsonElement root)
    {
        var table = Part(root, "table", JsonValueKind.Object);
        var version = new TableVersion(Number(table, "version"), Text(table, "etag"));
        var heartbeats = root.TryGetProperty("heartbeats", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        var rows = new List<Tuple<MembershipEntry, string>>();
        if (table.TryGetProperty("silos", out var silos) && silos.ValueKind == JsonValueKind.Object)
        {
            foreach (var row in silos.EnumerateObject())
            {
                rows.Add(Read(row.Name, row.Value, heartbeats));
            }
        }

        return new(rows, version);
    }

    /// <summary>Whether there is a heartbeat under a key.</summary>
    public static bool HasHeartbeat(JsonElement root, string key) =>
        root.TryGetProperty("heartbeats", out var heartbeats) && heartbeats.ValueKind == JsonValueKind.Object && heartbeats.TryGetProperty(key, out _);

    /// <summary>The keys of heartbeats.</summary>
    public static IEnumerable<string> Heartbeats(JsonElement root) =>
        root.TryGetProperty("heartbeats", out var heartbeats) && heartbeats.ValueKind == JsonValueKind.Object ? heartbeats.EnumerateObject().Select(heartbeat => heartbeat.Name) : [];

    private static Tuple<MembershipEntry, string> Read(string key, JsonElement row, JsonElement heartbeats)
    {
        try
        {
            var entry = new MembershipEntry
            {
                SiloAddress = SiloAddress.FromParsableString(key),
                Status = Enum.TryParse<SiloStatus>(Text(row, "status"), out var status) ? status : throw new FormatException($"status \"{Text(row, "status")}\" is none of {string.Join(", ", Enum.GetNames<SiloStatus>())}"),
                SiloName = TextOrNull(row, "siloName")!,
                HostName = TextOrNull(row, "hostName")!,
                RoleName = TextOrNull(row, "roleName"),
                ProxyPort = Number(row, "proxyPort"),
                UpdateZone = Number(row, "updateZone"),
                FaultZone = Number(row, "faultZone"),
                StartTime = Time(Text(row, "startTime")),
                IAmAliveTime = Time(Text(row, "iAmAliveTime")),
                SuspectTimes = row.TryGetProperty("suspectTimes", out var votes) && votes.ValueKind == JsonValueKind.Array
                    ? [.. votes.EnumerateArray().Select(vote => Tuple.Create(SiloAddress.FromParsableString(Text(vote, "silo")), Time(Text(vote, "time"))))]
                    : null,
            };

            // A heartbeat is written without a look at the row: it counts where it is the newer of the two.
            if (heartbeats.ValueKind == JsonValueKind.Object && heartbeats.TryGetProperty(key, out var heartbeat) && heartbeat.ValueKind == JsonValueKind.String
                && Time(heartbeat.GetString()!) is var alive && alive > entry.IAmAliveTime)
            {
                entry.IAmAliveTime = alive;
            }

            return Tuple.Create(entry, Text(row, "etag"));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new FormatException($"the row \"{key}\" cannot be read: {exception.Message}", exception);
        }
    }

    private static JsonElement Part(JsonElement parent, string name, JsonValueKind kind) =>
        parent.TryGetProperty(name, out var part) && part.ValueKind == kind ? part : throw new FormatException($"\"{name}\" is missing, or is no {kind}");

    private static string Text(JsonElement parent, string name) => Part(parent, name, JsonValueKind.String).GetString()!;

    private static string? TextOrNull(JsonElement parent, string name) => parent.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.String ? part.GetString() : null;

    private static int Number(JsonElement parent, string name) =>
        Part(parent, name, JsonValueKind.Number).TryGetInt32(out var number) ? number : throw new FormatException($"\"{name}\" is no 32-bit integer");

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
}
