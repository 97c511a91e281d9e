using System.Text.Json.Nodes;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>A JSON Patch of the table: done as a whole, or refused as a whole where one of its tests fails.</summary>
internal sealed class TablePatch
{
    private readonly JsonArray _operations = [];

    public static string RowPath(string key) => $"/table/silos/{Escape(key)}";

    public static string HeartbeatPath(string key) => $"/heartbeats/{Escape(key)}";

    /// <summary>Holds the patch to a version of the table that was read, and counts it up by one.</summary>
    public TablePatch Advance(TableVersion next) =>
        Test("/table/etag", next.VersionEtag)
            .Test("/table/version", next.Version - 1)
            .Set("/table/version", next.Version)
            .Set("/table/etag", NewEtag());

    // A test for null also holds where there is nothing.
    public TablePatch Test(string path, JsonNode? value) => Add("test", path, value);

    public TablePatch Set(string path, JsonNode? value) => Add("add", path, value);

    public TablePatch Remove(string path)
    {
        _operations.Add((JsonNode)new JsonObject { ["op"] = "remove", ["path"] = path });
        return this;
    }

    public static string NewEtag() => Guid.NewGuid().ToString("N");

    public override string ToString() => _operations.ToJsonString();

    private TablePatch Add(string operation, string path, JsonNode? value)
    {
        _operations.Add((JsonNode)new JsonObject { ["op"] = operation, ["path"] = path, ["value"] = value });
        return this;
    }

    private static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
