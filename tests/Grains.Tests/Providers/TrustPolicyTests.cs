using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Sts;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Tests.Pace;
using InfraOperator.Kubernetes;
using InfraOperator.Sandbox.Ecr;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>The printed trust policies let in what the control plane sends for the providers that they are for, and no other.</summary>
public sealed class TrustPolicyTests : IAsyncLifetime
{
    private const string Account = "123456789012";
    private const string OperatorRole = $"arn:aws:iam::{Account}:role/infra-operator-ecr-role";
    private const string OtherRole = "arn:aws:iam::345678901234:role/ecr-of-that-account";
    private const string ExternalId = "external-id-of-that-account";
    private const string ServiceAccount = "system:serviceaccount:infra-operator-system:infra-operator-controller-manager";
    private const string Audience = "sts.amazonaws.com";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly string _token = Path.GetTempFileName();
    private readonly TokenIssuer _issuer;
    private readonly AwsClientFactory _aws;
    private readonly KubernetesApi _api = new(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, TimeProvider.System, NullLoggerFactory.Instance);
    private FakeSts _sts = null!;

    public TrustPolicyTests()
    {
        _aws = new(_time, NullLoggerFactory.Instance);
        _issuer = new("https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE", _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static AWSProviderSpec Own => new() { RoleARN = OperatorRole };

    private static AWSProviderSpec Other => Own with { AssumeRoleARN = OtherRole, ExternalID = ExternalId };

    private static AWSProviderSpec Tagged => Other with { SessionTags = true };

    public static TheoryData<string> NotOfTheNamespace => ["another namespace", "another cluster", "no tags", "no external id", "another external id", "another role of the operator's account"];

    public async ValueTask InitializeAsync()
    {
        _sts = await FakeSts.StartAsync(_time);
        _sts.Accounts.AddProvider(Account, _issuer, Audience, "another.audience");
        _sts.Accounts.AddRole(OperatorRole, PrintedPolicies.TrustInServiceAccount, PrintedPolicies.AnotherRole);
        _sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInAnotherAccount);
        await WriteTokenAsync(ServiceAccount, Audience);
    }

    public async ValueTask DisposeAsync()
    {
        _aws.Dispose();
        _api.Dispose();
        _issuer.Dispose();
        await _sts.DisposeAsync();
        File.Delete(_token);
    }

    [Fact]
    public async Task The_service_account_is_trusted() =>
        Assert.Equal((true, $"acts as arn:aws:sts::{Account}:assumed-role/infra-operator-ecr-role/prod-eu-1.team-a.images"), await ProveAsync(Own));

    [Theory]
    [InlineData("system:serviceaccount:infra-operator-system:default", Audience)]
    [InlineData("system:serviceaccount:team-a:infra-operator-controller-manager", Audience)]
    [InlineData(ServiceAccount, "another.audience")]
    public async Task No_other_token_is(string subject, string audience)
    {
        await WriteTokenAsync(subject, audience);

        AssertRefused(await ProveAsync(Own), "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    [Fact]
    public async Task Another_account_trusts_the_operators_role_with_the_external_id() =>
        Assert.Equal((true, "acts as arn:aws:sts::345678901234:assumed-role/ecr-of-that-account/prod-eu-1.team-a.images"), await ProveAsync(Other));

    [Theory]
    [InlineData("no external id")]
    [InlineData("another external id")]
    [InlineData("another role of the operator's account")]
    public async Task Another_account_trusts_nobody_else(string what) => AssertRefused(await ProveOtherwiseAsync(what, Other), "sts:AssumeRole on resource");

    [Fact]
    public async Task Tags_take_the_policies_that_say_so_on_both_sides()
    {
        AssertRefused(await ProveAsync(Tagged), "sts:TagSession on resource");

        _sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInOneNamespace);
        AssertRefused(await ProveAsync(Tagged), "sts:TagSession on resource");

        _sts.Accounts.AddRole(OperatorRole, PrintedPolicies.TrustInServiceAccount, PrintedPolicies.AnotherRoleWithTags);
        _sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInAnotherAccount);
        AssertRefused(await ProveAsync(Tagged), "sts:TagSession on resource");
    }

    [Fact]
    public async Task A_role_trusts_one_namespace()
    {
        TrustOneNamespace();

        Assert.Equal((true, "acts as arn:aws:sts::345678901234:assumed-role/ecr-of-that-account/prod-eu-1.team-a.images"), await ProveAsync(Tagged));
        Assert.True((await ProveAsync(Tagged, "team-a", name: "another")).IsReady);
    }

    [Theory]
    [MemberData(nameof(NotOfTheNamespace))]
    public async Task A_role_that_trusts_one_namespace_trusts_no_other(string what)
    {
        TrustOneNamespace();

        AssertRefused(await ProveOtherwiseAsync(what, Tagged), "sts:AssumeRole on resource");
    }

    [Fact]
    public async Task Force_sync_on_a_provider_begins_new_sessions()
    {
        var proof = ProofOf(new("prod-eu-1", "team-a", "images"));
        await proof.ProveAsync(ProviderOf(Other), Cancel);
        await proof.ProveAsync(ProviderOf(Other), Cancel);
        Assert.Equal(1, _sts.Calls("AssumeRole"));

        var asked = ProviderOf(Other);
        await proof.ProveAsync(asked with { Metadata = asked.Metadata with { Annotations = asked.Metadata.Annotations.SetItem(ApiNames.ForceSyncAnnotation, "now") } }, Cancel);
        Assert.Equal(2, _sts.Calls("AssumeRole"));
    }

    private static void AssertRefused((bool IsReady, string Message) told, string words)
    {
        Assert.False(told.IsReady);
        Assert.Contains(words, told.Message);
        Assert.DoesNotContain(ExternalId, told.Message);
    }

    private void TrustOneNamespace()
    {
        _sts.Accounts.AddRole(OperatorRole, PrintedPolicies.TrustInServiceAccount, PrintedPolicies.AnotherRoleWithTags);
        _sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInOneNamespace);
    }

