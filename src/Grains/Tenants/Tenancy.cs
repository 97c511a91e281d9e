using System.IO.Enumeration;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Tenants;

/// <summary>What the tenancy rules let one namespace do. Pure: whoever asks has not called AWS yet.</summary>
internal sealed class Tenancy
{
    private const string Configuration = $"{OperatorOptions.Section}:{nameof(OperatorOptions.Tenants)} of the operator's configuration";

    private readonly string _namespace;
    private readonly bool _isOpen;
    private readonly TenantOptions? _rule;

    private Tenancy(string ns, IList<TenantOptions> rules)
    {
        _namespace = ns;
        _isOpen = rules.Count == 0;
        _rule = rules.FirstOrDefault(rule => Names(rule.Namespaces, ns));
    }

    /// <summary>Finds the rule of a namespace.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="options">The rules.</param>
    public static Tenancy Of(string ns, OperatorOptions options) => new(ns, options.Tenants);

    /// <summary>Why a provider of the namespace may not be used; null where its spec is within the bounds.</summary>
    /// <param name="spec">The provider's spec.</param>
    public Problem? RefusalOf(AWSProviderSpec spec)
    {
        if (_rule is null)
        {
            return Unruled();
        }

        if (!Allows(_rule.Regions, spec.Region))
        {
            return OfField("spec.region", spec.Region, _rule.Regions);
        }

        (string Field, string? Role)[] roles = [("spec.roleARN", spec.RoleARN), ("spec.assumeRoleARN", spec.AssumeRoleARN)];
        foreach (var (field, role) in roles)
        {
            if (role is { Length: > 0 } && !Allows(_rule.RoleARNs, role, except: TenantOptions.Ambient))
            {
                return OfField(field, role, _rule.RoleARNs);
            }
        }

        if (IsAmbient(spec) && _rule.RoleARNs.Count > 0 && !_rule.RoleARNs.Contains(TenantOptions.Ambient))
        {
            return new(
                Reasons.InvalidSpec,
                $"spec: names neither keys nor a role, and tenancy rule '{_rule.Name}' does not allow the operator's own identity, only the roles {List(_rule.RoleARNs)}; name one, or have the rule changed in {Configuration}",
                Mend.Person,
                Bearing.OnKnowledge);
        }

        if (Uri.TryCreate(spec.Endpoint, UriKind.Absolute, out var endpoint) && !Allows(_rule.EndpointHosts, endpoint.Host, ignoreCase: true))
        {
            return OfField("spec.endpoint", endpoint.Host, _rule.EndpointHosts);
        }

        // A role's account is known before anybody assumes it.
        return AccountOf(roles.Select(role => role.Role).LastOrDefault(role => role is { Length: > 0 })) is { } account ? RefusalOf(account) : null;
    }

    /// <summary>Why nothing may be done in an account; null where it may.</summary>
    /// <param name="account">The account.</param>
    public Problem? RefusalOf(string account) => _rule is null ? Unruled()
        : _rule.AccountIDs.Count == 0 || _rule.AccountIDs.Contains(account) ? null
        : NotAllowed($"account {account}", _rule.AccountIDs);

    /// <summary>Why nothing may be done in an account and region; null where it may, or the place is not known.</summary>
    /// <param name="place">The place.</param>
    public Problem? RefusalOf(AwsPlace? place) => _rule is null ? Unruled()
        : place is null ? null
        : !Allows(_rule.Regions, place.Region) ? NotAllowed($"region {place.Region}", _rule.Regions)
        : RefusalOf(place.AccountId);

    /// <summary>Why an object of the namespace may not name a repository; null where it may.</summary>
    /// <param name="repositoryName">The repository's name.</param>
    public Problem? RefusalOfRepository(string repositoryName) => _rule is null ? Unruled()
        : Allows(_rule.RepositoryNames, repositoryName) ? null
        : OfField("spec.repositoryName", repositoryName, _rule.RepositoryNames);

    /// <summary>How many objects of the namespace may have a repository; null where any number may.</summary>
    public int? MaxRepositories => _rule?.MaxRepositories;

    /// <summary>Why an object of the namespace may not have a repository beside those that others have.</summary>
    /// <param name="others">How many others have one.</param>
    public Problem RefusalOfOneMore(int others) => new(
        Reasons.InvalidSpec,
        $"tenancy rule '{_rule!.Name}' allows namespace '{_namespace}' {MaxRepositories} repositories, and {others} other ECRRepository objects have one or are about to; delete one of them, or have the rule changed in {Configuration}",
        Mend.Person,
        Bearing.OnKnowledge);

    /// <summary>Whether an object of the namespace may have a repository.</summary>
    /// <param name="repositoryName">The repository's name.</param>
    /// <param name="place">Where it is or would be; null where that is not known.</param>
    public bool Includes(string repositoryName, AwsPlace? place) => RefusalOfRepository(repositoryName) is null && RefusalOf(place) is null;

    // The base that ProviderIdentity comes to where nothing else is named.
    private static bool IsAmbient(AWSProviderSpec spec) =>
        spec is { CredentialsSecret: null, AccessKeyIDRef: null, SecretAccessKeyRef: null } && spec is { RoleARN: null or "", AssumeRoleARN: null or "" };

    private static string? AccountOf(string? roleArn) => roleArn?.Split(':') is [_, _, _, _, { Length: > 0 } account, ..] ? account : null;

    private static bool Allows(IList<string> globs, string value, bool ignoreCase = false, string? except = null) => globs.Count == 0 || Names(globs.Where(glob => glob != except), value, ignoreCase);

    private static bool Names(IEnumerable<string> globs, string value, bool ignoreCase = false) => globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob, value, ignoreCase));

    private static string List(IEnumerable<string> allowed) => string.Join(", ", allowed);

    private Problem? Unruled() => _isOpen ? null : new(
        Reasons.ProviderNotAllowed,
        $"no tenancy rule is for namespace '{_namespace}', and nothing is done for it in AWS; have a rule name it in {Configuration}",
        Mend.Person,
        Bearing.OnKnowledge);

    private Problem OfField(string field, string value, IEnumerable<string> allowed) => new(
        Reasons.InvalidSpec,
        $"{field}: '{value}' is outside tenancy rule '{_rule!.Name}' of namespace '{_namespace}', which allows {List(allowed)}; name one of these, or have the rule changed in {Configuration}",
        Mend.Person,
        Bearing.OnKnowledge);

    private Problem NotAllowed(string what, IEnumerable<string> allowed) => new(
        Reasons.ProviderNotAllowed,
        $"the provider acts in {what}, outside tenancy rule '{_rule!.Name}' of namespace '{_namespace}', which allows {List(allowed)}; use an identity of one of these, or have the rule changed in {Configuration}",
        Mend.Person,
        Bearing.OnKnowledge);
}
