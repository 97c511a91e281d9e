using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>Every request bears a signature that another implementation of Signature Version 4 accepts.</summary>
public sealed class SignatureTests : AwsTest
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    protected override SandboxEcrOptions Options => new()
    {
        TimeProvider = Clock,
        Keys = new Dictionary<string, SandboxKey>
        {
            ["AKIAPLAIN"] = new(Secret),
            ["ASIASESSION"] = new(Secret, "222233334444", "session/token+with=signs"),
        },
    };

    [Theory]
    [InlineData("AKIAPLAIN", null, "us-east-1")]
    [InlineData("ASIASESSION", "session/token+with=signs", "us-gov-west-1")]
    public async Task A_right_key_is_let_in_whatever_the_request_says(string keyId, string? token, string region)
    {
        var clients = ClientsOf(new StaticIdentity(keyId, Secret, token), region);

        var created = await clients.Ecr.CreateRepositoryAsync(new() { RepositoryName = "signed", Tags = [new() { Key = "stadt", Value = "Zürich 東京 🏔 +%/&= " }] }, Cancel);
        var read = await clients.Ecr.ListTagsForResourceAsync(new() { ResourceArn = created.Repository!.RepositoryArn }, Cancel);
        await clients.GetCallerIdentityAsync(Cancel);
        await clients.Tagging.GetResourcesAsync(new() { ResourceTypeFilters = ["ecr:repository"] }, Cancel);

        Assert.Equal("Zürich 東京 🏔 +%/&= ", Assert.Single(read.Tags!).Value);
        Assert.All(Sandbox.Log, call => Assert.Equal(region, call.Region));
    }

    [Fact]
    public async Task A_session_of_an_assumed_role_is_let_in()
    {
        var role = ClientsOf(new AssumedRole(new StaticIdentity("AKIAPLAIN", Secret, null), "arn:aws:iam::111122223333:role/a", null, "test.session"));

        await Create("signed", role);
    }

    [Theory]
    [InlineData("AKIAPLAIN", "wrong", null)]
    [InlineData("AKIAUNKNOWN", Secret, null)]
    [InlineData("ASIASESSION", Secret, "another token")]
    [InlineData("ASIASESSION", "wrong", "session/token+with=signs")]
    public async Task A_wrong_key_is_kept_out_and_no_message_holds_its_token(string keyId, string secret, string? token)
    {
        var clients = ClientsOf(new StaticIdentity(keyId, secret, token));

        foreach (var failure in (AwsFailure[])[await FailureOf(() => Create("forged", clients)), await FailureOf(() => clients.GetCallerIdentityAsync(Cancel))])
        {
            Assert.Equal(AwsFailureKind.CredentialsExpired, failure.Kind);
            Assert.DoesNotContain("token+with", failure.Message);
            Assert.NotEmpty(failure.Message);
        }
    }
}