    private Task<(bool IsReady, string Message)> ProveOtherwiseAsync(string what, AWSProviderSpec spec)
    {
        const string AnotherRole = $"arn:aws:iam::{Account}:role/another";
        _sts.Accounts.AddRole(AnotherRole, PrintedPolicies.TrustInServiceAccount, IdentityPolicy.Parse("""{"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}"""));
        return what switch
        {
            "another namespace" => ProveAsync(spec, "team-b"),
            "another cluster" => ProveAsync(spec, cluster: "prod-eu-2"),
            "no tags" => ProveAsync(spec with { SessionTags = null }),
            "no external id" => ProveAsync(spec with { ExternalID = null }),
            "another external id" => ProveAsync(spec with { ExternalID = "another" }),
            _ => ProveAsync(spec with { RoleARN = AnotherRole }),
        };
    }

    private async Task<(bool IsReady, string Message)> ProveAsync(AWSProviderSpec spec, string ns = "team-a", string cluster = "prod-eu-1", string name = "images")
    {
        var findings = await ProofOf(new(cluster, ns, name)).ProveAsync(ProviderOf(spec, ns, name), Cancel);
        return (findings.IsReady, findings.Message);
    }

    private static AWSProvider ProviderOf(AWSProviderSpec spec, string ns = "team-a", string name = "images") =>
        new() { Metadata = new() { Name = name, Namespace = ns, Uid = "uid", Generation = 1 }, Spec = spec with { Region = "us-east-1" } };

    private IdentityProof ProofOf(ResourceKey key) =>
        new(key, _api, _aws, new([]), _ => TestPace.Unlimited(key), new() { WebIdentityTokenFile = _token, AwsEndpointUrl = _sts.Url }, _time);

    private Task WriteTokenAsync(string subject, string audience) => File.WriteAllTextAsync(_token, _issuer.Issue(subject, audience, TimeSpan.FromHours(1)), Cancel);
}
