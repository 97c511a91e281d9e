using System.Net;
using InfraOperator.Clustering.Kubernetes.Tests.Fakes;
using InfraOperator.Conformance.Membership;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Clustering.Kubernetes.Tests.Storage;

/// <summary>What is made of an API server that refuses, errs or does not answer.</summary>
public class RefusalTests
{
    private static readonly FakeAnswer Failed = FakeAnswer.Refusal(422, "Invalid", "the server rejected our request due to an error in our request");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Denials => new()
    {
        { "get", "read" }, { "patch", "insert" }, { "patch", "update" }, { "patch", "heartbeat" }, { "delete", "delete" },
    };

    [Theory]
    [MemberData(nameof(Denials))]
    public async Task A_denial_is_told_with_verb_and_resource(string verb, string call)
    {
        await using var fixture = await TableFixture.StartAsync(FakeAnswer.Refusal(403, "Forbidden", "orleansclusters is forbidden: no RBAC policy matched"));
        var entry = Entries.Entry();

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => call switch
        {
            "read" => fixture.Table.ReadAllAsync(Cancelled),
            "insert" => fixture.Table.InsertRowAsync(entry, new(1, "a"), Cancelled),
            "update" => fixture.Table.UpdateRowAsync(entry, "b", new(1, "a"), Cancelled),
            "heartbeat" => fixture.Table.UpdateIAmAliveAsync(entry, Cancelled),
            _ => fixture.Table.DeleteMembershipTableEntriesAsync("fake", Cancelled),
        });

