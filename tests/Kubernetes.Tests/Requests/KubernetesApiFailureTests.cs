using System.Net;
using InfraOperator.Kubernetes.Tests.Fakes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Kubernetes.Tests.Requests;

/// <summary>What becomes of refusals and of silence: one exception each, that says what to do and what happened.</summary>
public sealed class KubernetesApiFailureTests : KubernetesApiTest
{
    private const string Terminating = """{"name":"ns","kind":"namespaces","causes":[{"reason":"NamespaceTerminating","message":"being terminated","field":"metadata.namespace"}]}""";
    private const string FieldCause = """{"name":"a","causes":[{"reason":"FieldValueInvalid","message":"bad","field":"status.x"}]}""";
    private const string LateFinalizer = """{"name":"a","causes":[{"reason":"FieldValueForbidden","message":"no new finalizers","field":"metadata.finalizers"}]}""";

    [Theory]
    [InlineData(400, "BadRequest", "{}", KubernetesFailure.Invalid, "invalid")]
    [InlineData(401, "Unauthorized", "{}", KubernetesFailure.Unauthorized, "unauthorized")]
    [InlineData(403, "Forbidden", "{}", KubernetesFailure.Forbidden, "forbidden")]
    [InlineData(403, "Forbidden", Terminating, KubernetesFailure.NamespaceTerminating, "the namespace is being deleted")]
    [InlineData(404, "NotFound", "{}", KubernetesFailure.NotFound, "not found")]
    [InlineData(409, "Conflict", "{}", KubernetesFailure.Conflict, "conflict")]
    [InlineData(410, "Expired", "{}", KubernetesFailure.Gone, "too old")]
    [InlineData(413, "RequestEntityTooLarge", "{}", KubernetesFailure.Invalid, "invalid")]
    [InlineData(422, "Invalid", "{}", KubernetesFailure.PreconditionFailed, "the object is not as expected")]
    [InlineData(422, "Invalid", LateFinalizer, KubernetesFailure.PreconditionFailed, "the object is not as expected")]
    [InlineData(422, "Invalid", FieldCause, KubernetesFailure.Invalid, "invalid")]
    [InlineData(429, "TooManyRequests", "{}", KubernetesFailure.TooManyRequests, "too many requests")]
    [InlineData(500, "InternalError", "{}", KubernetesFailure.Unavailable, "unavailable")]
    [InlineData(503, "ServiceUnavailable", "{}", KubernetesFailure.Unavailable, "unavailable")]
    [InlineData(418, "Teapot", "{}", KubernetesFailure.Unknown, "unexpected answer")]
    public async Task A_refusal_is_told_by_its_meaning_and_in_the_servers_words(int code, string reason, string details, KubernetesFailure failure, string word)
    {
        var call = Api.PatchAsync(Json.Kind, "ns", "a", "status", new JsonPatch(JsonPatchOperation.Add("/x", 1)), WidgetJson.Default.Widget, Cancellation);
        await (await Server.NextAsync()).RefuseAsync(code, reason, "the server's words", details);

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => call);

