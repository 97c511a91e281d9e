using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Conformance.Kubernetes;
using InfraOperator.Sandbox.Kubernetes;

namespace InfraOperator.Sandbox.Tests.Kubernetes;

/// <summary>What the sandbox has beyond a real API server: direct access, counters, faults.</summary>
public sealed class SandboxApiServerTests : IAsyncLifetime
{
    private const string Collection = $"{Widgets.Resource}/namespaces/default/widgets";

    private SandboxApiServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SandboxApiServer.StartAsync(new() { History = 4, Manifests = [Widgets.Definition, Widgets.Named("one").ToJsonString()] }, Cancelled);
        _client = new HttpClient { BaseAddress = _server.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Direct_access_sees_and_makes_what_clients_do()
    {
        Assert.Equal("Small", (string?)_server.Get("widgets", "default", "one")!["spec"]!["size"]);
        Assert.Null(_server.Get("widgets", "default", "none"));

        _server.Apply(Widgets.Named("one", """{"count":2}""").ToJsonString());
        _server.Patch("widgets/status", "default", "one", """{"status":{"count":7}}""");
        Assert.Equal(("2", "7"), ($"{_server.Get("widgets", "default", "one")!["spec"]!["count"]}", $"{_server.Get("widgets", "default", "one")!["status"]!["count"]}"));
        Assert.Contains("spec.count", Assert.Throws<InvalidOperationException>(() => _server.Apply(Widgets.Named("one", """{"count":99}""").ToJsonString())).Message);

        _server.Delete("widgets", "default", "one");
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"{Collection}/one", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Requests_are_counted_by_verb_and_resource()
    {
        await _client.GetAsync($"{Collection}/one", Cancelled);
        await MergeAsync("one/status", """{"status":{"count":7}}""");

        Assert.Equal((1, 1, 0), (_server.Requests("get", "widgets"), _server.Requests("patch", "widgets/status"), _server.Requests("patch", "widgets")));
        Assert.Equal("""{"status":{"count":7}}""", _server.Log[^1].Body);
    }

    [Fact]
    public async Task A_fault_answers_in_the_place_of_the_server()
    {
        _server.Fault = request => request.Verb == "patch" ? new() { Code = 429, Reason = "TooManyRequests", Message = "slow down", RetryAfter = TimeSpan.FromSeconds(3) } : null;

        using var refused = await MergeAsync("one", """{"spec":{"count":1}}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), refused.Headers.RetryAfter!.Delta);
        Assert.Equal("slow down", (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancelled))!["message"]);
        Assert.Null(_server.Get("widgets", "default", "one")!["spec"]!["count"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_can_break_before_or_after_the_write(bool after)
    {
        _server.Fault = request => request.Verb == "patch" ? new() { ResetBeforeActing = !after, ResetAfterActing = after } : null;

        await Assert.ThrowsAsync<HttpRequestException>(() => MergeAsync("one", """{"spec":{"count":1}}"""));

        Assert.Equal(after ? "1" : "", $"{_server.Get("widgets", "default", "one")!["spec"]!["count"]}");
    }

    [Fact]
    public async Task Old_versions_are_forgotten_by_number_and_on_demand()
    {
        var first = (string)_server.Get("widgets", "default", "one")!["metadata"]!["resourceVersion"]!;
        for (var i = 0; i < 9; i++)
        {
            _server.Patch("widgets/status", "default", "one", $$$"""{"status":{"count":{{{i}}}}}""");
        }

        using var stream = await WatchAsync(first);
        Assert.Contains("\"code\":410", await stream.ReadLineAsync(Cancelled));

        var latest = (string)_server.Get("widgets", "default", "one")!["metadata"]!["resourceVersion"]!;
        _server.ForgetHistory();
        using var again = await WatchAsync(latest);
        Assert.Contains("\"code\":410", await again.ReadLineAsync(Cancelled));
    }

    [Fact]
    public async Task Watches_can_be_silenced_and_dropped()
    {
        using var stream = await WatchAsync((string)_server.Get("widgets", "default", "one")!["metadata"]!["resourceVersion"]!);
        _server.SilenceWatches();
        var line = stream.ReadLineAsync(Cancelled).AsTask();
        _server.Patch("widgets/status", "default", "one", """{"status":{"count":1}}""");
        await _client.GetAsync($"{Collection}/one", Cancelled);
        Assert.False(line.IsCompleted);

        _server.SilenceWatches(false);
        Assert.Contains("\"count\":1", await line);

        _server.DropWatches();
        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.ReadLineAsync(Cancelled));
    }

    [Fact]
    public void A_changed_definition_holds_for_the_objects_that_are_there()
    {
        _server.Apply(Widgets.Definition.Replace("count: {type: integer, minimum: 1, maximum: 5}", "count: {type: integer, default: 3}"));
        Assert.Equal("3", $"{_server.Get("widgets", "default", "one")!["spec"]!["count"]}");

        _server.Delete("customresourcedefinitions", null, "widgets.conformance.example.com");
        Assert.Throws<InvalidOperationException>(() => _server.Get("widgets", "default", "one"));
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/apis/nothing/v1/things", 404)]
    [InlineData("POST", "/api/v1/namespaces", 400)]
    [InlineData("POST", "/api/v1/namespaces/default/pods", 400)]
    [InlineData("TRACE", Collection, 405)]
    [InlineData("PATCH", $"{Collection}/one", 415)]
    [InlineData("DELETE", $"{Collection}/one/status", 405)]
    public async Task Nonsense_is_answered(string method, string path, int code)
    {
        using var request = new HttpRequestMessage(new(method), path);
        using var answer = await _client.SendAsync(request, Cancelled);

        Assert.Equal(code, (int)answer.StatusCode);
        Assert.Equal("Status", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!["kind"]);
    }

    private async Task<HttpResponseMessage> MergeAsync(string path, string patch)
    {
        using var content = new StringContent(patch, Encoding.UTF8, "application/merge-patch+json");
        return await _client.PatchAsync($"{Collection}/{path}", content, Cancelled);
    }

    private async Task<StreamReader> WatchAsync(string version) =>
        new(await _client.GetStreamAsync($"{Collection}?watch=true&resourceVersion={version}", Cancelled));
}
