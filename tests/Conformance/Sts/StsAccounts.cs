using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Conformance.Sts;

/// <summary>
/// The users, roles and identity providers of all accounts, and what STS decides by them. A role is assumed where its trust policy and
/// the caller's own policy both allow it, as between accounts.
/// </summary>
public sealed partial class StsAccounts(TimeProvider time)
{
    private const int MostSeconds = 3600;

    private readonly ConcurrentDictionary<string, StsCaller> _callers = new();
    private readonly ConcurrentDictionary<string, Role> _roles = new();
    private readonly ConcurrentDictionary<string, Provider> _providers = new();
    private int _sessions;

    /// <summary>Adds an access key.</summary>
    /// <param name="accessKeyId">Its id.</param>
    /// <param name="arn">The user's ARN.</param>
    /// <param name="permissions">What the user may do.</param>
    /// <param name="token">The session token that must come with it; null: none.</param>
    public StsCaller AddUser(string accessKeyId, string arn, IdentityPolicy? permissions = null, string? token = null) =>
        _callers[accessKeyId] = new(accessKeyId, arn, arn, token, null, permissions);

    /// <summary>Adds a role, or puts another in its place.</summary>
    /// <param name="arn">Its ARN.</param>
    /// <param name="trust">Its trust policy.</param>
    /// <param name="permissions">What its sessions may do.</param>
    public void AddRole(string arn, string trust, IdentityPolicy? permissions = null) => _roles[arn] = new(TrustPolicy.Parse(trust), permissions);

    /// <summary>Has an account know an issuer of tokens.</summary>
    /// <param name="account">The account.</param>
    /// <param name="issuer">The issuer.</param>
    /// <param name="audiences">The audiences that the account lets in.</param>
    public void AddProvider(string account, TokenIssuer issuer, params string[] audiences) => _providers[$"{account}:oidc-provider/{issuer.Name}"] = new(issuer, audiences);

    /// <summary>Ends all sessions before their time.</summary>
    public void RevokeSessions()
    {
        foreach (var caller in _callers.Values.Where(caller => caller.IsSession))
        {
            _callers.TryRemove(caller.AccessKeyId, out _);
        }
    }

