using System.Net;
using System.Text.Json.Nodes;
using InfraOperator.Clustering.Kubernetes;
using static InfraOperator.Conformance.Membership.Entries;

namespace InfraOperator.Conformance.Membership;

/// <summary>The object as it is stored: later versions and people with kubectl read it.</summary>
public abstract class StoredObjectConformance : MembershipSuite
{
    [Fact]
    public async Task A_table_is_stored_as_the_definition_says()
    {
        var entry = Entry(SiloStatus.Active, SiloAddress.New(IPAddress.Parse("10.0.3.7"), 11111, 154432127), Noon.AddTicks(1));
        var voter = SiloAddress.New(IPAddress.Parse("10.0.3.8"), 11111, 154432128);
        entry.SuspectTimes = [Tuple.Create(voter, Noon)];
        var table = await InsertAsync(entry);
        await Table.UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Noon.AddSeconds(30)), Cancelled);

        var stored = (await Stored.GetAsync())!;

        Assert.Equal("orleans.runner.codes/v1alpha1", (string?)stored["apiVersion"]);
        Assert.Equal("OrleansCluster", (string?)stored["kind"]);
        Assert.Equal(ClusterId, (string?)stored["metadata"]!["name"]);
        Assert.True(JsonNode.DeepEquals(stored["heartbeats"], JsonNode.Parse("""{"10.0.3.7:11111@154432127":"2026-03-01T12:00:30.0000000Z"}""")), stored.ToJsonString());
        Assert.True(JsonNode.DeepEquals(stored["table"], JsonNode.Parse($$"""
            {
              "version": 1, "etag": "{{table.Version.VersionEtag}}",
              "silos": {
                "10.0.3.7:11111@154432127": {
                  "etag": "{{table.Members[0].Item2}}", "status": "Active", "siloName": "silo-0", "hostName": "node-a.example.com", "roleName": "workers",
                  "proxyPort": 30000, "faultZone": 3, "updateZone": 4, "startTime": "2026-03-01T12:00:00.0000001Z", "iAmAliveTime": "2026-03-01T12:00:00.0000001Z",
                  "suspectTimes": [{"silo": "10.0.3.8:11111@154432128", "time": "2026-03-01T12:00:00.0000000Z"}]
                }
              }
            }
            """)), stored.ToJsonString());
    }

    [Theory]
    [InlineData("fd00:10:244::1f")]
    [InlineData("::1")]
    [InlineData("fe80::1%3")]
    public async Task Addresses_of_IPv6_are_as_good(string address)
    {
        var entry = Entry(SiloStatus.Active, NewSilo(address));
        entry.SuspectTimes = [Tuple.Create(NewSilo("fd00::2"), Noon)];
        await InsertAsync(entry);
        await Table.UpdateIAmAliveAsync(Entry(silo: entry.SiloAddress, at: Noon.AddMinutes(1)), Cancelled);
        entry.IAmAliveTime = Noon.AddMinutes(1);

        Assert.Equal(Text(entry), Text(Assert.Single((await Table.ReadRowAsync(entry.SiloAddress, Cancelled)).Members).Item1));
        entry.Status = SiloStatus.Dead;
        await UpdateAsync(entry);
        await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled);
        Assert.Empty((await ReadAsync()).Members);
    }

    [Fact]
    public async Task A_hundred_and_twenty_five_silos_fit_and_are_removed_at_once()
    {
        var version = (await ReadAsync()).Version;
        for (var i = 0; i < 125; i++)
        {
            var entry = Entry(i < 100 ? SiloStatus.Dead : SiloStatus.Active, NewSilo($"10.0.{i}.7"));
            entry.SuspectTimes = [Vote(Noon), Vote(Noon), Vote(Noon)];
            Assert.True(await Table.InsertRowAsync(entry, version.Next(), Cancelled));
            version = (await Table.ReadRowAsync(entry.SiloAddress, Cancelled)).Version;
        }

        var full = await ReadAsync();
        Assert.Equal((125, 125), (full.Members.Count, full.Version.Version));

        await Table.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1), Cancelled);

        Assert.Equal(25, (await ReadAsync()).Members.Count);
    }

    [Fact]
    public async Task What_a_later_version_wrote_into_a_row_stays()
    {
        var entry = Entry();
        await InsertAsync(entry);
        var key = entry.SiloAddress.ToParsableString();
        var metadata = JsonNode.Parse("""{"zone":"a","list":[1,{"deep":null}]}""");
        await Stored.MergeAsync(new() { ["table"] = new JsonObject { ["silos"] = new JsonObject { [key] = new JsonObject { ["metadata"] = metadata!.DeepClone(), ["weight"] = 7 } } } });
        entry.Status = SiloStatus.Active;

        await UpdateAsync(entry);
        await Table.UpdateIAmAliveAsync(entry, Cancelled);

        var row = (await Stored.RowAsync(key))!;
        Assert.Equal("Active", (string?)row["status"]);
        Assert.Equal(7, (int?)row["weight"]);
        Assert.Equal("a", (string?)row["metadata"]!["zone"]);
        Assert.Equal(1, (int?)row["metadata"]!["list"]![0]);
    }

    [Fact]
    public async Task A_row_that_the_definition_does_not_allow_is_refused_by_an_exception()
    {
        var entry = Entry();
        var table = await InsertAsync(entry);
        entry.ProxyPort = 70000;

        var update = await Assert.ThrowsAsync<KubernetesClusteringException>(() => Table.UpdateRowAsync(entry, table.Members[0].Item2, table.Version.Next(), Cancelled));
        entry.SiloAddress = NewSilo();
        var insert = await Assert.ThrowsAsync<KubernetesClusteringException>(() => Table.InsertRowAsync(entry, table.Version.Next(), Cancelled));

        Assert.All([update, insert], thrown =>
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, thrown.StatusCode);
            Assert.Contains("proxyPort", thrown.Message);
        });
        Assert.Equal(Text(table), Text(await ReadAsync()));
    }

    [Fact]
    public async Task The_same_row_upon_an_older_table_is_refused_without_an_exception()
    {
        var old = await ReadAsync();
        await InsertAsync(Entry());
        var entry = Entry();
        entry.ProxyPort = 70000;

        Assert.False(await Table.InsertRowAsync(entry, old.Version.Next(), Cancelled));
    }

    [Theory]
    [InlineData("""{"table":null}""")]
    [InlineData("""{"table":{"etag":null}}""")]
    [InlineData("""{"table":{"version":null}}""")]
    [InlineData("""{"table":{"version":-1}}""")]
    [InlineData("""{"table":{"silos":null}}""")]
    [InlineData("""{"table":{"silos":{"10.0.3.7:11111@1":{}}}}""")]
    [InlineData("""{"heartbeats":{"10.0.3.7:11111@1":"yesterday"}}""")]
    public async Task What_silos_could_not_read_is_refused_to_everybody(string patch)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Stored.MergeAsync(JsonNode.Parse(patch)!.AsObject()));
        Assert.Empty((await ReadAsync()).Members);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_named()
    {
        await InsertAsync(Entry());
        var row = JsonNode.Parse("""
            {"etag":"1","status":"Sleeping","proxyPort":0,"faultZone":0,"updateZone":0,"startTime":"2026-03-01T12:00:00Z","iAmAliveTime":"2026-03-01T12:00:00Z"}
            """);
        await Stored.MergeAsync(new() { ["table"] = new JsonObject { ["silos"] = new JsonObject { ["10.0.3.7:11111@1"] = row } } });

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(ReadAsync);

        Assert.Contains("10.0.3.7:11111@1", thrown.Message);
        Assert.Contains("Sleeping", thrown.Message);
    }

    [Fact]
    public async Task What_was_read_last_is_told()
    {
        var state = new MembershipTableState(TimeProvider.System);
        IMembershipTable table = Open(state: state);
        await InsertAsync(Entry(SiloStatus.Active));
        await InsertAsync(Entry(SiloStatus.Active));
        await InsertAsync(Entry(SiloStatus.Dead));
        Assert.Null(state.LastRead);

        await table.ReadAllAsync(Cancelled);

        Assert.Equal((3, 2), (state.LastRead?.Version, state.LastRead?.ActiveSilos));
        Assert.Equal(1, state.Requests(MembershipTableOperation.Read));
        Assert.True(state.ReadAge < TimeSpan.FromMinutes(1));
        Assert.All(Enum.GetValues<MembershipTableOperation>(), operation => Assert.Equal(0, state.Failures(operation)));
    }
}
