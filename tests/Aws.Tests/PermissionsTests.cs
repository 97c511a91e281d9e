using Amazon.ECR.Model;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>The sandbox holds an access key to its IAM policy and says so in AWS's words.</summary>
public sealed class PermissionsTests : AwsTest
{
    [Fact]
    public async Task What_no_statement_allows_is_denied_in_AWS_words()
    {
        Allow("""{"Effect":"Allow","Action":["ecr:CreateRepository"],"Resource":"*"}""");
        await Create("app");

        var failure = await FailureOf(() => Clients.Ecr.DeleteRepositoryAsync(new() { RepositoryName = "app" }, Cancel));

        Assert.Equal((AwsFailureKind.AccessDenied, "AccessDeniedException"), (failure.Kind, failure.Code));
        Assert.Equal(
            "User: arn:aws:iam::000000000000:user/sandbox is not authorized to perform: ecr:DeleteRepository on resource: arn:aws:ecr:us-east-1:000000000000:repository/app because no identity-based policy allows the ecr:DeleteRepository action",
            failure.Message);
        Assert.Equal("app", (await ClientsOf(Keys with { AccessKeyId = "AKIAANOTHER" }).Ecr.DeleteRepositoryAsync(new() { RepositoryName = "app" }, Cancel)).Repository!.RepositoryName);
    }

    [Fact]
    public async Task A_deny_comes_before_every_allow()
    {
        Allow("""{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ecr:Create*","Resource":"arn:aws:ecr:*:*:repository/prod/*"}""");
        await Create("test/app");

        var failure = await FailureOf(() => Create("prod/app"));

        Assert.EndsWith("with an explicit deny in an identity-based policy", failure.Message);
    }

    [Fact]
    public async Task Case_matters_in_resources_and_not_in_actions()
    {
        Allow("""{"Effect":"Allow","Action":"ECR:createrepositor?","Resource":"arn:aws:ecr:us-east-1:*:repository/team-?/*"}""");

        await Create("team-a/app");

        Assert.Equal(AwsFailureKind.AccessDenied, (await FailureOf(() => Create("team-ab/app"))).Kind);
        Allow("""{"Effect":"Allow","Action":"ecr:*","Resource":"arn:aws:ecr:us-east-1:*:repository/TEAM-B/*"}""");
        Assert.Equal(AwsFailureKind.AccessDenied, (await FailureOf(() => Create("team-b/app"))).Kind);
    }

    [Fact]
    public async Task A_create_with_tags_takes_the_permission_to_tag()
    {
        Allow("""{"Effect":"Allow","Action":"ecr:CreateRepository","Resource":"*"}""");
        await Create("plain");

        var failure = await FailureOf(() => Clients.Ecr.CreateRepositoryAsync(new() { RepositoryName = "tagged", Tags = [new Tag { Key = "a", Value = "1" }] }, Cancel));

        Assert.Contains("ecr:TagResource on resource: arn:aws:ecr:us-east-1:000000000000:repository/tagged", failure.Message);
    }

    [Fact]
    public async Task Every_repository_that_is_asked_about_must_be_allowed()
    {
        await Create("a/one");
        await Create("b/one");
        Allow("""{"Effect":"Allow","Action":"ecr:*","Resource":"arn:aws:ecr:*:*:repository/a/*"}""");

        Assert.Single((await Clients.Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = ["a/one"] }, Cancel)).Repositories!);
        Assert.Contains("repository/b/one", (await FailureOf(() => Clients.Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = ["a/one", "b/one"] }, Cancel))).Message);
        Assert.Contains("repository/* ", (await FailureOf(() => Clients.Ecr.DescribeRepositoriesAsync(new(), Cancel))).Message);
        Assert.Contains("repository/b/one", (await FailureOf(() => Clients.Ecr.ListTagsForResourceAsync(new() { ResourceArn = "arn:aws:ecr:us-east-1:000000000000:repository/b/one" }, Cancel))).Message);
    }

    [Fact]
    public async Task Who_it_is_may_be_asked_by_everybody()
    {
        Allow("""{"Effect":"Deny","Action":"*","Resource":"*"}""");

        Assert.Equal("000000000000", (await Clients.GetCallerIdentityAsync(Cancel)).AccountId);
    }

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}""", "Condition")]
    [InlineData("""{"Statement":{"Effect":"Allow","NotAction":"ecr:*","Resource":"*"}}""", "NotAction")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*","NotResource":"*"}}""", "NotResource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}""", "Principal")]
    [InlineData("""{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}""", "Effect")]
    [InlineData("""{"Statement":{"Effect":"Allow","Resource":"*"}}""", "Action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*"}}""", "Resource")]
    [InlineData("""{"Statement":["x"]}""", "cannot be read")]
    [InlineData("""{"Version":"2012-10-17"}""", "Statement")]
    [InlineData("{", "cannot be read")]
    public void What_is_not_evaluated_is_refused_rather_than_misread(string policy, string word) =>
        Assert.Contains(word, Assert.Throws<FormatException>(() => IdentityPolicy.Parse(policy)).Message);

    private void Allow(string statements) =>
        Sandbox.Permissions.Set(KeyId, IdentityPolicy.Parse($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}"""));
}