    internal StsCaller Authenticate(string accessKeyId, string? token)
    {
        if (accessKeyId.Length == 0)
        {
            throw new StsRefusal("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
        }

        var caller = _callers.TryGetValue(accessKeyId, out var known) && known.Token == token ? known
            : throw new StsRefusal("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
        return caller.Expires is not { } end || end > time.GetUtcNow() ? caller
            : throw new StsRefusal("ExpiredToken", "The security token included in the request is expired", 403);
    }

    internal StsCaller Assume(StsCaller caller, AssumeRole request)
    {
        request.Check();
        if (caller.IsSession && request.Seconds > MostSeconds)
        {
            throw new StsRefusal("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
        }

        var inherited = caller.Tags.Where(tag => caller.TransitiveTags.Contains(tag.Key)).ToImmutableDictionary();
        foreach (var action in Actions(request, inherited))
        {
            var isTrusted = _roles.TryGetValue(request.RoleArn, out var role)
                && role.Trust.Allows("AWS", [caller.IamArn, caller.Arn, $"arn:{caller.Arn.Split(':')[1]}:iam::{caller.Account}:root"], action, ContextOf(request, action, caller.Tags));
            if (!isTrusted || caller.Permissions is null || caller.Permissions.Refusal(caller.Arn, action, request.RoleArn) is not null)
            {
                throw StsRefusal.Denied($"User: {caller.Arn} is not authorized to perform: {action} on resource: {request.RoleArn}");
            }
        }

        return Begin(request, request.Tags.ToImmutableDictionary().SetItems(inherited), [.. inherited.Keys, .. request.TransitiveTags]);
    }

    internal StsCaller AssumeAsService(string service, AssumeRole request)
    {
        request.Check();
        return _roles.TryGetValue(request.RoleArn, out var role) && Actions(request, []).All(action => role.Trust.Allows("Service", [service], action, ContextOf(request, action, [])))
            ? Begin(request, request.Tags.ToImmutableDictionary(), [.. request.TransitiveTags])
            : throw StsRefusal.Denied($"{service} is not authorized to perform: sts:AssumeRole on resource: {request.RoleArn}");
    }

    internal StsCaller AssumeByToken(string token, AssumeRole request)
    {
        const string Action = "sts:AssumeRoleWithWebIdentity";
        request.Check();
        var claims = TokenIssuer.Read(token)
            ?? throw new StsRefusal("InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
        var name = claims.Issuer["https://".Length..];
        if (!_providers.TryGetValue($"{request.RoleArn.Split(':')[4]}:oidc-provider/{name}", out var provider) || !provider.Issuer.IsOurs(token))
        {
            throw new StsRefusal("InvalidIdentityToken", $"No OpenIDConnect provider found in your account for {claims.Issuer}");
        }

        if (claims.Expires <= time.GetUtcNow())
        {
            throw new StsRefusal("ExpiredTokenException", $"Token expired: current date/time {time.GetUtcNow().ToUnixTimeSeconds()} must be before the expiration date/time {claims.Expires.ToUnixTimeSeconds()}");
        }

        if (!provider.Audiences.Contains(claims.Audience))
        {
            throw new StsRefusal("InvalidIdentityToken", "Incorrect token audience");
        }

        var context = ContextOf(request, Action, []);
        context[$"{name}:aud"] = claims.Audience;
        context[$"{name}:sub"] = claims.Subject;
        var principal = $"arn:{request.RoleArn.Split(':')[1]}:iam::{request.RoleArn.Split(':')[4]}:oidc-provider/{name}";
        return _roles.TryGetValue(request.RoleArn, out var role) && role.Trust.Allows("Federated", [principal], Action, context)
            ? Begin(request, [], [])
            : throw StsRefusal.Denied($"Not authorized to perform {Action}");
    }

    // Tags take a permission of their own, those that the session inherits too.
    private static IEnumerable<string> Actions(AssumeRole request, ImmutableDictionary<string, string> inherited) =>
        request.Tags.Count + inherited.Count > 0 ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];

    private static Dictionary<string, string> ContextOf(AssumeRole request, string action, ImmutableDictionary<string, string> principalTags)
    {
        var context = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["sts:RoleSessionName"] = request.SessionName };
        foreach (var (key, value) in request.Tags)
        {
            context[$"aws:RequestTag/{key}"] = value;
        }

        foreach (var (key, value) in principalTags)
        {
            context[$"aws:PrincipalTag/{key}"] = value;
        }

        // AWS's own examples ask for it where the role is assumed, and nowhere else.
        if (request.ExternalId is { } id && action == "sts:AssumeRole")
        {
            context["sts:ExternalId"] = id;
        }

        return context;
    }

    private StsCaller Begin(AssumeRole request, ImmutableDictionary<string, string> tags, ImmutableHashSet<string> transitive)
    {
        var (partition, account, role) = (request.RoleArn.Split(':')[1], request.RoleArn.Split(':')[4], request.RoleArn[(request.RoleArn.LastIndexOf('/') + 1)..]);
        var session = new StsCaller(
            $"ASIAFAKE{Interlocked.Increment(ref _sessions):D8}", $"arn:{partition}:sts::{account}:assumed-role/{role}/{request.SessionName}", request.RoleArn,
            $"token-{Guid.NewGuid():n}", time.GetUtcNow() + TimeSpan.FromSeconds(request.Seconds), _roles[request.RoleArn].Permissions)
        {
            Tags = tags,
            TransitiveTags = transitive,
        };
        return _callers[session.AccessKeyId] = session;
    }

    /// <summary>What is asked for when a role is assumed, in whatever way.</summary>
    internal sealed partial record AssumeRole(string RoleArn, string SessionName, string? ExternalId, int Seconds, IReadOnlyDictionary<string, string> Tags, IReadOnlyCollection<string> TransitiveTags)
    {
        /// <summary>Refuses what AWS does, before it asks who may.</summary>
        public void Check()
        {
            Check(ArnPattern(), RoleArn, "roleArn");
            Check(SessionNamePattern(), SessionName, "roleSessionName");
            Check(ExternalIdPattern(), ExternalId ?? "none", "externalId");
            foreach (var (key, value) in Tags)
            {
                Check(TagKeyPattern(), key, "tags.member.key");
                Check(TagValuePattern(), value, "tags.member.value");
            }
        }

        private static void Check(Regex pattern, string value, string member)
        {
            if (!pattern.IsMatch(value))
            {
                throw new StsRefusal("ValidationError", $"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}");
            }
        }

        [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::[0-9]{12}:role/.{1,576}\z")]
        private static partial Regex ArnPattern();

        [GeneratedRegex(@"\A[\w+=,.@-]{2,64}\z", RegexOptions.ECMAScript)]
        private static partial Regex SessionNamePattern();

        [GeneratedRegex(@"\A[\w+=,.@:/-]{2,1224}\z", RegexOptions.ECMAScript)]
        private static partial Regex ExternalIdPattern();

        [GeneratedRegex(@"\A[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}\z")]
        private static partial Regex TagKeyPattern();

        [GeneratedRegex(@"\A[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}\z")]
        private static partial Regex TagValuePattern();
    }

    private sealed record Role(TrustPolicy Trust, IdentityPolicy? Permissions);

    private sealed record Provider(TokenIssuer Issuer, string[] Audiences);
}
