using System.Text.Json.Nodes;
using InfraOperator.Clustering.Kubernetes.Tests.Fakes;
using InfraOperator.Conformance.Membership;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Clustering.Kubernetes.Tests.Storage;

/// <summary>What the table asks of the API server: no more than it needs, each in one request.</summary>
public class RequestTests
{
    private const string Object = "/apis/orleans.runner.codes/v1alpha1/namespaces/silos/orleansclusters/fake";
    private const string Deployment = """{"metadata":{"name":"web","uid":"uid-1"}}""";
    private static readonly FakeAnswer Done = FakeAnswer.Table(1, "b");
    private static readonly FakeAnswer Missing = FakeAnswer.Refusal(404, "NotFound", "there is none");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_insert_is_one_patch_that_tests_the_table_and_the_rows_absence()
    {
        var entry = Entries.Entry();
        await using var fixture = await TableFixture.StartAsync(Done);

        Assert.True(await fixture.Table.InsertRowAsync(entry, new(5, "a"), Cancelled));

        var request = Assert.Single(fixture.Server.Requests);
        Assert.Equal(($"PATCH {Object}", "application/json-patch+json", "Bearer secret-token"), (request.ToString(), request.ContentType, request.Authorization));
        Assert.Equal([("/table/etag", "a"), ("/table/version", "4"), ($"/table/silos/{entry.SiloAddress.ToParsableString()}", null)], Operations(request, "test"));
        Assert.Contains(("/table/version", "5"), Operations(request, "add"));
    }

    [Fact]
    public async Task An_update_is_one_patch_that_tests_the_table_and_the_row()
    {
        var entry = Entries.Entry();
        await using var fixture = await TableFixture.StartAsync(Done);

        Assert.True(await fixture.Table.UpdateRowAsync(entry, "row", new(5, "a"), Cancelled));

        Assert.Equal(
            [("/table/etag", "a"), ("/table/version", "4"), ($"/table/silos/{entry.SiloAddress.ToParsableString()}/etag", "row")],
            Operations(Assert.Single(fixture.Server.Requests), "test"));
    }

    [Fact]
    public async Task All_writes_name_one_field_manager()
    {
        await using var fixture = await TableFixture.StartAsync(Missing, Done, Done, Done, Done);

        await fixture.Table.InitializeMembershipTableAsync(true, Cancelled);
        await fixture.Table.InsertRowAsync(Entries.Entry(), new(1, "a"), Cancelled);
        await fixture.Table.UpdateRowAsync(Entries.Entry(), "row", new(1, "a"), Cancelled);
        await fixture.Table.UpdateIAmAliveAsync(Entries.Entry(), Cancelled);

        Assert.Equal(["GET", "POST", "PATCH", "PATCH", "PATCH"], fixture.Server.Requests.Select(request => request.Method));
        Assert.Equal("?fieldManager=orleans-clustering", Assert.Single(fixture.Server.Requests.Skip(1).Select(request => request.Query).Distinct()));
    }

    [Fact]
    public async Task Requests_are_counted_by_operation()
    {
        await using var fixture = await TableFixture.StartAsync(Missing, Done, Done, Done, Done, Done, Done);

        await fixture.Table.InitializeMembershipTableAsync(true, Cancelled);
        await fixture.Table.InsertRowAsync(Entries.Entry(), new(1, "a"), Cancelled);
        await fixture.Table.UpdateRowAsync(Entries.Entry(), "row", new(1, "a"), Cancelled);
        await fixture.Table.UpdateIAmAliveAsync(Entries.Entry(), Cancelled);
        await fixture.Table.ReadAllAsync(Cancelled);
        await fixture.Table.DeleteMembershipTableEntriesAsync("fake", Cancelled);

        Assert.Equal(
            "Read 2, Create 1, ReadOwner 0, Insert 1, Update 1, Heartbeat 1, Cleanup 0, Delete 1",
            string.Join(", ", Enum.GetValues<MembershipTableOperation>().Select(operation => $"{operation} {fixture.State.Requests(operation)}")));
    }

    [Fact]
    public async Task The_members_without_a_token_do_the_same()
    {
        await using var fixture = await TableFixture.StartAsync(Missing, Done, Done, Done, Done, Done, Done, Done, Done);
        var entry = Entries.Entry();

#pragma warning disable CS0618 // Orleans marks them obsolete and still has every table implement them; only a call can test them.
        await fixture.Table.InitializeMembershipTable(true);
        Assert.True(await fixture.Table.InsertRow(entry, new(1, "a")));
        Assert.True(await fixture.Table.UpdateRow(entry, "row", new(1, "a")));
        await fixture.Table.UpdateIAmAlive(entry);
        Assert.Equal(1, (await fixture.Table.ReadAll()).Version.Version);
        Assert.Equal(1, (await fixture.Table.ReadRow(entry.SiloAddress)).Version.Version);
        await fixture.Table.CleanupDefunctSiloEntries(Entries.Noon);
        await fixture.Table.DeleteMembershipTableEntries("fake");
#pragma warning restore CS0618

        Assert.Equal(["GET", "POST", "PATCH", "PATCH", "PATCH", "GET", "GET", "GET", "DELETE"], fixture.Server.Requests.Select(request => request.Method));
    }

