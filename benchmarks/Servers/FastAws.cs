using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>
/// ECR, the tagging API's GetResources and STS over HTTP, in memory and with little cost of their own, so that they are not what is
/// measured. Any signature is taken; the access key says whose account is called. Latency and a limit of calls can be set at any time.
/// </summary>
internal sealed class FastAws : IAsyncDisposable
{
    private const string DefaultAccount = "123456789012";
    private const string DefaultRegion = "us-east-1";

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json)? _buffer;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<(string Account, string Region), FastRegistry> _registries = new();
    private readonly ConcurrentDictionary<(string Operation, string Outcome), Counter> _counters = new();
    private readonly ConcurrentDictionary<string, string> _operations = new();
    private ConcurrentQueue<AwsCall> _calls = new();

    private FastAws()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>How long each answer takes, throttled ones and STS's too; at first no time.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>How many calls of ECR and of the tagging API are served; at first any number. STS has limits of its own, and here none.</summary>
    public CallLimit? Limit { get; set; }

    /// <summary>How accounts answer that answer otherwise than the others.</summary>
    public ConcurrentDictionary<string, AccountTrouble> Troubles { get; } = new();

    /// <summary>Whether each call is remembered, and not only counted; at first it is.</summary>
    public bool LogsCalls { get; set; } = true;

    /// <summary>Starts it on a free port of this machine.</summary>
    public static async Task<FastAws> StartAsync(CancellationToken cancellationToken)
    {
        var aws = new FastAws();
        await aws._app.StartAsync(cancellationToken);
        return aws;
    }

    /// <summary>The access key with which an account (12 digits) is called.</summary>
    public static string AccessKeyOf(string account) => $"AKIA{account}";

    /// <summary>How many calls there were so far, by operation and outcome.</summary>
    public IReadOnlyDictionary<(string Operation, string Outcome), long> Counts() => _counters.ToDictionary(counter => counter.Key, counter => counter.Value.Value);

    /// <summary>The calls since a <see cref="Stopwatch"/> timestamp, in order of arrival.</summary>
    public IEnumerable<AwsCall> CallsSince(long timestamp) => _calls.Where(call => call.Arrived >= timestamp);

    /// <summary>How long each edit took from the API server's answer to the first write here that names the repository and was served, in milliseconds.</summary>
    /// <exception cref="BenchmarkException">There was none.</exception>
    public double[] TimesOf(IReadOnlyCollection<Edit> edits)
    {
        var writes = CallsSince(edits.Min(edit => edit.Began)).Where(call => call is { IsWrite: true, Outcome: AwsCall.Success, Repositories.Count: 1 }).ToLookup(call => call.Repositories[0]);
        return [.. edits.Select(edit => writes[edit.Name].FirstOrDefault(call => call.Arrived >= edit.Began) is { } write
            ? Math.Max(0, Stopwatch.GetElapsedTime(edit.Accepted, write.Arrived).TotalMilliseconds)
            : throw new BenchmarkException($"{edit.Name} was not written to AWS."))];
    }

    /// <summary>Forgets the calls that were remembered; they stay counted.</summary>
    public void ForgetCalls() => _calls = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        var arrived = Stopwatch.GetTimestamp();
        var body = await ReadAsync(http);
        var (account, region) = Caller(http.Request.Headers.Authorization.ToString());
        if (http.Request.Headers["X-Amz-Target"].ToString() is not { Length: > 0 } target)
        {
            await AnswerStsAsync(http, body, account, arrived);
            return;
        }

        var operation = _operations.GetOrAdd(target, text => text[(text.LastIndexOf('.') + 1)..]);
        var registry = _registries.GetOrAdd((account, region), key => new(key.Account, key.Region));
        FastRequest request;
        try
        {
            request = JsonSerializer.Deserialize(body, FastJson.Default.FastRequest) ?? new();
        }
        catch (JsonException exception)
        {
            Answer(http, Log(arrived, account, operation, []), operation, _ => new("SerializationException", exception.Message));
            return;
        }

        var call = Log(arrived, account, operation, request.Named);
        var trouble = Troubles.GetValueOrDefault(account);
        var isThrottled = (trouble?.Limit ?? Limit)?.TryTake(registry, operation) == false;
        await TakeTimeAsync(trouble, http.RequestAborted);
        Answer(http, call, operation, json => isThrottled ? new(AwsCall.Throttled, "Rate exceeded") : trouble is { RefusesKeys: true } ? new("UnrecognizedClientException", "The security token included in the request is invalid.") : registry.Call(operation, request, json));
    }

    private void Answer(HttpContext http, AwsCall? call, string operation, Func<Utf8JsonWriter, FastError?> serve)
    {
        var (bytes, json) = _buffer ??= Buffer();
        bytes.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        var error = serve(json);
        if (error is not null)
        {
            // Nothing else was written.
            json.WriteString("__type", error.Code);
            json.WriteString("message", error.Message);
        }

        json.WriteEndObject();

        json.Flush();
        Note(call, operation, error?.Code ?? AwsCall.Success);
        Send(http, error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, "application/x-amz-json-1.1", bytes.WrittenSpan);
    }

    private async Task AnswerStsAsync(HttpContext http, byte[] body, string account, long arrived)
    {
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body));
        var operation = form["Action"].ToString();
        var call = Log(arrived, account, operation, []);
        var trouble = Troubles.GetValueOrDefault(account);
        await TakeTimeAsync(trouble, http.RequestAborted);
        var result = operation switch
        {
            _ when trouble is { RefusesKeys: true } => null,
            "GetCallerIdentity" => $"<Arn>arn:aws:iam::{account}:user/benchmark</Arn><UserId>AIDABENCHMARK</UserId><Account>{account}</Account>",
            "AssumeRole" or "AssumeRoleWithWebIdentity" when form["RoleArn"].ToString().Split(':') is [_, _, _, _, { Length: 12 } assumed, var role] =>
                $"<AssumedRoleUser><AssumedRoleId>AROABENCHMARK:session</AssumedRoleId><Arn>arn:aws:sts::{assumed}:assumed-{role}/session</Arn></AssumedRoleUser>"
                + $"<Credentials><AccessKeyId>ASIA{assumed}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>",
            _ => null,
        };
        var error = trouble is { RefusesKeys: true } ? "InvalidClientTokenId" : "InvalidAction";
        Note(call, operation, result is null ? error : AwsCall.Success);
        var text = result is null
            ? $"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{error}</Code><Message>{WebUtility.HtmlEncode(operation)} is refused</Message></Error><RequestId>0</RequestId></ErrorResponse>"
            : $"<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{result}</{operation}Result><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{operation}Response>";
        Send(http, result is null ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK, "text/xml", Encoding.UTF8.GetBytes(text));
    }

    private Task TakeTimeAsync(AccountTrouble? trouble, CancellationToken cancellationToken) =>
        (trouble?.Latency ?? Latency) is var latency && latency > TimeSpan.Zero ? Task.Delay(latency, cancellationToken) : Task.CompletedTask;

    private AwsCall? Log(long arrived, string account, string operation, IReadOnlyList<string> repositories)
    {
        if (!LogsCalls)
        {
            return null;
        }

        var call = new AwsCall(arrived, account, operation, repositories);
        _calls.Enqueue(call);
        return call;
    }

    private void Note(AwsCall? call, string operation, string outcome)
    {
        _counters.GetOrAdd((operation, outcome), _ => new()).Increment();
        if (call is not null)
        {
            call.Outcome = outcome;
        }
    }

    /// <summary>Whose key signed, and for which region: <c>AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/…</c>. An account of its own has whoever bears it in the key.</summary>
    private static (string Account, string Region) Caller(string authorization)
    {
        var start = authorization.IndexOf("Credential=", StringComparison.Ordinal);
        if (start < 0)
        {
            return (DefaultAccount, DefaultRegion);
        }

        var scope = authorization.AsSpan(start + "Credential=".Length);
        Span<Range> parts = stackalloc Range[4];
        if (scope.Split(parts, '/') < 4)
        {
            return (DefaultAccount, DefaultRegion);
        }

        var key = scope[parts[0]];
        var account = key.Length >= 16 && key[^12..].IndexOfAnyExceptInRange('0', '9') < 0 ? key[^12..].ToString() : DefaultAccount;
        return (account, scope[parts[2]] is DefaultRegion ? DefaultRegion : scope[parts[2]].ToString());
    }

    private static async ValueTask<byte[]> ReadAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static void Send(HttpContext http, int status, string type, ReadOnlySpan<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        http.Response.BodyWriter.Write(body);
    }

    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json) Buffer()
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        return (bytes, new Utf8JsonWriter(bytes));
    }

    private sealed class Counter
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment() => Interlocked.Increment(ref _value);
    }
}