        Assert.Equal(HttpStatusCode.Forbidden, thrown.StatusCode);
        Assert.Contains($"\"{verb}\" \"orleansclusters.orleans.runner.codes\" in namespace \"silos\"", thrown.Message);
        Assert.Contains("no RBAC policy matched", thrown.Message);
        Assert.Equal(1, Enum.GetValues<MembershipTableOperation>().Sum(fixture.State.Failures));
    }

    [Fact]
    public async Task A_denied_create_is_told_with_verb_and_resource()
    {
        await using var fixture = await TableFixture.StartAsync(FakeAnswer.Refusal(404, "NotFound", "gone"), FakeAnswer.Refusal(403, "Forbidden", "no"));

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.InitializeMembershipTableAsync(true, Cancelled));

        Assert.Contains("\"create\" \"orleansclusters.orleans.runner.codes\"", thrown.Message);
    }

    [Fact]
    public async Task A_missing_definition_is_named()
    {
        await using var fixture = await TableFixture.StartAsync(
            new FakeAnswer(404, "404 page not found\n", "text/plain"), new FakeAnswer(404, "404 page not found\n", "text/plain"));

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.InitializeMembershipTableAsync(true, Cancelled));

        Assert.Contains("CustomResourceDefinition orleansclusters.orleans.runner.codes", thrown.Message);
        Assert.Equal(1, fixture.State.Failures(MembershipTableOperation.Create));
    }

    [Fact]
    public async Task That_another_silo_made_the_table_first_is_fine()
    {
        await using var fixture = await TableFixture.StartAsync(FakeAnswer.Refusal(404, "NotFound", "gone"), FakeAnswer.Refusal(409, "AlreadyExists", "there"));

        await fixture.Table.InitializeMembershipTableAsync(true, Cancelled);

        Assert.Equal(["GET", "POST"], fixture.Server.Requests.Select(request => request.Method));
        Assert.Equal(0, fixture.State.Failures(MembershipTableOperation.Create));
    }

    [Theory]
    [InlineData(2, "other")]
    [InlineData(1, "a")]
    [InlineData(0, "other")]
    public async Task A_refused_patch_upon_a_table_that_has_changed_is_contention(int version, string etag)
    {
        await using var fixture = await TableFixture.StartAsync(Failed, FakeAnswer.Table(version, etag), Failed, FakeAnswer.Table(version, etag));

        Assert.False(await fixture.Table.InsertRowAsync(Entries.Entry(), new(1, "a"), Cancelled));
        Assert.False(await fixture.Table.UpdateRowAsync(Entries.Entry(), "b", new(1, "a"), Cancelled));
        Assert.Equal(0, fixture.State.Failures(MembershipTableOperation.Insert) + fixture.State.Failures(MembershipTableOperation.Update));
    }

    [Fact]
    public async Task A_refused_patch_upon_the_table_that_was_read_is_a_refusal()
    {
        var entry = Entries.Entry();
        await using var fixture = await TableFixture.StartAsync(Failed, FakeAnswer.Table(0, "a"), Failed, FakeAnswer.Table(0, "a", Row(entry, "b")));

        var insert = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.InsertRowAsync(entry, new(1, "a"), Cancelled));
        var update = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.UpdateRowAsync(entry, "b", new(1, "a"), Cancelled));

        Assert.All([insert, update], thrown => Assert.Contains("due to an error in our request", thrown.Message));
        Assert.Equal((1, 1), (fixture.State.Failures(MembershipTableOperation.Insert), fixture.State.Failures(MembershipTableOperation.Update)));
    }

    [Fact]
    public async Task A_refused_patch_of_a_row_that_is_not_as_it_was_is_contention()
    {
        var entry = Entries.Entry();
        await using var fixture = await TableFixture.StartAsync(
            Failed, FakeAnswer.Table(0, "a", Row(entry, "other")), Failed, FakeAnswer.Table(0, "a"), Failed, FakeAnswer.Table(0, "a", Row(entry, "b")));

        Assert.False(await fixture.Table.UpdateRowAsync(entry, "b", new(1, "a"), Cancelled), "The row has another etag.");
        Assert.False(await fixture.Table.UpdateRowAsync(entry, "b", new(1, "a"), Cancelled), "The row is gone.");
        Assert.False(await fixture.Table.InsertRowAsync(entry, new(1, "a"), Cancelled), "The row is there.");
    }

    [Fact]
    public async Task Where_the_table_cannot_be_read_again_nobody_says_that_nothing_was_written()
    {
        await using var fixture = await TableFixture.StartAsync(Failed, FakeAnswer.Refusal(503, "ServiceUnavailable", "etcd is away"));

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.InsertRowAsync(Entries.Entry(), new(1, "a"), Cancelled));

        Assert.Contains("etcd is away", thrown.Message);
    }

    [Theory]
    [InlineData(500, "upstream connect error", "text/plain")]
    [InlineData(503, "<html>proxy</html>", "text/html")]
    [InlineData(401, "{}", "application/json")]
    [InlineData(429, "{\"message\":\"slow down\"}", "application/json")]
    public async Task Whoever_answers_something_else_is_quoted(int status, string body, string type)
    {
        await using var fixture = await TableFixture.StartAsync(new FakeAnswer(status, body, type));

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.ReadAllAsync(Cancelled));

        Assert.Equal(status, (int)thrown.StatusCode!);
        Assert.Contains("OrleansCluster \"silos/fake\"", thrown.Message);
        Assert.Null(fixture.State.LastRead);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("<html>a proxy's page</html>")]
    [InlineData("""{"table":{"version":0,"silos":{}}}""")]
    [InlineData("""{"table":{"version":"0","etag":"a","silos":{}}}""")]
    [InlineData("""{"table":{"version":0,"etag":"a"}}""")]
    [InlineData("""{"table":{"version":0,"etag":"a","silos":{"nonsense":{"etag":"b","status":"Dead"}}}}""")]
    public async Task What_is_no_table_never_looks_empty(string body)
    {
        await using var fixture = await TableFixture.StartAsync(new FakeAnswer(200, body));

        await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.ReadAllAsync(Cancelled));

        Assert.Null(fixture.State.LastRead);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_time_limit()
    {
        var time = new FakeTimeProvider();
        var never = new TaskCompletionSource();
        await using var fixture = await TableFixture.StartAsync(
            options => options.RequestTimeout = TimeSpan.FromSeconds(7), time, FakeAnswer.Table(0, "a") with { After = never.Task });
        var reading = fixture.Table.ReadAllAsync(Cancelled);
        await fixture.Server.ArrivalAsync();

        time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => reading);
        Assert.Contains("no answer within 7 s", thrown.Message);
        Assert.Null(thrown.StatusCode);
        Assert.Equal(1, fixture.State.Failures(MembershipTableOperation.Read));
    }

    [Fact]
    public async Task Whoever_cancels_gets_a_cancellation()
    {
        var never = new TaskCompletionSource();
        await using var fixture = await TableFixture.StartAsync(FakeAnswer.Table(0, "a") with { After = never.Task });
        using var stop = new CancellationTokenSource();
        var reading = fixture.Table.ReadAllAsync(stop.Token);
        await fixture.Server.ArrivalAsync();

        await stop.CancelAsync();

        Assert.Equal(stop.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => reading)).CancellationToken);
        Assert.Equal(0, fixture.State.Failures(MembershipTableOperation.Read));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        await using var fixture = await TableFixture.StartAsync();
        await fixture.Server.DisposeAsync();

        var thrown = await Assert.ThrowsAsync<KubernetesClusteringException>(() => fixture.Table.ReadAllAsync(Cancelled));

        Assert.Contains("no answer", thrown.Message);
        Assert.Null(thrown.StatusCode);
    }

    private static string Row(MembershipEntry entry, string etag) =>
        $$$"""{"{{{entry.SiloAddress.ToParsableString()}}}":{"etag":"{{{etag}}}","status":"Joining","proxyPort":0,"faultZone":0,"updateZone":0,"startTime":"2026-03-01T12:00:00Z","iAmAliveTime":"2026-03-01T12:00:00Z"}}""";
}
