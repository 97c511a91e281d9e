using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>
/// The membership of an Orleans cluster in one object of the Kubernetes API. A change of a row is one JSON Patch that tests the etag
/// of the table and counts its version up: the API server does all of it or nothing, which is the atomicity that Orleans asks for. A
/// heartbeat is one merge patch beside the table, made without a look, so that it disturbs nobody's change.
/// </summary>
/// <remarks>
/// Nothing is tried twice: Orleans does that. The API server refuses a patch whose tests fail by 422, and one that its schema does not
/// allow as well: after a 422 the object is read once, to tell contention (false) from a refusal (an exception).
/// </remarks>
public sealed partial class KubernetesMembershipTable : IMembershipTable, IDisposable
{
    private const string JsonPatch = "application/json-patch+json";
    private const string MergePatch = "application/merge-patch+json";
    private const string ServiceAccountNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
    private const int CleanupAttempts = 5;

    private readonly KubernetesClusteringOptions _options;
    private readonly string _clusterId;
    private readonly MembershipTableState _state;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<ClusterObjectClient> _client;

    /// <summary>Prepares the table; the first call connects.</summary>
    /// <param name="options">Where the object is.</param>
    /// <param name="clusterOptions">The cluster's id.</param>
    /// <param name="state">Where is noted what was read and asked.</param>
    /// <param name="time">The clock of the time limits.</param>
    /// <param name="logger">The log.</param>
    public KubernetesMembershipTable(
        IOptions<KubernetesClusteringOptions> options, IOptions<ClusterOptions> clusterOptions, MembershipTableState state, TimeProvider time, ILogger<KubernetesMembershipTable> logger)
    {
        _options = options.Value;
        _clusterId = clusterOptions.Value.ClusterId;
        _state = state;
        _time = time;
        _logger = logger;
        _client = new(() =>
        {
            var configuration = _options.CreateConfiguration();
            var name = string.IsNullOrEmpty(_options.Name) ? _clusterId : _options.Name;
            return new(configuration, NamespaceOf(configuration), name, _options.RequestTimeout, state, time, logger);
        });
    }

    private ClusterObjectClient Client => _client.Value;

