using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>
/// An ECR, an STS and of the tagging API GetResources in memory, over HTTP, with AWS's limits and errors, for trying and testing
/// the product. What it is not: it holds no layers, runs lifecycle policies in previews only and scans nothing, and of IAM it knows what <see cref="Permissions"/> says.
/// </summary>
public sealed class SandboxEcr : IAsyncDisposable
{
    /// <summary>A sandbox may run for days.</summary>
    private const int LogLength = 100_000;

    /// <summary>Counted like an operation.</summary>
    private const string Delayed = "(delayed)";

    private readonly SandboxEcrOptions _options;
    private readonly WebApplication _app;
    private readonly CallerRegistry _callers;
    private readonly EcrApi _ecr;
    private readonly ConcurrentQueue<SandboxCall> _log = new();
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<(string Operation, int Count, TaskCompletionSource Reached)> _waiters = [];
    private readonly Lock _countLock = new();

    private SandboxEcr(SandboxEcrOptions options)
    {
        _options = options;
        _callers = new CallerRegistry(options);
        _ecr = new EcrApi(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>What goes wrong.</summary>
    public EcrFaults Faults { get; } = new();

    /// <summary>Which access keys may do what. At first every caller may do everything.</summary>
    public EcrPermissions Permissions { get; } = new();

    /// <summary>The calls that arrived, oldest first; the last 100,000.</summary>
    public IReadOnlyCollection<SandboxCall> Log => _log;

    /// <summary>Starts a sandbox.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<SandboxEcr> StartAsync(SandboxEcrOptions options, CancellationToken cancellationToken)
    {
        var sandbox = new SandboxEcr(options);
        await sandbox._app.StartAsync(cancellationToken).ConfigureAwait(false);
        sandbox.Url = new Uri(sandbox._app.Urls.First());
        return sandbox;
    }

    /// <summary>How many calls of an operation arrived, refused ones included.</summary>
    /// <param name="operation">Such as <c>CreateRepository</c>.</param>
    public int Calls(string operation)
    {
        lock (_countLock)
        {
            return _counts.GetValueOrDefault(operation);
        }
    }

    /// <summary>Completes when so many calls of an operation have arrived since the start.</summary>
    /// <param name="operation">Such as <c>CreateRepository</c>.</param>
    /// <param name="count">How many.</param>
    public Task WaitForCallsAsync(string operation, int count)
    {
        lock (_countLock)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((operation, count, reached));
            Release(operation);
            return reached.Task;
        }
    }

    /// <summary>
    /// Completes when so many calls have been delayed by a fault since the start. Whoever moves the clock awaits this first: time
    /// that passes before a delay begins does not shorten it.
    /// </summary>
    /// <param name="count">How many.</param>
    public Task WaitForDelayedAsync(int count) => WaitForCallsAsync(Delayed, count);

    /// <summary>Puts an image into a repository.</summary>
    /// <param name="repository">The repository's name.</param>
    /// <param name="tag">The image's tag; null for an untagged one.</param>
    /// <param name="sizeInBytes">Its size.</param>
    /// <param name="region">The repository's region.</param>
    /// <param name="accountId">Its account; by default the sandbox's own.</param>
    /// <exception cref="KeyNotFoundException">There is no such repository.</exception>
    public void AddImage(string repository, string? tag, long sizeInBytes = 1024, string region = "us-east-1", string? accountId = null) =>
        _ecr.AddImage(new Registry(accountId ?? _options.AccountId, region), repository, tag is null ? [] : [tag], sizeInBytes);

    /// <summary>Puts an image of several tags into a repository of the sandbox's own account in <c>us-east-1</c>.</summary>
    /// <param name="repository">The repository's name.</param>
    /// <param name="tags">The image's tags.</param>
    /// <exception cref="KeyNotFoundException">There is no such repository.</exception>
    public void AddImage(string repository, IReadOnlyCollection<string> tags) => _ecr.AddImage(new Registry(_options.AccountId, "us-east-1"), repository, tags, 1024);

    /// <summary>Stops listening; all is forgotten.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new MemoryStream();
        await http.Request.Body.CopyToAsync(reader, http.RequestAborted).ConfigureAwait(false);
        var body = Encoding.UTF8.GetString(reader.GetBuffer(), 0, (int)reader.Length);
        var target = http.Request.Headers["X-Amz-Target"].ToString();
        var form = target.Length > 0 ? null : QueryHelpers.ParseQuery(body);
        var operation = form is null ? target[(target.IndexOf('.', StringComparison.Ordinal) + 1)..] : form.GetValueOrDefault("Action").ToString();
        var signature = SigV4.Parse(http.Request);
        var call = new SandboxCall(_options.TimeProvider.GetUtcNow(), operation, form is null ? RepositoryOf(body) : null, signature.AccessKeyId, signature.Region, body);
        Count(call);

        var fault = Faults.Take(operation, signature.AccessKeyId);
        Answer answer;
        try
        {
            switch (fault)
            {
                case EcrFault.Latency latency:
                    await DelayAsync(latency.Delay, http.RequestAborted).ConfigureAwait(false);
                    break;
                case EcrFault.ResetBefore:
                    http.Abort();
                    return;
                case EcrFault.Error error:
                    throw new EcrError(error.Code, error.Message, error.Status);
            }

            var caller = operation == "AssumeRoleWithWebIdentity" ? null : _callers.Authenticate(http.Request, signature, ServiceOf(target), body);
            if (Refusal(caller, call, fault, isSts: form is not null) is { } refusal)
            {
                throw EcrError.Denied(refusal);
            }

            answer = fault is EcrFault.Raw raw ? new Answer(raw.Status, raw.Body)
                : form is not null ? new Answer(200, StsApi.Call(_callers, caller, operation, form))
                : new Answer(200, _ecr.Call(new Registry(caller!.AccountId, signature.Region), operation, body, fault is EcrFault.NotYetVisible lag ? lag.Delay : TimeSpan.Zero));
        }
        catch (EcrError error)
        {
            answer = new Answer(error.Status, form is null ? error.ToJson() : error.ToXml());
        }

        if (fault is EcrFault.ResetAfter)
        {
            http.Abort();
            return;
        }

        await SendAsync(http, answer, form is null, fault as EcrFault.SlowBody).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext http, Answer answer, bool json, EcrFault.SlowBody? slow)
    {
        var bytes = Encoding.UTF8.GetBytes(answer.Body);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = json ? "application/x-amz-json-1.1" : "text/xml";
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        if (slow is not null)
        {
            await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
            await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            await DelayAsync(slow.Delay, http.RequestAborted).ConfigureAwait(false);
        }

        await http.Response.Body.WriteAsync(bytes, http.RequestAborted).ConfigureAwait(false);
    }

