using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace InfraOperator.Sandbox.Ecr;

/// <summary>Who a request comes from.</summary>
internal sealed record Caller(string AccountId, string Arn);

/// <summary>A session of an assumed role.</summary>
internal sealed record Session(string AccessKeyId, string Secret, string Token, Caller Caller, DateTimeOffset Expires);

/// <summary>Knows the access keys it was given and the sessions it handed out.</summary>
internal sealed class CallerRegistry(SandboxEcrOptions options)
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new();
    private int _count;

    public Caller Authenticate(HttpRequest request, SigV4 signature, string service, string body)
    {
        if (signature.AccessKeyId.Length == 0)
        {
            throw new EcrError("MissingAuthenticationTokenException", "Missing Authentication Token", 403);
        }

        var (key, caller) = Find(signature.AccessKeyId);
        if (key is null)
        {
            return caller;
        }

        if (key.SessionToken is { } token && request.Headers["X-Amz-Security-Token"] != token)
        {
            throw new EcrError("UnrecognizedClientException", "The security token included in the request is invalid.", 403);
        }

        if (options.Keys is not null && signature.Service != service)
        {
            throw new EcrError("InvalidSignatureException", $"Credential should be scoped to correct service: '{service}'.", 403);
        }

        return options.Keys is null || signature.Verifies(request, body, key.Secret) ? caller
            : throw new EcrError("InvalidSignatureException", $"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'x-amz-security-token:{request.Headers["X-Amz-Security-Token"]}'", 403);
    }

    public Session Assume(string roleArn, string sessionName, TimeSpan lifetime)
    {
        if (roleArn.Split(':') is not ["arn", var partition, "iam", "", { Length: 12 } account, { } role] || !role.StartsWith("role/", StringComparison.Ordinal))
        {
            throw new EcrError("ValidationError", $"{roleArn} is invalid");
        }

        var number = Interlocked.Increment(ref _count);
        var session = new Session(
            $"ASIASANDBOX{number:D9}", Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"),
            new Caller(account, $"arn:{partition}:sts::{account}:assumed-role/{role[(role.LastIndexOf('/') + 1)..]}/{sessionName}"),
            options.TimeProvider.GetUtcNow() + (options.SessionLifetime ?? lifetime));
        _sessions[session.AccessKeyId] = session;
        return session;
    }

    private (SandboxKey? Key, Caller Caller) Find(string accessKeyId)
    {
        if (_sessions.TryGetValue(accessKeyId, out var session))
        {
            return session.Expires > options.TimeProvider.GetUtcNow()
                ? (new SandboxKey(session.Secret, session.Caller.AccountId, session.Token), session.Caller)
                : throw new EcrError("ExpiredTokenException", "The security token included in the request is expired", 403);
        }

        return options.Keys is null ? (null, User(options.AccountId))
            : options.Keys.TryGetValue(accessKeyId, out var key) ? (key, User(key.AccountId))
            : throw new EcrError("UnrecognizedClientException", "The security token included in the request is invalid.", 403);
    }

    private static Caller User(string account) => new(account, $"arn:aws:iam::{account}:user/sandbox");
}
