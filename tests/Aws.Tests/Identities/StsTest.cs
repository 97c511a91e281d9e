using System.Collections.Immutable;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Sts;
using InfraOperator.Sandbox.Ecr;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Aws.Tests.Identities;

/// <summary>An STS that holds its callers to trust policies: of an operator's account, and of another whose role trusts the first.</summary>
public abstract class StsTest : IAsyncLifetime
{
    protected const string Account = "123456789012";
    protected const string OtherAccount = "345678901234";
    protected const string UserArn = $"arn:aws:iam::{Account}:user/operator";
    protected const string OperatorRole = $"arn:aws:iam::{Account}:role/infra-operator-ecr-role";
    protected const string OtherRole = $"arn:aws:iam::{OtherAccount}:role/ecr-of-that-account";
    protected const string ExternalId = "external-id-of-that-account";
    protected const string ServiceAccount = "system:serviceaccount:infra-operator-system:infra-operator-controller-manager";
    protected const string Audience = "sts.amazonaws.com";
    protected const string StaticKeyId = "AKIASTATIC";
    protected const string TemporaryKeyId = "ASIATEMPORARY";
    protected const string TemporaryToken = "token-of-temporary-keys";

    /// <summary>Lets whoever has it assume every role, with tags.</summary>
    protected static readonly IdentityPolicy MayAssume = IdentityPolicy.Parse("""{"Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"*"}}""");

    private readonly SiloLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly AwsClientFactory _factory;
    private readonly string _folder = Directory.CreateTempSubdirectory("identities-").FullName;

    protected StsTest()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _factory = new(Clock, _loggers);
        Issuer = new("https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE", Clock);
    }

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    protected FakeSts Sts { get; private set; } = null!;

    protected TokenIssuer Issuer { get; }

    protected StaticIdentity StaticKeys { get; private set; } = null!;

    protected StaticIdentity TemporaryKeys { get; private set; } = null!;

    protected string TokenFile => Path.Combine(_folder, "token");

    protected WebIdentity ByToken => new(OperatorRole, TokenFile, "test.session");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Sts = await FakeSts.StartAsync(Clock);
        StaticKeys = new(StaticKeyId, Sts.Accounts.AddUser(StaticKeyId, UserArn, MayAssume).Secret, null);
        TemporaryKeys = new(TemporaryKeyId, Sts.Accounts.AddUser(TemporaryKeyId, UserArn, MayAssume, TemporaryToken).Secret, TemporaryToken);
        Sts.Accounts.AddProvider(Account, Issuer, Audience, "another.audience");
        Sts.Accounts.AddRole(OperatorRole, TrustTokens(), MayAssume);
        Sts.Accounts.AddRole(OtherRole, TrustOperator());
        WriteToken();
    }

    public virtual async ValueTask DisposeAsync()
    {
        _factory.Dispose();
        _loggers.Dispose();
        Issuer.Dispose();
        await Sts.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected AwsClients ClientsOf(AwsIdentity identity, string region = "eu-west-1") => _factory.Create(identity, new(region, Sts.Url));

    protected static AssumedRole On(AwsIdentity identity, string? externalId = ExternalId) => new(identity, OtherRole, externalId, "test.session");

    protected static SessionTags Tags(params (string Key, string Value)[] tags) => new(tags.ToImmutableSortedDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal));

    /// <summary>Puts another token into the file, as the kubelet does.</summary>
    protected string WriteToken(string subject = ServiceAccount, string audience = Audience)
    {
        var token = Issuer.Issue(subject, audience, TimeSpan.FromHours(1));
        File.WriteAllText(TokenFile, token);
        return token;
    }

    /// <summary>Trusts a service account.</summary>
    protected string TrustTokens(string audience = Audience) => $$"""
        {"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::{{Account}}:oidc-provider/{{Issuer.Name}}"},"Action":"sts:AssumeRoleWithWebIdentity",
        "Condition":{"StringEquals":{"{{Issuer.Name}}:sub":"{{ServiceAccount}}","{{Issuer.Name}}:aud":"{{audience}}"} } } }
        """;

    /// <summary>Trusts the operator's account where it says the external id.</summary>
    protected static string TrustOperator(string more = "") => $$"""
        {"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{Account}}:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"{{ExternalId}}"} } }{{more}}]}
        """;

    /// <summary>Lets the operator's account tag sessions, for <see cref="TrustOperator"/>.</summary>
    protected static string TrustTags(string conditions = "") =>
        $$""",{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{Account}}:root"},"Action":"sts:TagSession"{{conditions}}}""";

    /// <summary>What the call fails with; neither it nor the log tells a secret.</summary>
    protected async Task<AwsFailure> RefusalOf(AwsClients clients, params string[] secrets)
    {
        var failure = AwsFailure.From(await Assert.ThrowsAnyAsync<Exception>(() => clients.GetCallerIdentityAsync(Cancel)), "GetCallerIdentity");
        Assert.NotNull(failure);
        foreach (var secret in (string[])[StaticKeys.SecretAccessKey, TemporaryKeys.SecretAccessKey, TemporaryToken, ExternalId, File.ReadAllText(TokenFile), .. secrets])
        {
            Assert.DoesNotContain(secret, failure.Message);
            Assert.All(_log.Lines, line => Assert.DoesNotContain(secret, line));
        }

        return failure;
    }
}
