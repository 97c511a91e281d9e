using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>Sends a request to the server behind a proxy and returns when the answer's headers are there.</summary>
internal delegate Task<HttpResponseMessage> Upstream(HttpRequestMessage request, CancellationToken cancellationToken);

/// <summary>
/// Stands before a server and writes down each call. Plain HTTP towards the silo; answers pass as they come, so that a watch
/// passes too.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Host", "Connection", "Keep-Alive", "Transfer-Encoding"];

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Call> _calls = new();
    private int _underWay;
    private long _lastArrived;

    private CountingProxy(WebApplication app, Uri server, Upstream upstream, Func<HttpRequest, byte[], CallName> name)
    {
        _app = app;
        _app.Run(context => ForwardAsync(context, server, upstream, name));
    }

    /// <summary>Where the proxy listens.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>Starts a proxy on a free port of this machine.</summary>
    /// <param name="server">The server behind it.</param>
    /// <param name="upstream">How requests get there.</param>
    /// <param name="name">Says what a request with this body is.</param>
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

    /// <summary>The calls since a <see cref="Stopwatch"/> timestamp in order of arrival, watches left out.</summary>
    public IEnumerable<Call> CallsSince(long timestamp) => _calls.Where(call => call.Arrived >= timestamp && call.Name.Kind != CallKind.Watch);

    /// <summary>Whether nothing is under way and nothing has arrived for a while.</summary>
    public bool IsQuiet(TimeSpan time) => Volatile.Read(ref _underWay) == 0 && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastArrived)) > time;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ForwardAsync(HttpContext context, Uri server, Upstream upstream, Func<HttpRequest, byte[], CallName> name)
    {
        var (arrived, from, to) = (Stopwatch.GetTimestamp(), context.Request, context.Response);
        using var buffer = new MemoryStream();
        await from.Body.CopyToAsync(buffer, context.RequestAborted);
        var call = new Call(name(from, buffer.ToArray()), arrived);
        _calls.Enqueue(call);
        var isWatch = call.Name.Kind == CallKind.Watch;
        Interlocked.Add(ref _underWay, isWatch ? 0 : 1);
        Volatile.Write(ref _lastArrived, isWatch ? _lastArrived : arrived);
        try
        {
            using var request = new HttpRequestMessage(new(from.Method), new Uri(server, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()));
            request.Content = buffer.Length > 0 ? new ByteArrayContent(buffer.ToArray()) : null;
            foreach (var (header, values) in from.Headers.Where(header => !OfTheConnection.Contains(header.Key)))
            {
                _ = request.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)values) || request.Content?.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)values) == true;
            }

            using var answer = await upstream(request, context.RequestAborted);
            to.StatusCode = (int)answer.StatusCode;
            foreach (var (header, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfTheConnection.Contains(header.Key)))
            {
                to.Headers[header] = values.ToArray();
            }

            // The headers of a watch come long before its first event.
            await to.Body.FlushAsync(context.RequestAborted);
            await answer.Content.CopyToAsync(to.Body, context.RequestAborted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
        {
            // One side went away: let the other one see the same.
            context.Abort();
        }
        finally
        {
            call.Answered = Stopwatch.GetTimestamp();
            Interlocked.Add(ref _underWay, isWatch ? 0 : -1);
        }
    }
}