    private void Count(SandboxCall call)
    {
        Count(call.Operation);
        _log.Enqueue(call);
        while (_log.Count > LogLength)
        {
            _log.TryDequeue(out _);
        }
    }

    private void Count(string operation)
    {
        lock (_countLock)
        {
            _counts[operation] = _counts.GetValueOrDefault(operation) + 1;
            Release(operation);
        }
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var delayed = Task.Delay(delay, _options.TimeProvider, cancellationToken);
        Count(Delayed);
        await delayed.ConfigureAwait(false);
    }

    private void Release(string operation) => _waiters.RemoveAll(waiter =>
        waiter.Operation == operation && waiter.Count <= _counts.GetValueOrDefault(operation) && waiter.Reached.TrySetResult());

    private static string ServiceOf(string target) =>
        target.Length == 0 ? "sts" : target.StartsWith("ResourceGroupsTaggingAPI_20170126.", StringComparison.Ordinal) ? "tagging" : "ecr";

    private static string? RepositoryOf(string body)
    {
        try
        {
            var request = JsonNode.Parse(body) as JsonObject;
            return (string?)request?["repositoryName"] ?? ((string?)request?["resourceArn"])?.Split(":repository/")[^1];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private string? Refusal(Caller? caller, SandboxCall call, EcrFault? fault, bool isSts)
    {
        var repositories = $"arn:aws:ecr:{call.Region}:{caller?.AccountId}:repository/";
        if (fault is EcrFault.AccessDenied)
        {
            var action = isSts ? $"sts:{call.Operation}" : EcrPermissions.ActionsOf(call.Operation, call.Body)[0];
            return IdentityPolicy.Words(caller?.Arn ?? "anonymous", action, call.Repository is null ? "*" : repositories + call.Repository, $"because no identity-based policy allows the {action} action");
        }

        return isSts ? null : Permissions.Refusal(call.AccessKeyId, caller!.Arn, call.Operation, repositories, call.Body);
    }

    private sealed record Answer(int Status, string Body);

    /// <summary>Whoever runs the sandbox hears Ctrl-C, not the sandbox.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
