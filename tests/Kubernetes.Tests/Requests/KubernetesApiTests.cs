using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using InfraOperator.Kubernetes.Tests.Fakes;
using k8s.Authentication;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Kubernetes.Tests.Requests;

/// <summary>What is sent, and what becomes of good answers.</summary>
public sealed class KubernetesApiTests : KubernetesApiTest
{
    [Fact]
    public async Task Get_reads_one_object()
    {
        var get = Api.GetAsync(Json.Kind, "ns", "a b", WidgetJson.Default.Widget, Cancellation);
        var request = await Server.NextAsync();
        Assert.Equal(("GET", "/apis/example.com/v1/namespaces/ns/widgets/a b"), (request.Method, request.Path));
        Assert.Equal("application/json", request.Headers.Accept);
        await request.RespondAsync(Json.Widget("a", 5));

        Assert.Equal("5", (await get).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_base_path_of_the_server_is_kept()
    {
        var configuration = Server.Configuration;
        configuration.Host += "/k8s/clusters/c-1";
        using var api = new KubernetesApi(configuration, Time, NullLoggerFactory.Instance);
        var get = api.GetAsync(new ResourceKind("", "v1", "namespaces", "Namespace"), null, "a", WidgetJson.Default.Widget, Cancellation);
        var request = await Server.NextAsync();
        Assert.Equal("/k8s/clusters/c-1/api/v1/namespaces/a", request.Path);
        await request.RespondAsync(Json.Widget("a", 5));
        await get;
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("../../secrets/other")]
    [InlineData("a%2F..")]
    public async Task A_name_that_would_change_the_path_is_never_sent(string name)
    {
        var inName = await Assert.ThrowsAsync<KubernetesApiException>(() => Api.GetSecretAsync("ns", name, Cancellation));
        var inNamespace = await Assert.ThrowsAsync<KubernetesApiException>(() => Api.GetSecretAsync(name, "a", Cancellation));

        Assert.Equal((KubernetesFailure.Invalid, KubernetesFailure.Invalid), (inName.Failure, inNamespace.Failure));
        Assert.Contains($"\"{name}\" is not a possible name", inName.Message, StringComparison.Ordinal);
        Assert.False(Server.HasUntakenRequest);
    }

    [Fact]
    public async Task Patch_sends_operations_and_returns_what_is_stored()
    {
        var patch = StatusPatch.Between("u1", new JsonObject(), new JsonObject { ["ready"] = true })!;
        var call = Api.PatchAsync(Json.Kind, "ns", "a", "status", patch, WidgetJson.Default.Widget, Cancellation);
        var request = await Server.NextAsync();
        Assert.Equal(("PATCH", "/apis/example.com/v1/namespaces/ns/widgets/a/status"), (request.Method, request.Path));
        Assert.Equal("application/json-patch+json", request.Headers.ContentType);
        Assert.Equal("""[{"op":"test","path":"/metadata/uid","value":"u1"},{"op":"add","path":"/status/ready","value":true}]""", request.Body);
        await request.RespondAsync(Json.Widget("a", 8));

        Assert.Equal("8", (await call).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_secret_gives_its_bytes()
    {
        var get = Api.GetSecretAsync("ns", "keys", Cancellation);
        var request = await Server.NextAsync();
        Assert.Equal("/api/v1/namespaces/ns/secrets/keys", request.Path);
        await request.RespondAsync("""{"kind":"Secret","data":{"id":"QUtJQQ==","empty":""},"type":"Opaque"}""");

        var secret = await get;
        Assert.Equal("AKIA"u8.ToArray(), secret["id"]);
        Assert.Empty(secret["empty"]);
        Assert.Equal(2, secret.Count);
    }

    [Fact]
    public async Task A_secret_without_data_is_empty()
    {
        var get = Api.GetSecretAsync("ns", "keys", Cancellation);
        await (await Server.NextAsync()).RespondAsync("""{"kind":"Secret"}""");

        Assert.Empty(await get);
    }

    [Fact]
    public async Task List_reads_page_after_page_of_one_moment()
    {
        var list = ListAsync();
        var first = await Server.NextAsync();
        Assert.Equal(("/apis/example.com/v1/widgets", "500"), (first.Path, first.Query["limit"].ToString()));
        Assert.False(first.Query.ContainsKey("resourceVersion"));
        await first.RespondAsync(Json.List(9, "c=1", Json.Widget("a", 1), Json.Widget("b", 2)));
        var second = await Server.NextAsync();
        Assert.Equal("c=1", second.Query["continue"]);
        await second.RespondAsync(Json.List(9, "", Json.Widget("c", 3)));

        Assert.Equal(["a", "b", "c"], await list);
    }

    [Fact]
    public async Task A_list_whose_moment_is_forgotten_throws_instead_of_starting_again()
    {
        var list = ListAsync();
        await (await Server.NextAsync()).RespondAsync(Json.List(9, "c", Json.Widget("a", 1)));
        await (await Server.NextAsync()).RefuseAsync(410, "Expired");

        Assert.Equal(KubernetesFailure.Gone, (await Assert.ThrowsAsync<KubernetesApiException>(() => list)).Failure);
        Assert.False(Server.HasUntakenRequest);
    }

    [Fact]
    public async Task A_list_with_an_object_that_cannot_be_read_throws_and_names_it()
    {
        var list = ListAsync();
        await (await Server.NextAsync()).RespondAsync(Json.List(9, "", Json.Widget("bad", 1, spec: "7")));

        Assert.Contains("\"default/bad\" cannot be read", (await Assert.ThrowsAsync<KubernetesApiException>(() => list)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_asked_for_with_each_request()
    {
        var tokens = new CountingTokens();
        var configuration = Server.Configuration;
        configuration.TokenProvider = tokens;
        using var api = new KubernetesApi(configuration, Time, NullLoggerFactory.Instance);
        for (var i = 1; i <= 2; i++)
        {
            var get = api.GetAsync(Json.Kind, "ns", "a", WidgetJson.Default.Widget, Cancellation);
            var request = await Server.NextAsync();
            Assert.Equal($"Bearer token-{i}", request.Headers.Authorization);
            await request.RespondAsync(Json.Widget("a", 1));
            await get;
        }

        tokens.Failure = new IOException("token file is gone");
        var failure = await Assert.ThrowsAsync<KubernetesApiException>(() => api.GetSecretAsync("ns", "a", Cancellation));
        Assert.Equal((KubernetesFailure.Unauthorized, "cannot get secrets \"ns/a\": no credentials: token file is gone"), (failure.Failure, failure.Message));
    }

    [Fact]
    public async Task A_stuck_watch_holds_no_request_up()
    {
        await using var fixture = await WatcherFixture.StartAsync();
        var watch = await fixture.ListAndOpenAsync(1);
        var first = Api.GetAsync(Json.Kind, "ns", "a", WidgetJson.Default.Widget, Cancellation);
        await (await Server.NextAsync()).RespondAsync(Json.Widget("a", 1));
        await first;
        await watch.EventAsync("ADDED", Json.Widget("b", 2));
        await fixture.Handler.ExpectAsync("changed default/b u1@2 size 1");
    }

    [Fact]
    public async Task A_write_beyond_the_bound_waits_while_reads_go_and_is_not_sent_if_it_may_not_be_made_any_more()
    {
        string? refusal = null;
        using var api = new KubernetesApi(Server.Configuration, Time, NullLoggerFactory.Instance, new() { WritesAtOnce = 1, WriteRefusal = () => refusal });
        var first = PatchAsync(api, "first");
        var request = await Server.NextAsync();
        Assert.EndsWith("/first/status", request.Path, StringComparison.Ordinal);

        var (second, third) = (PatchAsync(api, "second"), PatchAsync(api, "third"));
        var get = api.GetAsync(Json.Kind, "ns", "read", WidgetJson.Default.Widget, Cancellation);
        var read = await Server.NextAsync();
        Assert.EndsWith("/read", read.Path, StringComparison.Ordinal);
        await read.RespondAsync(Json.Widget("read", 1));
        await get;

        // What waits for its turn is not what the time limit is for.
        Time.Advance(TimeSpan.FromSeconds(20));
        await request.RespondAsync(Json.Widget("first", 1));
        await first;
        var next = await Server.NextAsync();
        Assert.EndsWith("/second/status", next.Path, StringComparison.Ordinal);
        Time.Advance(TimeSpan.FromSeconds(20));
        refusal = "the silo has lost its place";
        await next.RespondAsync(Json.Widget("second", 1));
        await second;

        Assert.Contains(refusal, (await Assert.ThrowsAsync<KubernetesApiException>(() => third)).Message, StringComparison.Ordinal);
        Assert.False(Server.HasUntakenRequest);
    }

    private static Task<Widget> PatchAsync(KubernetesApi api, string name) =>
        api.PatchAsync(Json.Kind, "ns", name, "status", StatusPatch.Between("u1", [], new JsonObject { ["ready"] = true })!, WidgetJson.Default.Widget, Cancellation);

    private async Task<List<string>> ListAsync()
    {
        List<string> names = [];
        await foreach (var widget in Api.ListAsync(Json.Kind, null, WidgetJson.Default.Widget, Cancellation))
        {
            names.Add(widget.Metadata.Name);
        }

        return names;
    }

    private sealed class CountingTokens : ITokenProvider
    {
        private int _count;

        public Exception? Failure { get; set; }

        public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken) =>
            Failure is null ? Task.FromResult(new AuthenticationHeaderValue("Bearer", $"token-{++_count}")) : throw Failure;
    }
}