    [Theory]
    [InlineData("apps/v1", "Deployment", null, "/apis/apps/v1/namespaces/silos/deployments/web")]
    [InlineData("v1", "ConfigMap", null, "/api/v1/namespaces/silos/configmaps/web")]
    [InlineData("networking.k8s.io/v1", "Ingress", null, "/apis/networking.k8s.io/v1/namespaces/silos/ingresses/web")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", null, "/apis/networking.k8s.io/v1/namespaces/silos/networkpolicies/web")]
    [InlineData("example.com/v1", "Ox", "oxen", "/apis/example.com/v1/namespaces/silos/oxen/web")]
    public async Task A_new_object_has_the_owner_that_was_asked_for(string apiVersion, string kind, string? resource, string path)
    {
        await using var fixture = await OwnedAsync(new() { ApiVersion = apiVersion, Kind = kind, Name = "web", Resource = resource }, new(200, Deployment));

        await fixture.Table.InitializeMembershipTableAsync(true, Cancelled);

        Assert.Equal(path, fixture.Server.Requests[1].Path);
        Assert.True(JsonNode.DeepEquals(
            Created(fixture)["ownerReferences"],
            new JsonArray(new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["name"] = "web", ["uid"] = "uid-1" })));
        Assert.DoesNotContain(fixture.Log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Without_its_owner_the_object_is_made_all_the_same_and_that_is_said(int code)
    {
        await using var fixture = await OwnedAsync(new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = "web" }, FakeAnswer.Refusal(code, "Some", "not for you"));

        await fixture.Table.InitializeMembershipTableAsync(true, Cancelled);

        Assert.Null(Created(fixture)["ownerReferences"]);
        var warning = Assert.Single(fixture.Log.Entries, entry => entry.Level == LogLevel.Warning).Text;
        Assert.Contains("Deployment web", warning);
        Assert.Contains("not for you", warning);
    }

    [Fact]
    public async Task An_object_that_is_there_keeps_its_owner_and_nobody_is_asked()
    {
        await using var fixture = await TableFixture.StartAsync(options => options.Owner = new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = "web" }, TimeProvider.System, Done);

        await fixture.Table.InitializeMembershipTableAsync(true, Cancelled);

        Assert.Single(fixture.Server.Requests);
    }

    [Fact]
    public async Task A_cleanup_without_dead_silos_writes_nothing()
    {
        await using var fixture = await TableFixture.StartAsync(Done);

        await fixture.Table.CleanupDefunctSiloEntriesAsync(Entries.Noon, Cancelled);

        Assert.Equal($"GET {Object}", Assert.Single(fixture.Server.Requests).ToString());
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"10.0.3.7:11111@1":"2026-03-01T12:00:01.0000000Z"}""", "2026-03-01T12:00:01.0000000Z")]
    public async Task A_cleanup_tests_that_its_rows_and_their_heartbeats_are_what_was_read(string heartbeats, string? heartbeat)
    {
        var read = $$$$"""
            {"table":{"version":1,"etag":"a","silos":{"10.0.3.7:11111@1":{"etag":"row","status":"Dead","proxyPort":0,"faultZone":0,"updateZone":0,
            "startTime":"2026-03-01T12:00:00Z","iAmAliveTime":"2026-03-01T12:00:00Z"}}},"heartbeats":{{{{heartbeats}}}}}
            """;
        await using var fixture = await TableFixture.StartAsync(new FakeAnswer(200, read), FakeAnswer.Refusal(422, "Invalid", "a test failed"), new FakeAnswer(200, read), Done);

        await fixture.Table.CleanupDefunctSiloEntriesAsync(Entries.Noon.AddDays(1), Cancelled);

        Assert.Equal(["GET", "PATCH", "GET", "PATCH"], fixture.Server.Requests.Select(request => request.Method));
        Assert.Equal([("/table/silos/10.0.3.7:11111@1/etag", "row"), ("/heartbeats/10.0.3.7:11111@1", heartbeat)], Operations(fixture.Server.Requests[1], "test"));
        Assert.Equal(heartbeat is null ? 1 : 2, Operations(fixture.Server.Requests[1], "remove").Count());
        Assert.Equal(0, fixture.State.Failures(MembershipTableOperation.Cleanup));
    }

    [Fact]
    public async Task A_name_of_its_own_is_used_in_place_of_the_cluster_id()
    {
        await using var fixture = await TableFixture.StartAsync(options => options.Name = "other", TimeProvider.System, Done);

        await fixture.Table.ReadAllAsync(Cancelled);

        Assert.EndsWith("/orleansclusters/other", Assert.Single(fixture.Server.Requests).Path);
    }

    private static Task<TableFixture> OwnedAsync(ClusterOwner owner, FakeAnswer answer) =>
        TableFixture.StartAsync(options => options.Owner = owner, TimeProvider.System, Missing, answer, new FakeAnswer(201, Done.Body));

    private static JsonNode Created(TableFixture fixture) => JsonNode.Parse(Assert.Single(fixture.Server.Requests, request => request.Method == "POST").Body)!["metadata"]!;

    private static IEnumerable<(string, string?)> Operations(FakeRequest request, string name) => JsonNode.Parse(request.Body)!.AsArray()
        .Where(operation => (string?)operation!["op"] == name)
        .Select(operation => ((string)operation!["path"]!, operation["value"]?.ToString()));
}
