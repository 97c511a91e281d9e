using System.Collections.Concurrent;
using System.Text.Json;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Clustering.Kubernetes.Tests.Fakes;

/// <summary>A request as it came.</summary>
internal sealed record FakeRequest(string Method, string Path, string Query, string? ContentType, string? Authorization, string Body)
{
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The answer to a request. Where <see cref="After"/> is set, it waits for that.</summary>
internal sealed record FakeAnswer(int Status, string Body, string ContentType = "application/json")
{
    public Task After { get; init; } = Task.CompletedTask;

    /// <summary>A Status object as API servers make it.</summary>
    public static FakeAnswer Refusal(int code, string reason, string message) =>
        new(code, JsonSerializer.Serialize(new { kind = "Status", apiVersion = "v1", status = "Failure", message, reason, code }));

    /// <summary>A table without rows.</summary>
    public static FakeAnswer Table(int version, string etag, string silos = "{}") => new(200, Object(version, etag, silos));

    public static string Object(int version, string etag, string silos = "{}") =>
        $$$"""{"apiVersion":"orleans.runner.codes/v1alpha1","kind":"OrleansCluster","metadata":{"name":"fake"},"table":{"version":{{{version}}},"etag":"{{{etag}}}","silos":{{{silos}}}},"heartbeats":{}}""";
}

/// <summary>An HTTP server whose answers are the test's, in the order of the requests.</summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<FakeAnswer> _answers = new();
    private readonly ConcurrentQueue<FakeRequest> _requests = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private FakeApiServer(WebApplication application) => _application = application;

    public KubernetesClientConfiguration Configuration => new() { Host = Url, AccessToken = "secret-token" };

    public string Url { get; private set; } = "";

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    public static async Task<FakeApiServer> StartAsync(params FakeAnswer[] answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var server = new FakeApiServer(application);
        foreach (var answer in answers)
        {
            server._answers.Enqueue(answer);
        }

        application.Run(server.AnswerAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        server.Url = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return server;
    }

    /// <summary>Completes when one more request is there.</summary>
    public async Task ArrivalAsync() => Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "No request came.");

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _arrived.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var answer = _answers.TryDequeue(out var next) ? next : new(500, "The test has no answer left.", "text/plain");
        _requests.Enqueue(new(context.Request.Method, context.Request.Path, context.Request.QueryString.Value ?? "", context.Request.ContentType, context.Request.Headers.Authorization, body));
        _arrived.Release();
        try
        {
            await answer.After.WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }
}
