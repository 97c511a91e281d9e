namespace InfraOperator.Aws.Tests.Identities;

/// <summary>What was wrong for a while heals by itself, and costs STS one call for all who wait.</summary>
public sealed class HealingTests : StsTest
{
    private const int Callers = 100;

    [Theory]
    [InlineData("AssumeRole")]
    [InlineData("AssumeRoleWithWebIdentity")]
    public async Task A_throttled_STS_heals(string operation)
    {
        var clients = ClientsOf(operation == "AssumeRole" ? On(StaticKeys) : ByToken);
        Sts.Throttle(2);

        var failure = await RefusalOf(clients);
        Assert.Equal((AwsFailureKind.Throttled, operation, "Rate exceeded"), (failure.Kind, failure.Operation, failure.Message));
        Assert.Equal(2, Sts.Calls(operation));

        Clock.Advance(TimeSpan.FromSeconds(5));
        await clients.GetCallerIdentityAsync(Cancel);
        Assert.Equal(3, Sts.Calls(operation));
    }

    [Fact]
    public async Task One_throttle_is_not_noticed()
    {
        Sts.Throttle(1);

        await ClientsOf(On(StaticKeys)).GetCallerIdentityAsync(Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sessions_that_ended_or_were_revoked_are_replaced_by_one_call_each(bool areRevoked)
    {
        var clients = ClientsOf(On(ByToken));
        await clients.GetCallerIdentityAsync(Cancel);
        if (areRevoked)
        {
            Sts.Accounts.RevokeSessions();
        }
        else
        {
            Clock.Advance(TimeSpan.FromHours(2));
            WriteToken();
        }

        var callers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => clients.GetCallerIdentityAsync(Cancel)));

        Assert.All(callers, caller => Assert.Equal(OtherAccount, caller.AccountId));
        Assert.Equal(2, Sts.Calls("AssumeRoleWithWebIdentity"));

        // That the base's session was revoked shows when it is used: once more.
        Assert.Equal(areRevoked ? 3 : 2, Sts.Calls("AssumeRole"));
        Assert.Equal(2, Sts.Log.Where(call => call.Operation == "AssumeRole").Select(call => call.AccessKeyId).Distinct().Count());
    }

    [Fact]
    public async Task A_role_that_is_trusted_late_is_assumed_without_new_clients()
    {
        Sts.Accounts.AddRole(OtherRole, """{"Statement":[]}""");
        var clients = ClientsOf(On(StaticKeys));
        await RefusalOf(clients);

        Sts.Accounts.AddRole(OtherRole, TrustOperator());
        Clock.Advance(TimeSpan.FromSeconds(5));
        await clients.GetCallerIdentityAsync(Cancel);
    }

    [Fact]
    public async Task A_role_that_is_trusted_no_more_is_told_when_its_session_ends()
    {
        var clients = ClientsOf(On(StaticKeys));
        await clients.GetCallerIdentityAsync(Cancel);
        Sts.Accounts.AddRole(OtherRole, """{"Statement":[]}""");
        await clients.GetCallerIdentityAsync(Cancel);

        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(AwsFailureKind.AccessDenied, (await RefusalOf(clients)).Kind);
    }
}
