using Amazon;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Sts;

namespace InfraOperator.Aws.Tests.Identities;

/// <summary>What the environment belongs to runs alone.</summary>
[CollectionDefinition(nameof(AmbientTests), DisableParallelization = true)]
public sealed class AmbientCollection;

/// <summary>The identity that the process was given, in each of the ways that EKS has.</summary>
[Collection(nameof(AmbientTests))]
public sealed class AmbientTests : StsTest
{
    private static readonly string[] Variables =
    [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_REGION", "AWS_ENDPOINT_URL",
        "AWS_SHARED_CREDENTIALS_FILE",
    ];

    private readonly Dictionary<string, string?> _before = Variables.ToDictionary(name => name, Environment.GetEnvironmentVariable);
    private PodIdentityAgent _agent = null!;

    public static TheoryData<string> Kinds => ["keys", "keys with a session token", "token", "pod identity"];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _agent = await PodIdentityAgent.StartAsync(Sts.Accounts, Issuer, Clock, OperatorRole);
        Sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInAnotherAccountsPod);
    }

    public override async ValueTask DisposeAsync()
    {
        AWSConfigs.ManualClockCorrection = null;
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        await _agent.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_process_is_who_it_was_made(string kind)
    {
        var arn = Give(kind);

        Assert.Equal(arn, (await ClientsOf(new AmbientIdentity()).GetCallerIdentityAsync(Cancel)).Arn);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Another_accounts_role_is_assumed_on_top(string kind)
    {
        var arn = Give(kind);
        if (arn == UserArn)
        {
            Sts.Accounts.AddRole(OtherRole, TrustOperator());
        }

        Assert.Equal(OtherAccount, (await ClientsOf(On(new AmbientIdentity())).GetCallerIdentityAsync(Cancel)).AccountId);

        var failure = await RefusalOf(ClientsOf(On(new AmbientIdentity(), "another")));
        Assert.Equal((AwsFailureKind.AccessDenied, $"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {OtherRole}"), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task What_the_environment_says_of_places_is_not_heeded()
    {
        Give("token");
        Environment.SetEnvironmentVariable("AWS_REGION", "us-east-2");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        await ClientsOf(On(new AmbientIdentity()), "eu-central-1").GetCallerIdentityAsync(Cancel);

        Assert.Equal([null, "eu-central-1", "eu-central-1"], Sts.Log.Select(call => call.Region));
    }

    [Fact]
    public async Task A_pods_token_is_read_again_when_its_credentials_end()
    {
        Give("pod identity");
        var clients = ClientsOf(new AmbientIdentity());
        await clients.GetCallerIdentityAsync(Cancel);
        WriteToken(audience: PodIdentityAgent.Service);
        Clock.Advance(TimeSpan.FromHours(2));
        AWSConfigs.ManualClockCorrection = TimeSpan.FromHours(2);

        // The first token has ended by now.
        WriteToken(audience: PodIdentityAgent.Service);
        await clients.GetCallerIdentityAsync(Cancel);
        Assert.Equal(2, _agent.Calls);
    }

    [Fact]
    public async Task A_pods_credentials_that_AWS_refuses_are_replaced_within_the_call()
    {
        Give("pod identity");
        var clients = ClientsOf(On(new AmbientIdentity()));
        await clients.GetCallerIdentityAsync(Cancel);
        Sts.Accounts.RevokeSessions();

        await clients.GetCallerIdentityAsync(Cancel);
        Assert.Equal(2, _agent.Calls);
    }

    [Fact]
    public async Task Keys_of_the_environment_that_AWS_refuses_are_not_tried_again()
    {
        Give("keys with a session token");
        Environment.SetEnvironmentVariable("AWS_SESSION_TOKEN", "another");

        Assert.Equal(AwsFailureKind.CredentialsExpired, (await RefusalOf(ClientsOf(new AmbientIdentity()))).Kind);
        Assert.Equal(1, Sts.Calls("GetCallerIdentity"));
    }

    [Fact]
    public async Task A_pods_token_for_another_audience_gets_it_nothing()
    {
        Give("pod identity");
        WriteToken(audience: Audience);

        var failure = await RefusalOf(ClientsOf(new AmbientIdentity()));
        Assert.Equal((AwsFailureKind.CredentialsExpired, "GetCredentials"), (failure.Kind, failure.Operation));
    }

    [Fact]
    public async Task A_pods_tags_go_along_and_take_a_permission_on_both_sides()
    {
        Give("pod identity");
        await ClientsOf(On(new AmbientIdentity())).GetCallerIdentityAsync(Cancel);

        Sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInAnotherAccount);
        Assert.EndsWith($" is not authorized to perform: sts:TagSession on resource: {OtherRole}", (await RefusalOf(ClientsOf(On(new AmbientIdentity())))).Message);

        Give("pod identity");
        Sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInAnotherAccountsPod);
        Sts.Accounts.AddRole(OperatorRole, PrintedPolicies.TrustInPodIdentity, PrintedPolicies.AnotherRole);
        Assert.EndsWith($" is not authorized to perform: sts:TagSession on resource: {OtherRole}", (await RefusalOf(ClientsOf(On(new AmbientIdentity())))).Message);
    }

    [Theory]
    [InlineData("team-a", true)]
    [InlineData("team-b", false)]
    public async Task A_pods_tags_go_beside_those_of_a_namespace(string ns, bool isTrusted)
    {
        Give("pod identity");
        Sts.Accounts.AddRole(OtherRole, PrintedPolicies.TrustInOneNamespace);
        var clients = ClientsOf(On(new AmbientIdentity()) with { Tags = Tags(("infra-operator-cluster", "prod-eu-1"), ("infra-operator-namespace", ns)) });

        if (isTrusted)
        {
            await clients.GetCallerIdentityAsync(Cancel);
        }
        else
        {
            Assert.Equal(AwsFailureKind.AccessDenied, (await RefusalOf(clients)).Kind);
        }
    }

    [Theory]
    [InlineData("pods.eks.amazonaws.com", "sts:AssumeRole", true)]
    [InlineData("pods.eks.amazonaws.com", "sts:TagSession", true)]
    [InlineData("pods.eks.amazonaws.com", "sts:SetSourceIdentity", false)]
    [InlineData("ec2.amazonaws.com", "sts:AssumeRole", false)]
    public void Pod_Identity_alone_is_trusted_with_what_it_does(string service, string action, bool isTrusted) =>
        Assert.Equal(isTrusted, TrustPolicy.Parse(PrintedPolicies.TrustInPodIdentity).Allows("Service", [service], action, new Dictionary<string, string>()));

    /// <summary>Gives the process an identity.</summary>
    /// <returns>Its ARN.</returns>
    private string Give(string kind)
    {
        foreach (var name in Variables)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        // The SDK looks for an identity once in a process, and anew where one of the variables for keys has changed, be it alone.
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", Guid.NewGuid().ToString());
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", TokenFile + ".none");
        switch (kind)
        {
            case "token":
                Environment.SetEnvironmentVariable("AWS_ROLE_ARN", OperatorRole);
                Environment.SetEnvironmentVariable("AWS_WEB_IDENTITY_TOKEN_FILE", TokenFile);
                return $"arn:aws:sts::{Account}:assumed-role/infra-operator-ecr-role/infra-operator";
            case "pod identity":
                Sts.Accounts.AddRole(OperatorRole, PrintedPolicies.TrustInPodIdentity, PrintedPolicies.AnotherRoleWithTags);
                WriteToken(audience: PodIdentityAgent.Service);
                Environment.SetEnvironmentVariable("AWS_CONTAINER_CREDENTIALS_FULL_URI", _agent.CredentialsUrl.AbsoluteUri);
                Environment.SetEnvironmentVariable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", TokenFile);
                return $"arn:aws:sts::{Account}:assumed-role/infra-operator-ecr-role/eks-my-cluster-pod-1";
            default:
                var keys = kind == "keys" ? StaticKeys : TemporaryKeys;
                Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", keys.AccessKeyId);
                Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", keys.SecretAccessKey);
                Environment.SetEnvironmentVariable("AWS_SESSION_TOKEN", keys.SessionToken);
                return UserArn;
        }
    }
}
