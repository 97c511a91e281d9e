using System.Collections.Immutable;
using System.Security;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Conformance.Sts;

/// <summary>A request that reached STS, whatever became of it.</summary>
/// <param name="Operation">Such as <c>AssumeRole</c>.</param>
/// <param name="Host">The host that it was sent to.</param>
/// <param name="Region">The region that it was signed for; null where it was not signed.</param>
/// <param name="AccessKeyId">Who signed it; empty where nobody did.</param>
/// <param name="Form">Its parameters.</param>
public sealed record StsCall(string Operation, string Host, string? Region, string AccessKeyId, ImmutableDictionary<string, string> Form);

/// <summary>
/// An STS that holds its callers to trust policies, over HTTP. It knows by the request's host which of AWS's regions it is, and takes
/// only what that one would. It verifies no signatures: the sandbox does.
/// </summary>
public sealed partial class FakeSts : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private LoopbackServer? _server;
    private ImmutableList<StsCall> _log = [];
    private int _throttled;

    private FakeSts(TimeProvider time) => Accounts = new(time);

    /// <summary>Where it listens.</summary>
    public Uri Url => _server!.Url;

    /// <summary>Who is who.</summary>
    public StsAccounts Accounts { get; }

    /// <summary>All requests so far, oldest first.</summary>
    public ImmutableList<StsCall> Log
    {
        get
        {
            lock (_lock)
            {
                return _log;
            }
        }
    }

    /// <param name="time">Ends sessions and tokens.</param>
    public static async Task<FakeSts> StartAsync(TimeProvider time)
    {
        var sts = new FakeSts(time);
        sts._server = await LoopbackServer.StartAsync(sts.ServeAsync);
        return sts;
    }

    /// <summary>How often an operation was asked for, refused ones included.</summary>
    public int Calls(string operation) => Log.Count(call => call.Operation == operation);

    /// <summary>Throttles so many requests from now on.</summary>
    public void Throttle(int times) => _throttled = times;

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        var form = (await http.Request.ReadFormAsync(http.RequestAborted)).ToImmutableDictionary(field => field.Key, field => field.Value.ToString());
        var signed = Signature().Match(http.Request.Headers.Authorization.ToString());
        var call = new StsCall(form["Action"], http.Request.Host.Host, signed.Success ? signed.Groups[2].Value : null, signed.Groups[1].Value, form);
        bool isThrottled;
        lock (_lock)
        {
            _log = _log.Add(call);
            isThrottled = _throttled > 0;
            _throttled -= isThrottled ? 1 : 0;
        }

        string answer;
        try
        {
            answer = isThrottled ? throw new StsRefusal("Throttling", "Rate exceeded") : Answer(call, http.Request.Headers["X-Amz-Security-Token"]);
        }
        catch (StsRefusal refusal)
        {
            (http.Response.StatusCode, answer) = (refusal.Status, refusal.ToXml());
        }

        http.Response.ContentType = "text/xml";
        await http.Response.WriteAsync(answer, http.RequestAborted);
    }

    private string Answer(StsCall call, string? token)
    {
        CheckPlace(call);
        var result = call.Operation switch
        {
            "GetCallerIdentity" => Describe(Accounts.Authenticate(call.AccessKeyId, token)),
            "AssumeRole" => Hand(Accounts.Assume(Accounts.Authenticate(call.AccessKeyId, token), RequestOf(call.Form))),
            "AssumeRoleWithWebIdentity" => Hand(Accounts.AssumeByToken(call.Form["WebIdentityToken"], RequestOf(call.Form))),
            _ => throw new StsRefusal("InvalidAction", $"Could not find operation {call.Operation} for version 2011-06-15"),
        };
        return $"<{call.Operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{call.Operation}Result>{result}</{call.Operation}Result><ResponseMetadata><RequestId>{Guid.NewGuid()}</RequestId></ResponseMetadata></{call.Operation}Response>";
    }

    private static void CheckPlace(StsCall call)
    {
        if (RegionalHost().Match(call.Host) is not { Success: true } host)
        {
            return;
        }

        var region = host.Groups[1].Value;
        if (call.Region is { } signed && signed != region)
        {
            throw new StsRefusal("SignatureDoesNotMatch", "Credential should be scoped to a valid region.", 403);
        }

        var partition = region.Split('-')[0] == "cn" ? "aws-cn" : region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws";
        if (call.Form.TryGetValue("RoleArn", out var role) && role.Split(':')[1] != partition)
        {
            throw new StsRefusal("ValidationError", $"{role} is invalid");
        }
    }

    private static StsAccounts.AssumeRole RequestOf(ImmutableDictionary<string, string> form) => new(
        form["RoleArn"], form["RoleSessionName"], form.GetValueOrDefault("ExternalId"), int.Parse(form.GetValueOrDefault("DurationSeconds", "3600")),
        Members(form, "Tags.member.{0}.Key").Zip(Members(form, "Tags.member.{0}.Value")).ToDictionary(tag => tag.First, tag => tag.Second),
        [.. Members(form, "TransitiveTagKeys.member.{0}")]);

    private static IEnumerable<string> Members(ImmutableDictionary<string, string> form, string name)
    {
        for (var i = 1; form.TryGetValue(string.Format(null, name, i), out var value); i++)
        {
            yield return value;
        }
    }

    private static string Describe(StsCaller caller) => $"<Arn>{SecurityElement.Escape(caller.Arn)}</Arn><UserId>AIDAFAKE</UserId><Account>{caller.Account}</Account>";

    private static string Hand(StsCaller session) =>
        $"<AssumedRoleUser><AssumedRoleId>AROAFAKE:session</AssumedRoleId><Arn>{SecurityElement.Escape(session.Arn)}</Arn></AssumedRoleUser>"
        + $"<Credentials><AccessKeyId>{session.AccessKeyId}</AccessKeyId><SecretAccessKey>{session.Secret}</SecretAccessKey><SessionToken>{session.Token}</SessionToken><Expiration>{session.Expires!.Value.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>";

    [GeneratedRegex("Credential=([^/]+)/[0-9]+/([^/]+)/sts/")]
    private static partial Regex Signature();

    [GeneratedRegex(@"\Asts\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\z")]
    private static partial Regex RegionalHost();
}
