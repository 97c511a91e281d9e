namespace InfraOperator.Aws.Tests.Identities;

/// <summary>Each kind of identity that a provider can name, before an STS that decides by trust policies.</summary>
public sealed class IdentityTests : StsTest
{
    public static TheoryData<string> Kinds => ["static keys", "static keys with a session token", "token"];

    public static TheoryData<string, string?> WrongExternalIds
    {
        get
        {
            var data = new TheoryData<string, string?>();
            foreach (var kind in (string[])["static keys", "static keys with a session token", "token"])
            {
                data.Add(kind, null);
                data.Add(kind, "another");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_identity_is_who_it_should_be(string kind) =>
        Assert.Equal(kind == "token" ? $"arn:aws:sts::{Account}:assumed-role/infra-operator-ecr-role/test.session" : UserArn, (await ClientsOf(Base(kind)).GetCallerIdentityAsync(Cancel)).Arn);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Another_accounts_role_is_assumed_on_top(string kind)
    {
        var caller = await ClientsOf(On(Base(kind))).GetCallerIdentityAsync(Cancel);

        Assert.Equal((OtherAccount, $"arn:aws:sts::{OtherAccount}:assumed-role/ecr-of-that-account/test.session"), (caller.AccountId, caller.Arn));
    }

    [Theory]
    [MemberData(nameof(WrongExternalIds))]
    public async Task Without_its_external_id_a_role_is_not_assumed(string kind, string? externalId)
    {
        var failure = await RefusalOf(ClientsOf(On(Base(kind), externalId)));

        Assert.Equal((AwsFailureKind.AccessDenied, "AssumeRole", "AccessDenied"), (failure.Kind, failure.Operation, failure.Code));
        Assert.Equal($"User: {(await ClientsOf(Base(kind)).GetCallerIdentityAsync(Cancel)).Arn} is not authorized to perform: sts:AssumeRole on resource: {OtherRole}", failure.Message);
    }

    [Fact]
    public async Task Keys_without_their_session_token_are_refused()
    {
        var failure = await RefusalOf(ClientsOf(TemporaryKeys with { SessionToken = null }));

        Assert.Equal((AwsFailureKind.CredentialsExpired, "InvalidClientTokenId"), (failure.Kind, failure.Code));
    }

    [Fact]
    public async Task A_token_for_an_audience_that_the_account_does_not_know_is_refused()
    {
        WriteToken(audience: "kubernetes.default.svc");

        var failure = await RefusalOf(ClientsOf(ByToken));

        Assert.Equal((AwsFailureKind.CredentialsExpired, "AssumeRoleWithWebIdentity", "InvalidIdentityToken", "Incorrect token audience"), (failure.Kind, failure.Operation, failure.Code, failure.Message));
    }

    [Theory]
    [InlineData(ServiceAccount, "another.audience")]
    [InlineData("system:serviceaccount:infra-operator-system:default", Audience)]
    public async Task A_token_that_the_role_does_not_trust_is_refused(string subject, string audience)
    {
        WriteToken(subject, audience);

        var failure = await RefusalOf(ClientsOf(ByToken));

        Assert.Equal((AwsFailureKind.AccessDenied, "Not authorized to perform sts:AssumeRoleWithWebIdentity"), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task A_token_of_another_cluster_is_refused()
    {
        using var another = new Conformance.Sts.TokenIssuer($"https://{Issuer.Name}", Clock);
        await File.WriteAllTextAsync(TokenFile, another.Issue(ServiceAccount, Audience, TimeSpan.FromHours(1)), Cancel);

        Assert.Equal("InvalidIdentityToken", (await RefusalOf(ClientsOf(ByToken))).Code);
    }

    [Fact]
    public async Task A_rotated_token_is_read_at_each_renewal()
    {
        var clients = ClientsOf(ByToken);
        List<string> tokens = [await File.ReadAllTextAsync(TokenFile, Cancel)];
        await clients.GetCallerIdentityAsync(Cancel);
        for (var hour = 0; hour < 3; hour++)
        {
            // The one before has ended by then.
            Clock.Advance(TimeSpan.FromMinutes(61));
            tokens.Add(WriteToken());
            await clients.GetCallerIdentityAsync(Cancel);
        }

        Assert.Equal(tokens, Sts.Log.Where(call => call.Operation == "AssumeRoleWithWebIdentity").Select(call => call.Form["WebIdentityToken"]));
    }

    [Fact]
    public async Task A_token_that_ended_is_told_and_the_next_one_heals()
    {
        var clients = ClientsOf(ByToken);
        Clock.Advance(TimeSpan.FromMinutes(61));
        var failure = await RefusalOf(clients);
        Assert.Equal((AwsFailureKind.CredentialsExpired, "ExpiredTokenException"), (failure.Kind, failure.Code));
        Assert.StartsWith("Token expired: current date/time ", failure.Message);

        WriteToken();
        Clock.Advance(TimeSpan.FromSeconds(5));
        await clients.GetCallerIdentityAsync(Cancel);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_role_that_asks_for_tags_is_assumed_with_them_alone(string kind)
    {
        Sts.Accounts.AddRole(OtherRole, TrustOperator(TrustTags(""","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}""")));
        await ClientsOf(On(Base(kind)) with { Tags = Tags(("team", "a"), ("stage", "prod")) }).GetCallerIdentityAsync(Cancel);

        var failure = await RefusalOf(ClientsOf(On(Base(kind)) with { Tags = Tags(("team", "b")) }));
        Assert.Equal(AwsFailureKind.AccessDenied, failure.Kind);
        Assert.EndsWith($" is not authorized to perform: sts:TagSession on resource: {OtherRole}", failure.Message);
    }

    [Fact]
    public async Task Tags_take_a_permission_on_both_sides()
    {
        var tagged = On(StaticKeys) with { Tags = Tags(("team", "a")) };
        Assert.Contains("sts:TagSession", (await RefusalOf(ClientsOf(tagged))).Message);

        Sts.Accounts.AddRole(OtherRole, TrustOperator(TrustTags()));
        await ClientsOf(tagged).GetCallerIdentityAsync(Cancel);

        var mayNotTag = Sts.Accounts.AddUser("AKIAUNTAGGED", UserArn, Sandbox.Ecr.IdentityPolicy.Parse("""{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"""));
        Assert.Contains("sts:TagSession", (await RefusalOf(ClientsOf(tagged with { Base = new StaticIdentity("AKIAUNTAGGED", mayNotTag.Secret, null) }))).Message);
    }

    private AwsIdentity Base(string kind) => kind switch
    {
        "static keys" => StaticKeys,
        "static keys with a session token" => TemporaryKeys,
        _ => ByToken,
    };
}
