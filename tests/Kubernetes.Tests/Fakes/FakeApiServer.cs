using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Tests.Fakes;

/// <summary>
/// An HTTP server that does nothing by itself: the test takes each request as it comes and answers it, so that every pause,
/// reset and order of things is the test's own.
/// </summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly WebApplication _application;
    private readonly Channel<FakeRequest> _requests = Channel.CreateUnbounded<FakeRequest>();

    private readonly ConcurrentBag<FakeRequest> _received = [];

    private FakeApiServer(WebApplication application) => _application = application;

    public string Url => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public KubernetesClientConfiguration Configuration => new() { Host = Url, AccessToken = "secret-token" };

    public static async Task<FakeApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MinResponseDataRate = null);
        var application = builder.Build();
        var server = new FakeApiServer(application);
        application.Run(server.ReceiveAsync);
        await application.StartAsync();
        return server;
    }

    /// <summary>The next request; fails if none comes.</summary>
    public async Task<FakeRequest> NextAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            return await _requests.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The fake API server waited for a request, and none came.");
        }
    }

    /// <summary>Whether a request has come that nobody took.</summary>
    public bool HasUntakenRequest => _requests.Reader.Count > 0;

    public async ValueTask DisposeAsync()
    {
        _requests.Writer.Complete();
        foreach (var request in _received)
        {
            request.Reset();
        }

        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var request = new FakeRequest(context, await reader.ReadToEndAsync(context.RequestAborted));
        _received.Add(request);
        if (_requests.Writer.TryWrite(request))
        {
            await request.Answered;
        }
    }
}

/// <summary>A request that waits for the test's answer.</summary>
internal sealed class FakeRequest(HttpContext context, string body)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = Gone(context);

    public string Method { get; } = context.Request.Method;

    public string Path { get; } = context.Request.Path.Value!;

    public IQueryCollection Query { get; } = context.Request.Query;

    public IHeaderDictionary Headers { get; } = new HeaderDictionary(context.Request.Headers.ToDictionary());

    public string Body => body;

    public Task Answered => _answered.Task;

    /// <summary>Completes when the client has given up the request.</summary>
    public Task GivenUp => _gone.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public async Task RespondAsync(string json, int status = 200, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(json);
        await EndAsync();
    }

    /// <summary>Refuses with a Status object as API servers make it.</summary>
    public Task RefuseAsync(int code, string reason, string message = "no", string details = "{}", params (string Name, string Value)[] headers) =>
        RespondAsync(Json.Status(code, reason, message, details), code, headers);

    /// <summary>Sends the headers of a watch.</summary>
    public async Task OpenAsync()
    {
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
    }

    /// <summary>Sends exactly this.</summary>
    public async Task WriteAsync(string text)
    {
        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }

    /// <summary>Sends an event of a watch.</summary>
    public Task EventAsync(string type, string json) => WriteAsync($"{{\"type\":\"{type}\",\"object\":{json}}}\n");

    /// <summary>Ends the answer in good order.</summary>
    public async Task EndAsync()
    {
        await context.Response.CompleteAsync();
        _answered.TrySetResult();
    }

    /// <summary>Breaks the connection, unless the answer has ended.</summary>
    public void Reset()
    {
        if (!_answered.Task.IsCompleted)
        {
            context.Abort();
            _answered.TrySetResult();
        }
    }

    private static TaskCompletionSource Gone(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(() => gone.TrySetResult());
        return gone;
    }
}
