using System.Collections.Immutable;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// Stands between the control plane and one of its servers: counts what the control plane asks, and lets a test interfere. The
/// tests' own requests go past it. So a claim about requests is made in the same way of the sandbox and of real servers.
/// </summary>
public sealed class RecordingProxy : IAsyncDisposable
{
    private static readonly string[] NotForwarded = ["Connection", "Transfer-Encoding", "Keep-Alive", "Content-Length"];

    private readonly HttpClient _upstream;
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<(Func<RecordedRequest, bool> Matches, int Count, TaskCompletionSource Reached)> _waiting = [];
    private ImmutableList<RecordedRequest> _log = [];
    private ImmutableList<Func<RecordedRequest, Interference?>> _rules = [];
    private ImmutableList<Func<string, bool>> _filters = [];

    private RecordingProxy(HttpClient upstream)
    {
        _upstream = upstream;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>All requests so far, oldest first.</summary>
    public ImmutableList<RecordedRequest> Log
    {
        get
        {
            lock (_lock)
            {
                return _log;
            }
        }
    }

    /// <param name="upstream">The server, by its base address, with whatever it takes to be let in.</param>
    public static async Task<RecordingProxy> StartAsync(HttpClient upstream)
    {
        var proxy = new RecordingProxy(upstream);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Asks the rule about each request from now on, until disposed; of several rules the first that has an answer counts.</summary>
    public IDisposable Interfere(Func<RecordedRequest, Interference?> rule)
    {
        ImmutableInterlocked.Update(ref _rules, static (rules, rule) => rules.Add(rule), rule);
        return new Ending(() => ImmutableInterlocked.Update(ref _rules, static (rules, rule) => rules.Remove(rule), rule));
    }

    /// <summary>Asks the filter about each line that a watch says from now on, until disposed; what a filter does not let through never arrives.</summary>
    public IDisposable Overhear(Func<string, bool> filter)
    {
        ImmutableInterlocked.Update(ref _filters, static (filters, filter) => filters.Add(filter), filter);
        return new Ending(() => ImmutableInterlocked.Update(ref _filters, static (filters, filter) => filters.Remove(filter), filter));
    }

    /// <summary>Completes when so many requests that match have arrived, earlier ones counted.</summary>
    public Task UntilAsync(Func<RecordedRequest, bool> matches, int count = 1)
    {
        lock (_lock)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var missing = count - _log.Count(matches);
            if (missing <= 0)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((matches, missing, reached));
            return reached.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _upstream.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        var body = buffer.ToArray();
        var recorded = RecordedRequest.Of(http.Request, Encoding.UTF8.GetString(body));
        var interference = Record(recorded);
        if (interference?.Before is { } before)
        {
            await before();
        }

        if (interference?.Instead is { } instead)
        {
            await WriteAsync(http, instead);
        }
        else if (interference?.DropBefore == true)
        {
            http.Abort();
        }
        else
        {
            await ForwardAsync(http, body, recorded.Operation.StartsWith("watch ", StringComparison.Ordinal), interference);
        }
    }

    private Interference? Record(RecordedRequest request)
    {
        lock (_lock)
        {
            _log = _log.Add(request);
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                var waiting = _waiting[i];
                if (waiting.Matches(request))
                {
                    _waiting[i] = waiting with { Count = waiting.Count - 1 };
                    if (waiting.Count == 1)
                    {
                        waiting.Reached.SetResult();
                        _waiting.RemoveAt(i);
                    }
                }
            }
        }

        return _rules.Select(rule => rule(request)).FirstOrDefault(answer => answer is not null);
    }

    private async Task ForwardAsync(HttpContext http, byte[] body, bool isWatch, Interference? interference)
    {
        using var request = new HttpRequestMessage(new(http.Request.Method), http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) { Content = new ByteArrayContent(body) };
        foreach (var (name, values) in http.Request.Headers.Where(header => !NotForwarded.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        // Who is let in is the upstream client's business, where it has credentials of its own.
        if (_upstream.DefaultRequestHeaders.Authorization is { } own)
        {
            request.Headers.Authorization = own;
        }

        HttpResponseMessage response;
        try
        {
            response = await _upstream.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        }
        catch (HttpRequestException)
        {
            // What the server does to its client, the proxy does to the control plane.
            http.Abort();
            return;
        }

        using (response)
        {
            if (interference?.After is { } after)
            {
                await after();
            }

            if (interference?.DropAfter == true)
            {
                http.Abort();
                return;
            }

            await ReturnAsync(http, response, isWatch);
        }
    }

    private async Task ReturnAsync(HttpContext http, HttpResponseMessage response, bool isWatch)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !NotForwarded.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            http.Response.Headers[name] = values.ToArray();
        }

        try
        {
            // Watches say little and at once.
            await http.Response.StartAsync(http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            using var stream = await response.Content.ReadAsStreamAsync(http.RequestAborted);
            await (isWatch ? CopyLinesAsync(stream, http)
                : response.Content.Headers.ContentType?.MediaType?.EndsWith("/xml", StringComparison.Ordinal) == true ? CopyAnswerOfStsAsync(stream, http)
                : stream.CopyToAsync(http.Response.Body, http.RequestAborted));
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            http.Abort();
        }
    }

    private static async Task CopyAnswerOfStsAsync(Stream stream, HttpContext http)
    {
        using var answer = new StreamReader(stream);
        var text = await answer.ReadToEndAsync(http.RequestAborted);
        PlantedSecrets.LearnFrom(text);
        await http.Response.WriteAsync(text, http.RequestAborted);
    }

    private async Task CopyLinesAsync(Stream stream, HttpContext http)
    {
        using var lines = new StreamReader(stream);
        while (await lines.ReadLineAsync(http.RequestAborted) is { } line)
        {
            if (_filters.All(lets => lets(line)))
            {
                await http.Response.WriteAsync(line + "\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }
        }
    }

    private static Task WriteAsync(HttpContext http, Answer answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        if (answer.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = wait;
        }

        return http.Response.WriteAsync(answer.Body, http.RequestAborted);
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