    /// <inheritdoc/>
    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken = default)
    {
        using (var found = await Client.GetAsync(cancellationToken).ConfigureAwait(false))
        {
            if (found.IsSuccess || !tryInitTableVersion)
            {
                return;
            }
        }

        using var created = await Client.CreateAsync(await NewObjectAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        switch (created.Status)
        {
            case HttpStatusCode.Conflict:
                break; // Another silo was first.
            case HttpStatusCode.NotFound:
                throw Failure(
                    MembershipTableOperation.Create,
                    $"Cannot create {Client}: either the API server has no CustomResourceDefinition {ClusterObjectClient.Plural}.{ClusterObjectClient.Group} in version {ClusterObjectClient.Version}, "
                    + $"which has to be applied first, or there is no namespace \"{Client.Namespace}\". The API server says: {ClusterObjectClient.WordsOf(created)}",
                    created.Status);
            case var status when !created.IsSuccess:
                throw Failure(MembershipTableOperation.Create, $"Cannot create {Client}: {ClusterObjectClient.WordsOf(created)}", status);
            default:
                LogCreated(_logger, Client.Namespace, Client.Name);
                break;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The id is another cluster's.</exception>
    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken = default)
    {
        if (clusterId != _clusterId)
        {
            throw new ArgumentException($"This table is that of the cluster \"{_clusterId}\", not of \"{clusterId}\".", nameof(clusterId));
        }

        using var answer = await Client.DeleteAsync(cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && answer.Status != HttpStatusCode.NotFound)
        {
            throw Failure(MembershipTableOperation.Delete, $"Cannot delete {Client}: {ClusterObjectClient.WordsOf(answer)}", answer.Status);
        }
    }

    /// <inheritdoc/>
    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var answer = await ReadAsync(cancellationToken).ConfigureAwait(false);
            var root = answer.Body!.RootElement;
            var table = Read(root);
            var patch = new TablePatch();
            var any = false;
            foreach (var (entry, etag) in table.Members.Where(row => IsDefunct(row.Item1, beforeDate.UtcDateTime)))
            {
                var key = MembershipJson.KeyOf(entry.SiloAddress);
                patch.Test($"{TablePatch.RowPath(key)}/etag", etag).Remove(TablePatch.RowPath(key));
                if (MembershipJson.HasHeartbeats(root))
                {
                    patch.Test(TablePatch.HeartbeatPath(key), MembershipJson.HeartbeatOf(root, key));
                }

                any = true;
            }

            var staying = table.Members.Where(row => !IsDefunct(row.Item1, beforeDate.UtcDateTime)).Select(row => MembershipJson.KeyOf(row.Item1.SiloAddress)).ToHashSet();
            foreach (var key in any ? MembershipJson.Heartbeats(root).Where(key => !staying.Contains(key)) : [])
            {
                patch.Remove(TablePatch.HeartbeatPath(key));
            }

            if (!any)
            {
                return;
            }

            using var patched = await Client.PatchAsync(MembershipTableOperation.Cleanup, patch.ToString(), JsonPatch, cancellationToken).ConfigureAwait(false);
            if (patched.IsSuccess)
            {
                return;
            }

            // Another silo cleans up at the same time, or one that was thought gone gave a sign. What is left is looked at again.
            if (patched.Status == HttpStatusCode.NotFound || attempt == CleanupAttempts)
            {
                throw Failure(MembershipTableOperation.Cleanup, $"Cannot remove the rows of dead silos from {Client}: {ClusterObjectClient.WordsOf(patched)}", patched.Status);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken = default)
    {
        var table = await ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return table.TryGet(key) is { } row ? new(row, table.Version) : new(table.Version);
    }

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            using var answer = await ReadAsync(cancellationToken).ConfigureAwait(false);
            var table = Read(answer.Body!.RootElement);
            _state.Read(table.Version.Version, table.Members.Count(row => row.Item1.Status == SiloStatus.Active));
            _last = table;
            return table;
        }
        catch (KubernetesClusteringException) when (InsistsNoLonger && _last is not null)
        {
            return _last;
        }
    }

    /// <inheritdoc/>
    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken = default)
    {
        var path = TablePatch.RowPath(MembershipJson.KeyOf(entry.SiloAddress));
        var patch = new TablePatch().Advance(tableVersion).Test(path, null).Set(path, MembershipJson.Row(entry, TablePatch.NewEtag()));
        return CommitAsync(MembershipTableOperation.Insert, patch, tableVersion, table => table.TryGet(entry.SiloAddress) is null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken = default)
    {
        var path = TablePatch.RowPath(MembershipJson.KeyOf(entry.SiloAddress));
        var patch = new TablePatch().Advance(tableVersion).Test($"{path}/etag", etag).Set($"{path}/etag", TablePatch.NewEtag());
        foreach (var (name, value) in MembershipJson.Fields(entry))
        {
            patch.Set($"{path}/{name}", value);
        }

        try
        {
            return await CommitAsync(MembershipTableOperation.Update, patch, tableVersion, table => table.TryGet(entry.SiloAddress)?.Item2 == etag, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesClusteringException exception) when (InsistsNoLonger)
        {
            LogLeft(_logger, exception, $"{Client}");
            return true;
        }
    }

    /// <inheritdoc/>
    public async Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken = default)
    {
        var patch = new JsonObject { ["heartbeats"] = new JsonObject { [MembershipJson.KeyOf(entry.SiloAddress)] = MembershipJson.Format(entry.IAmAliveTime) } };
        using var answer = await Client.PatchAsync(MembershipTableOperation.Heartbeat, patch.ToJsonString(), MergePatch, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw answer.Status == HttpStatusCode.NotFound ? Vanished(MembershipTableOperation.Heartbeat) : Failure(MembershipTableOperation.Heartbeat, $"Cannot write a heartbeat to {Client}: {ClusterObjectClient.WordsOf(answer)}", answer.Status);
        }
    }

    /// <inheritdoc/>
    public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static bool IsDefunct(MembershipEntry entry, DateTime before) =>
        entry.Status == SiloStatus.Dead && entry.StartTime < before && entry.IAmAliveTime < before && entry.SuspectTimes?.Any(vote => vote.Item2 >= before) != true;

    private async Task<bool> CommitAsync(MembershipTableOperation operation, TablePatch patch, TableVersion next, Func<MembershipTableData, bool> wouldHold, CancellationToken cancellationToken)
    {
        using var answer = await Client.PatchAsync(operation, patch.ToString(), JsonPatch, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccess)
        {
            return true;
        }

        if (answer.Status == HttpStatusCode.NotFound)
        {
            throw Vanished(operation);
        }

        if (answer.Status == HttpStatusCode.Conflict)
        {
            return false;
        }

        // Where the tests would hold by what is there now, it was not the tests that were refused.
        var table = await ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return (table.Version.Version, table.Version.VersionEtag) == (next.Version - 1, next.VersionEtag) && wouldHold(table)
            ? throw Failure(operation, $"{Client} refuses a row: {ClusterObjectClient.WordsOf(answer)} Apply the CustomResourceDefinition of this version.", answer.Status)
            : false;
    }

    private async Task<ClusterAnswer> ReadAsync(CancellationToken cancellationToken)
    {
        var answer = await Client.GetAsync(cancellationToken).ConfigureAwait(false);
        if (answer is { IsSuccess: true, Body: not null })
        {
            return answer;
        }

        using (answer)
        {
            throw answer.Status == HttpStatusCode.NotFound ? Vanished(MembershipTableOperation.Read) : Failure(MembershipTableOperation.Read, $"Cannot read {Client}: {ClusterObjectClient.WordsOf(answer)}", answer.Status);
        }
    }

    private MembershipTableData Read(JsonElement root)
    {
        try
        {
            return MembershipJson.Read(root);
        }
        catch (FormatException exception)
        {
            throw Failure(MembershipTableOperation.Read, $"{Client} is no membership table: {exception.Message}. Stop all silos and delete it; they make it anew.", null, exception);
        }
    }

    // A table that is gone must never look like one that is empty: the silos that run would go on, and new ones form a second cluster.
    private KubernetesClusteringException Vanished(MembershipTableOperation operation) => Failure(
        operation,
        $"{Client} does not exist. Where silos are running it was deleted under them: stop all silos of this cluster and start them again, so that they make it anew.",
        HttpStatusCode.NotFound);

    private KubernetesClusteringException Failure(MembershipTableOperation operation, string message, HttpStatusCode? status, Exception? cause = null)
    {
        _state.Failed(operation);
        return new(message, status, cause);
    }

    private async Task<string> NewObjectAsync(CancellationToken cancellationToken)
    {
        var metadata = new JsonObject { ["name"] = Client.Name, ["namespace"] = Client.Namespace };
        if (_options.Owner is { } owner && await FindOwnerAsync(owner, cancellationToken).ConfigureAwait(false) is { } uid)
        {
            metadata["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = owner.ApiVersion, ["kind"] = owner.Kind, ["name"] = owner.Name, ["uid"] = uid });
        }

        return new JsonObject
        {
            ["apiVersion"] = $"{ClusterObjectClient.Group}/{ClusterObjectClient.Version}",
            ["kind"] = ClusterObjectClient.Kind,
            ["metadata"] = metadata,
            ["table"] = new JsonObject { ["version"] = 0, ["etag"] = TablePatch.NewEtag(), ["silos"] = new JsonObject() },
            ["heartbeats"] = new JsonObject(),
        }.ToJsonString();
    }

    private async Task<string?> FindOwnerAsync(ClusterOwner owner, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetOwnerAsync(owner, cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccess && answer.Body!.RootElement.GetProperty("metadata").GetProperty("uid").GetString() is { Length: > 0 } uid)
            {
                return uid;
            }

            LogNoOwner(_logger, Client.Name, owner.Kind, owner.Name, ClusterObjectClient.WordsOf(answer));
        }
        catch (KubernetesClusteringException exception)
        {
            LogNoOwner(_logger, Client.Name, owner.Kind, owner.Name, exception.Message);
        }

        return null;
    }

    private string NamespaceOf(KubernetesClientConfiguration configuration) =>
        FirstOf(_options.Namespace, Environment.GetEnvironmentVariable("POD_NAMESPACE"), File.Exists(ServiceAccountNamespace) ? File.ReadAllText(ServiceAccountNamespace).Trim() : null, configuration.Namespace, "default");

    private static string FirstOf(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrEmpty(text))
            {
                return text;
            }
        }

        return "";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Created the OrleansCluster {Namespace}/{Name}: silos find each other in it")]
    private static partial void LogCreated(ILogger logger, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The OrleansCluster {Name} is made without an owner, and stays when the silos are uninstalled, because {Kind} {Owner} could not be read: {Why}")]
    private static partial void LogNoOwner(ILogger logger, string name, string kind, string owner, string why);
}
