using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>Sends a request to the server behind a proxy.</summary>
internal delegate Task<HttpResponseMessage> Upstream(HttpRequestMessage request, CancellationToken cancellationToken);

/// <summary>
/// Stands before a server and writes down each call. Plain HTTP towards the silo; answers pass as they come, so that a watch
/// passes too.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Uri _server;
    private readonly Upstream _upstream;
    private readonly Func<HttpRequest, byte[], CallName> _name;

    private CountingProxy(WebApplication app, Uri server, Upstream upstream, Func<HttpRequest, byte[], CallName> name)
    {
        (_app, _server, _upstream, _name) = (app, server, upstream, name);
        _app.Run(ForwardAsync);
    }

    /// <summary>What passed.</summary>
    public CallLog Calls { get; } = new();

    /// <summary>Where the proxy listens.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>Starts a proxy on a free port of this machine.</summary>
    /// <param name="server">The server behind it.</param>
    /// <param name="upstream">How requests get there.</param>
    /// <param name="name">Says what a request is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CountingProxy> StartAsync(Uri server, Upstream upstream, Func<HttpRequest, byte[], CallName> name, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var proxy = new CountingProxy(builder.Build(), server, upstream, name);
        await proxy._app.StartAsync(cancellationToken);
        return proxy;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ForwardAsync(HttpContext context)
    {
        var arrived = Stopwatch.GetTimestamp();
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var call = new Call(_name(context.Request, body.ToArray()), arrived);
        Calls.Add(call);
        try
        {
            using var request = Copy(context.Request, body.ToArray());
            using var answer = await _upstream(request, context.RequestAborted);
            await PassOnAsync(answer, context.Response, context.RequestAborted);
        }
        catch (HttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync(exception.Message, context.RequestAborted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
        {
            // One side went away in the middle: the other one sees the same.
            context.Abort();
        }
        finally
        {
            call.Answered = Stopwatch.GetTimestamp();
        }
    }

    private HttpRequestMessage Copy(HttpRequest from, byte[] body)
    {
        var to = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(_server, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()));
        if (body.Length > 0)
        {
            to.Content = new ByteArrayContent(body);
        }

        foreach (var (name, values) in from.Headers.Where(header => header.Key is not ("Host" or "Connection" or "Transfer-Encoding" or "Content-Length")))
        {
            if (!to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                to.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return to;
    }

    private static async Task PassOnAsync(HttpResponseMessage from, HttpResponse to, CancellationToken cancellationToken)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.Concat(from.Content.Headers).Where(header => header.Key is not ("Connection" or "Transfer-Encoding" or "Keep-Alive")))
        {
            to.Headers[name] = values.ToArray();
        }

        // The headers of a watch come long before its first event.
        await to.Body.FlushAsync(cancellationToken);
        await using var body = await from.Content.ReadAsStreamAsync(cancellationToken);
        await body.CopyToAsync(to.Body, cancellationToken);
    }
}
