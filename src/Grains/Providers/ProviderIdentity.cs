using System.IO.Enumeration;
using System.Text;
using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Aws.Endpoints;
using InfraOperator.Grains.Tenants;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Providers;

/// <summary>What a provider's spec comes to: an identity and a target, or what is wrong.</summary>
/// <param name="Identity">The identity; null where the spec gives none.</param>
/// <param name="Target">Where it is used; null where the spec gives none.</param>
/// <param name="Reason">Why there is none; one of <see cref="Reasons"/>.</param>
/// <param name="Message">The same for people.</param>
internal sealed record ProviderIdentity(AwsIdentity? Identity, AwsTarget? Target, string Reason = "", string Message = "")
{
    private const string KeyIdName = "AWS_ACCESS_KEY_ID";
    private const string SecretName = "AWS_SECRET_ACCESS_KEY";
    private const string TokenName = "AWS_SESSION_TOKEN";

    /// <summary>Whether a tenancy rule excludes the spec.</summary>
    public bool IsOutOfBounds { get; private init; }

    /// <summary>Reads the Secrets that the spec names and makes the identity.</summary>
    /// <exception cref="KubernetesApiException">A Secret could not be read, for another reason than that it does not exist.</exception>
    public static async Task<ProviderIdentity> ReadAsync(AWSProvider provider, ResourceKey key, OperatorOptions options, EndpointGuard guard, KubernetesApi api, CancellationToken cancellationToken)
    {
        var spec = provider.Spec;
        if (spec.Region.Length == 0 || !spec.Region.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
        {
            return Invalid($"spec.region: '{spec.Region}' is no AWS region; name one, such as eu-central-1");
        }

        if (spec.Endpoint is { } text && !IsUrl(text))
        {
            return Invalid($"spec.endpoint: '{text}' is no http(s) URL");
        }

        if (Tenancy.Of(key.Namespace, options).RefusalOf(spec) is { } refusal)
        {
            return new(null, null, refusal.Reason, refusal.Message) { IsOutOfBounds = true };
        }

        var endpoint = spec.Endpoint is null ? options.AwsEndpointUrl : new Uri(spec.Endpoint);
        var isTrusted = IsTrusted(spec, options);
        var isGuarded = !isTrusted && !Matches(options.InternalEndpointHosts, endpoint!);
        if (isGuarded && guard.RefusalOf(endpoint!) is { } why)
        {
            return Invalid($"spec.endpoint: host '{endpoint!.Host}' is refused, because {why}; name another, or have the host allowed in the operator's configuration ({OperatorOptions.Section}:{nameof(OperatorOptions.InternalEndpointHosts)})");
        }

        var (identity, problem) = await ReadBaseAsync(spec, key, options, api, cancellationToken);
        if (identity is null)
        {
            return problem!;
        }

        // Whoever may write a provider may choose its endpoint; the operator's own keys and tokens must not be sent there.
        if (!isTrusted && identity is not StaticIdentity)
        {
            return Invalid($"spec.endpoint: host '{endpoint!.Host}' may be used with static keys only; give the provider credentialsSecret, or have the host allowed in the operator's configuration ({OperatorOptions.Section}:{nameof(OperatorOptions.AllowedEndpointHosts)})");
        }

        if (spec.AssumeRoleARN is { Length: > 0 } role)
        {
            identity = new AssumedRole(identity, role, spec.ExternalID, SessionName.For(key)) { Tags = spec.SessionTags == true ? ProviderSessionTags.For(key) : SessionTags.None };
        }
        else if (spec.SessionTags == true)
        {
            // A token's claims are the only tags of a web identity's session, and keys have no session.
            return Invalid("spec.sessionTags: only the session of spec.assumeRoleARN can bear them; add assumeRoleARN, or take sessionTags out");
        }

        return new(identity, new AwsTarget(spec.Region, endpoint, isGuarded));
    }

    /// <summary>Whether the operator's configuration stands for what is called, and not whoever wrote the provider.</summary>
    /// <param name="spec">The provider's spec.</param>
    /// <param name="options">The configuration.</param>
    public static bool IsTrusted(AWSProviderSpec spec, OperatorOptions options) =>
        spec.Endpoint is null || (IsUrl(spec.Endpoint) && Matches(options.AllowedEndpointHosts, new(spec.Endpoint)));

    private static async Task<(AwsIdentity? Identity, ProviderIdentity? Problem)> ReadBaseAsync(
        AWSProviderSpec spec, ResourceKey key, OperatorOptions options, KubernetesApi api, CancellationToken cancellationToken)
    {
        var secrets = new SecretReader(api, key.Namespace);
        if (ForeignSecret(spec) is (var field, var ns))
        {
            return (null, Invalid($"spec.{field}.namespace: '{ns}' is refused, because Secrets are read from the provider's own namespace only; take the field out and keep the Secret in '{key.Namespace}'"));
        }

        if (spec.CredentialsSecret is { } all)
        {
            return !KubernetesNames.IsPossible(all.Name)
                ? (null, NoSecret("credentialsSecret", all.Name))
                : await FromKeysAsync(secrets, new() { Name = all.Name, Key = KeyIdName }, new() { Name = all.Name, Key = SecretName }, new() { Name = all.Name, Key = TokenName }, tokenOptional: true, cancellationToken);
        }

        if (spec.AccessKeyIDRef is not null || spec.SecretAccessKeyRef is not null)
        {
            return spec switch
            {
                not { AccessKeyIDRef: not null, SecretAccessKeyRef: not null } => (null, Invalid("spec.accessKeyIDRef and spec.secretAccessKeyRef: one is missing; static keys need both")),
                { AccessKeyIDRef: { } id } when !KubernetesNames.IsPossible(id.Name) => (null, NoSecret("accessKeyIDRef", id.Name)),
                { SecretAccessKeyRef: { } secret } when !KubernetesNames.IsPossible(secret.Name) => (null, NoSecret("secretAccessKeyRef", secret.Name)),
                { SessionTokenRef: { } token } when !KubernetesNames.IsPossible(token.Name) => (null, NoSecret("sessionTokenRef", token.Name)),
                _ => await FromKeysAsync(secrets, spec.AccessKeyIDRef!, spec.SecretAccessKeyRef!, spec.SessionTokenRef, tokenOptional: false, cancellationToken),
            };
        }

        if (spec.RoleARN is { Length: > 0 } role)
        {
            return options.WebIdentityTokenFile is { Length: > 0 } file
                ? (new WebIdentity(role, file, SessionName.For(key)), null)
                : (null, Invalid($"spec.roleARN: the operator has no projected token to assume it with; run the operator with AWS_WEB_IDENTITY_TOKEN_FILE or {OperatorOptions.Section}:{nameof(OperatorOptions.WebIdentityTokenFile)} set"));
        }

        return (new AmbientIdentity(), null);
    }

    private static bool IsUrl(string text)
    {
        try
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            // A host that DNS cannot spell is found out only when it is spelt so.
            return false;
        }
    }