        Assert.Equal(failure, exception.Failure);
        Assert.Equal($"cannot patch widgets/status.example.com \"ns/a\": {word}: the server's words", exception.Message);
        Assert.Equal((code, reason), ((int)exception.Status!, exception.Reason));
        Assert.Equal(("patch", "widgets/status.example.com", "ns", "a"), (exception.Verb, exception.Resource, exception.Namespace, exception.Name));
        Assert.False(Server.HasUntakenRequest);
    }

    [Fact]
    public async Task A_refused_object_is_invalid_where_no_patch_was_sent()
    {
        var create = Api.CreateAsync(Json.Kind, "ns", new Widget(new WidgetMetadata("a", "ns", "", ""), null), WidgetJson.Default.Widget, Cancellation);
        await (await Server.NextAsync()).RefuseAsync(422, "Invalid");

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => create);

        Assert.Equal((KubernetesFailure.Invalid, "create"), (exception.Failure, exception.Verb));
        Assert.StartsWith("cannot create widgets.example.com in namespace \"ns\": invalid: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Retry-After", "3", "{}", 3)]
    [InlineData("X-None", "", """{"retryAfterSeconds":4}""", 4)]
    [InlineData("X-None", "", "{}", null)]
    public async Task What_the_server_asks_to_wait_is_passed_on_and_nothing_is_tried_again(string header, string value, string details, int? seconds)
    {
        var get = Api.GetSecretAsync("ns", "a", Cancellation);
        await (await Server.NextAsync()).RefuseAsync(429, "TooManyRequests", "slow down", details, (header, value));

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => get);

        Assert.Equal(seconds, exception.RetryAfter?.TotalSeconds);
        Assert.False(Server.HasUntakenRequest);
    }

    [Theory]
    [InlineData(502, "<html>bad gateway</html>", "unavailable: <html>bad gateway</html>")]
    [InlineData(404, "404 page not found\n", "unavailable: 404 page not found")]
    [InlineData(500, "", "unavailable (HTTP 500)")]
    [InlineData(500, "null", "unavailable: null")]
    [InlineData(403, "{\"kind\":7}", "forbidden: {\"kind\":7}")]
    public async Task A_refusal_in_words_of_somebody_on_the_way_is_passed_on(int code, string body, string expected)
    {
        var get = Api.GetSecretAsync("ns", "a", Cancellation);
        await (await Server.NextAsync()).RespondAsync(body, code);

        Assert.Equal($"cannot get secrets \"ns/a\": {expected}", (await Assert.ThrowsAsync<KubernetesApiException>(() => get)).Message);
    }

    [Fact]
    public async Task A_long_refusal_is_cut()
    {
        var get = Api.GetSecretAsync("ns", "a", Cancellation);
        await (await Server.NextAsync()).RespondAsync(new string('x', 200_000), 500);

        Assert.InRange((await Assert.ThrowsAsync<KubernetesApiException>(() => get)).Message.Length, 256, 400);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_takes_no_longer_than_its_limit(bool answerHasBegun)
    {
        var get = Api.GetSecretAsync("ns", "a", Cancellation);
        var request = await Server.NextAsync();
        if (answerHasBegun)
        {
            await request.OpenAsync();
            await request.WriteAsync("{\"data\":");
        }

        Time.Advance(TimeSpan.FromSeconds(30));

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => get);
        Assert.Equal((KubernetesFailure.Unavailable, (HttpStatusCode?)null), (exception.Failure, exception.Status));
        Assert.Equal("cannot get secrets \"ns/a\": no answer within 30 s", exception.Message);
        await request.GivenUp;
    }

    [Fact]
    public async Task Our_own_cancellation_is_no_failure_of_the_server()
    {
        using var cancellation = new CancellationTokenSource();
        var get = Api.GetSecretAsync("ns", "a", cancellation.Token);
        var request = await Server.NextAsync();
        await cancellation.CancelAsync();

        Assert.Equal(cancellation.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get)).CancellationToken);
        await request.GivenUp;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broken_connection_is_unavailable(bool answerHasBegun)
    {
        var get = Api.GetSecretAsync("ns", "a", Cancellation);
        var request = await Server.NextAsync();
        if (answerHasBegun)
        {
            await request.OpenAsync();
            await request.WriteAsync("{\"data\":");
        }

        request.Reset();

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => get);
        Assert.Equal((KubernetesFailure.Unavailable, (HttpStatusCode?)null), (exception.Failure, exception.Status));
        Assert.StartsWith("cannot get secrets \"ns/a\": no answer: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        var gone = await FakeApiServer.StartAsync();
        using var api = new KubernetesApi(gone.Configuration, Time, NullLoggerFactory.Instance);
        await gone.DisposeAsync();

        Assert.Equal(KubernetesFailure.Unavailable, (await Assert.ThrowsAsync<KubernetesApiException>(() => api.GetSecretAsync("ns", "a", Cancellation))).Failure);
    }

    [Fact]
    public async Task An_answer_that_makes_no_sense_is_unknown()
    {
        var get = Api.GetSecretAsync("ns", "a", Cancellation);
        await (await Server.NextAsync()).RespondAsync("{\"data\":[");

        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => get);
        Assert.Equal(KubernetesFailure.Unknown, exception.Failure);
        Assert.StartsWith("cannot get secrets \"ns/a\": the answer cannot be read: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 500, 32)]
    [InlineData(30, 0, 32)]
    [InlineData(30, 500, 0)]
    public void Options_out_of_bounds_are_refused_by_name(int seconds, int pageSize, int writesAtOnce)
    {
        var options = new KubernetesApiOptions { RequestTimeout = TimeSpan.FromSeconds(seconds), PageSize = pageSize, WritesAtOnce = writesAtOnce };

        var exception = Assert.Throws<ArgumentException>(() => new KubernetesApi(new KubernetesClientConfiguration { Host = "http://localhost" }, Time, NullLoggerFactory.Instance, options));
        Assert.StartsWith("KubernetesApiOptions.", exception.Message, StringComparison.Ordinal);
    }
}
