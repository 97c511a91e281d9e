using System.Collections.Immutable;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>Credentials come from the right place, once, and in time.</summary>
public sealed class CredentialsTests : AwsTest
{
    private const string RoleArn = "arn:aws:iam::111122223333:role/images";

    [Fact]
    public async Task Five_hundred_first_calls_assume_the_role_once()
    {
        var role = ClientsOf(new AssumedRole(Keys, RoleArn, null, "test.session"));

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => role.GetCallerIdentityAsync(Cancel)));

        Assert.Equal(1, Sandbox.Calls("AssumeRole"));
    }

    [Fact]
    public async Task A_session_is_renewed_ahead_of_its_end_without_a_wait()
    {
        var role = ClientsOf(new AssumedRole(Keys, RoleArn, null, "test.session"));
        await role.GetCallerIdentityAsync(Cancel);
        Sandbox.Faults.Add("AssumeRole", new EcrFault.Latency(TimeSpan.FromSeconds(5)), times: 1);

        Clock.Advance(TimeSpan.FromMinutes(50));
        await role.GetCallerIdentityAsync(Cancel).WaitAsync(Hang, Cancel);
        await Sandbox.WaitForDelayedAsync(1).WaitAsync(Hang, Cancel);

        Assert.Single(Sandbox.Log.Where(call => call.Operation == "GetCallerIdentity").Select(call => call.AccessKeyId).Distinct());
    }

    [Fact]
    public async Task A_rotated_token_file_is_read_again()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "first.token.a", Cancel);
            var web = ClientsOf(new WebIdentity(RoleArn, file, "test.session"));
            await web.GetCallerIdentityAsync(Cancel);
            await File.WriteAllTextAsync(file, "second.token.b", Cancel);

            Clock.Advance(TimeSpan.FromHours(2));
            await web.GetCallerIdentityAsync(Cancel);

            var bodies = Sandbox.Log.Where(call => call.Operation == "AssumeRoleWithWebIdentity").ToList();
            Assert.Equal(2, bodies.Count);
            Assert.Contains("WebIdentityToken=first.token.a", bodies[0].Body);
            Assert.Contains("WebIdentityToken=second.token.b", bodies[1].Body);
            Assert.All(bodies, call => Assert.Empty(call.AccessKeyId));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_missing_token_file_is_a_credential_that_cannot_be_had()
    {
        var failure = await FailureOf(() => ClientsOf(new WebIdentity(RoleArn, "/nowhere/token", "test.session")).GetCallerIdentityAsync(Cancel));

        Assert.Equal((AwsFailureKind.CredentialsExpired, "AssumeRoleWithWebIdentity"), (failure.Kind, failure.Operation));
        Assert.Contains("/nowhere/token", failure.Message);
    }

    [Fact]
    public async Task A_chain_of_roles_stays_in_the_targets_region_and_endpoint()
    {
        var chain = ClientsOf(new AssumedRole(new AssumedRole(Keys, RoleArn, null, "first.session"), "arn:aws:iam::444455556666:role/last", "secret-id", "second.session"), "eu-central-1");

        Assert.Equal("444455556666", (await chain.GetCallerIdentityAsync(Cancel)).AccountId);

        var calls = Sandbox.Log.ToList();
        Assert.Equal(["AssumeRole", "AssumeRole", "GetCallerIdentity"], calls.Select(call => call.Operation));
        Assert.All(calls, call => Assert.Equal("eu-central-1", call.Region));
        Assert.Equal(3, calls.Select(call => call.AccessKeyId).Distinct().Count());
        Assert.Contains("ExternalId=secret-id", calls[1].Body);
        Assert.DoesNotContain("ExternalId", calls[0].Body);
    }

    [Fact]
    public async Task A_session_that_AWS_refuses_is_replaced_within_the_call()
    {
        var role = ClientsOf(new AssumedRole(Keys, RoleArn, null, "test.session"));
        await role.GetCallerIdentityAsync(Cancel);
        Sandbox.Faults.Add("CreateRepository", EcrFault.ExpiredToken, times: 1);

        await Create("renewed", role);

        Assert.Equal(2, Sandbox.Calls("AssumeRole"));
        Assert.Equal(2, Sandbox.Log.Where(call => call.Operation == "CreateRepository").Select(call => call.AccessKeyId).Distinct().Count());
    }

    [Fact]
    public async Task Stored_keys_that_AWS_refuses_are_not_tried_again()
    {
        Sandbox.Faults.Add("CreateRepository", EcrFault.ExpiredToken);

        Assert.Equal(AwsFailureKind.CredentialsExpired, (await FailureOf(() => Create("refused"))).Kind);
        Assert.Equal(1, Sandbox.Calls("CreateRepository"));
    }

    [Fact]
    public async Task A_failed_renewal_is_tried_again_after_five_seconds()
    {
        Sandbox.Faults.Add("AssumeRole", new EcrFault.AccessDenied(), times: 1);
        var role = ClientsOf(new AssumedRole(Keys, RoleArn, null, "test.session"));
        await FailureOf(() => role.GetCallerIdentityAsync(Cancel));

        await FailureOf(() => role.GetCallerIdentityAsync(Cancel));
        Assert.Equal(1, Sandbox.Calls("AssumeRole"));
        Clock.Advance(TimeSpan.FromSeconds(5));
        await role.GetCallerIdentityAsync(Cancel);
    }

    [Fact]
    public async Task A_session_bears_its_tags_and_passes_them_to_no_other()
    {
        var tagged = new AssumedRole(Keys, RoleArn, null, "first.session") { Tags = Tags(("team", "a"), ("stage", "prod")) };
        await ClientsOf(new AssumedRole(tagged, RoleArn, null, "second.session")).GetCallerIdentityAsync(Cancel);

        var bodies = Sandbox.Log.Where(call => call.Operation == "AssumeRole").Select(call => Uri.UnescapeDataString(call.Body)).ToArray();
        Assert.Contains("&Tags.member.1.Key=stage&Tags.member.1.Value=prod&Tags.member.2.Key=team&Tags.member.2.Value=a&", bodies[0]);
        Assert.DoesNotContain("Transitive", bodies[0]);
        Assert.DoesNotContain("Tags", bodies[1]);
    }

    [Fact]
    public void Another_tag_is_another_identity()
    {
        var role = new AssumedRole(Keys, RoleArn, null, "test.session") { Tags = Tags(("team", "a")) };

        Assert.Equal(role, role with { Tags = Tags(("team", "a")) });
        Assert.Equal(role.GetHashCode(), (role with { Tags = Tags(("team", "a")) }).GetHashCode());
        Assert.NotEqual(role, role with { Tags = Tags(("team", "b")) });
        Assert.NotEqual(role, role with { Tags = Tags(("stage", "a")) });
        Assert.NotEqual(role, role with { Tags = SessionTags.None });
    }

    [Fact]
    public void No_identity_shows_a_secret()
    {
        var identity = new AssumedRole(new StaticIdentity("AKIAEXAMPLE", "the-secret", "the-token"), RoleArn, "external", "test.session");

        Assert.Contains("AKIAEXAMPLE", identity.ToString());
        Assert.DoesNotContain("the-secret", identity.ToString());
        Assert.DoesNotContain("the-token", identity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("eu-west-1.evil.example/")]
    [InlineData("EU")]
    public void A_region_that_could_leave_AWS_is_refused(string region) =>
        Assert.Throws<ArgumentException>(() => Factory.Create(Keys, new AwsTarget(region, null)));

    [Theory]
    [InlineData("ftp://localhost")]
    [InlineData("/relative")]
    public void An_endpoint_that_is_no_web_address_is_refused(string endpoint) =>
        Assert.Throws<ArgumentException>(() => Factory.Create(Keys, new AwsTarget("us-east-1", new Uri(endpoint, UriKind.RelativeOrAbsolute))));

    private static SessionTags Tags(params (string Key, string Value)[] tags) => new(tags.ToImmutableSortedDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal));
}