    private static bool Matches(IEnumerable<string> globs, Uri endpoint) => globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob, endpoint.Host));

    // A namespace passed over in silence would have another Secret of that name read in its place.
    private static (string Field, string Namespace)? ForeignSecret(AWSProviderSpec spec) => spec switch
    {
        { CredentialsSecret.Namespace: { Length: > 0 } ns } => ("credentialsSecret", ns),
        { AccessKeyIDRef.Namespace: { Length: > 0 } ns } => ("accessKeyIDRef", ns),
        { SecretAccessKeyRef.Namespace: { Length: > 0 } ns } => ("secretAccessKeyRef", ns),
        { SessionTokenRef.Namespace: { Length: > 0 } ns } => ("sessionTokenRef", ns),
        _ => null,
    };

    private static async Task<(AwsIdentity? Identity, ProviderIdentity? Problem)> FromKeysAsync(
        SecretReader secrets, SecretKeyReference id, SecretKeyReference secret, SecretKeyReference? token, bool tokenOptional, CancellationToken cancellationToken)
    {
        var (idValue, idProblem) = await secrets.ReadAsync(id, cancellationToken);
        var (secretValue, secretProblem) = await secrets.ReadAsync(secret, cancellationToken);
        var (tokenValue, tokenProblem) = token is null ? (null, null) : await secrets.ReadAsync(token, cancellationToken);
        return (idProblem ?? secretProblem ?? (tokenOptional ? null : tokenProblem)) is { } problem
            ? (null, new(null, null, Reasons.SecretNotFound, problem))
            : (new StaticIdentity(idValue!, secretValue!, tokenValue), null);
    }

    private static ProviderIdentity NoSecret(string field, string name) => Invalid($"spec.{field}: '{name}' names no Secret; write the name of one in the provider's namespace");

    private static ProviderIdentity Invalid(string message) => new(null, null, Reasons.InvalidSpec, message);

    /// <summary>Reads each Secret once, and only in the provider's own namespace.</summary>
    private sealed class SecretReader(KubernetesApi api, string ns)
    {
        private readonly Dictionary<string, IReadOnlyDictionary<string, byte[]>?> _read = [];

        public async Task<(string? Value, string? Problem)> ReadAsync(SecretKeyReference reference, CancellationToken cancellationToken)
        {
            if (!_read.TryGetValue(reference.Name, out var secret))
            {
                secret = await GetAsync(reference.Name, cancellationToken);
                _read.Add(reference.Name, secret);
            }

            return secret is null ? (null, $"Secret '{ns}/{reference.Name}' does not exist; create it in the provider's namespace")
                : !secret.TryGetValue(reference.Key, out var bytes) ? (null, $"Secret '{ns}/{reference.Name}' has no key '{reference.Key}'; add it")
                : Encoding.UTF8.GetString(bytes).Trim() is not { Length: > 0 } value ? (null, $"Secret '{ns}/{reference.Name}' has nothing under the key '{reference.Key}'; fill it")
                : !value.All(IsOfKey) ? (null, $"Secret '{ns}/{reference.Name}' has under the key '{reference.Key}' a character that no key of AWS has; fill it anew")
                : (value, null);
        }

        // Such a character could not even be sent, and looks like trouble with the network then.
        private static bool IsOfKey(char letter) => letter is > ' ' and <= '~';

        private async Task<IReadOnlyDictionary<string, byte[]>?> GetAsync(string name, CancellationToken cancellationToken)
        {
            try
            {
                return await api.GetSecretAsync(ns, name, cancellationToken);
            }
            catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.NotFound)
            {
                return null;
            }
        }
    }
}
