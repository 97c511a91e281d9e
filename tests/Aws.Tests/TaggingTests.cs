using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.ResourceGroupsTaggingAPI;
using Amazon.ResourceGroupsTaggingAPI.Model;
using InfraOperator.Sandbox.Ecr;
using InvalidParameterException = Amazon.ResourceGroupsTaggingAPI.Model.InvalidParameterException;

namespace InfraOperator.Aws.Tests;

/// <summary>The tagging API: what is sent, what its errors mean, and what of AWS's rules only the sandbox holds to.</summary>
public sealed class TaggingTests : AwsTest
{
    [Fact]
    public async Task Only_what_is_asked_for_is_sent_in_the_protocols_spelling()
    {
        await Clients.Tagging.GetResourcesAsync(new() { ResourceTypeFilters = ["ecr:repository"], ResourcesPerPage = 7 }, Cancel);

        var call = Assert.Single(Sandbox.Log);
        Assert.Equal(("GetResources", KeyId, "us-east-1"), (call.Operation, call.AccessKeyId, call.Region));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"ResourceTypeFilters":["ecr:repository"],"ResourcesPerPage":7}"""), JsonNode.Parse(call.Body)), call.Body);
    }

    [Fact]
    public async Task A_repository_that_lost_its_last_tag_comes_without_tags()
    {
        var arn = await CreateTagged("was");
        await Clients.Ecr.UntagResourceAsync(new() { ResourceArn = arn, TagKeys = ["a"] }, Cancel);
        var later = (await Create("later")).Repository!.RepositoryArn!;
        await Clients.Ecr.TagResourceAsync(new() { ResourceArn = later, Tags = [new() { Key = "b", Value = "2" }] }, Cancel);

        var read = (await ByArn(arn, later)).ResourceTagMappingList!;

        Assert.Empty(Assert.Single(read, mapping => mapping.ResourceARN == arn).Tags!);
        Assert.Equal("2", Assert.Single(Assert.Single(read, mapping => mapping.ResourceARN == later).Tags!).Value);
    }

    [Fact]
    public async Task Neither_a_deleted_repository_nor_another_places_is_read()
    {
        var arn = await CreateTagged("app");
        await CreateTagged("app", ClientsOf(Keys, "eu-west-1"));
        await CreateTagged("gone");
        await Clients.Ecr.DeleteRepositoryAsync(new() { RepositoryName = "gone" }, Cancel);

        var read = await ByArn(arn, arn.Replace("us-east-1", "eu-west-1"), arn.Replace("000000000000", "111122223333"), arn.Replace("app", "gone"));

        Assert.Equal(arn, Assert.Single(read.ResourceTagMappingList!).ResourceARN);
    }

    [Fact]
    public async Task A_new_repository_is_read_once_it_is_visible()
    {
        Sandbox.Faults.Add("CreateRepository", new EcrFault.NotYetVisible(TimeSpan.FromSeconds(5)), times: 1);
        var arn = await CreateTagged("slow");

        Assert.Empty((await ByArn(arn)).ResourceTagMappingList!);
        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Single((await ByArn(arn)).ResourceTagMappingList!);
    }

    [Fact]
    public async Task Nothing_goes_beside_a_list_of_ARNs()
    {
        List<string> arns = [await CreateTagged("app")];
        GetResourcesRequest[] wrong =
        [
            new() { ResourceARNList = arns, ResourceTypeFilters = ["ecr:repository"] },
            new() { ResourceARNList = arns, ResourcesPerPage = 100 },
            new() { ResourceARNList = arns, PaginationToken = "token" },
        ];

        foreach (var request in wrong)
        {
            var refused = await Assert.ThrowsAsync<InvalidParameterException>(() => Clients.Tagging.GetResourcesAsync(request, Cancel));
            Assert.Contains("ResourceARNList", refused.Message);
        }
    }

    [Fact]
    public async Task A_hundred_ARNs_are_one_call_and_more_are_none()
    {
        var arn = await CreateTagged("app");
        var arns = Enumerable.Range(0, 99).Select(number => $"{arn}-{number}").Append(arn).ToArray();

        Assert.Single((await ByArn(arns)).ResourceTagMappingList!);
        Assert.Contains("ResourceARNList", (await FailureOf(() => ByArn([.. arns, $"{arn}-99"]))).Message);
        Assert.Contains("ResourceARNList", (await FailureOf(() => ByArn())).Message);
    }

    [Theory]
    [InlineData("app")]
    [InlineData("arn:aws:ecr:us-east-1:1234:repository/app")]
    [InlineData("arn:aws-cn:ecr:us-east-1:000000000000:repository/app")]
    public async Task What_is_no_ARN_of_the_partition_fails_the_whole_call(string wrong)
    {
        var failure = await FailureOf(async () => await ByArn(await CreateTagged("app"), wrong));

        Assert.Equal((AwsFailureKind.InvalidParameter, $"{wrong} is not a valid AmazonResourceName (ARN)"), (failure.Kind, failure.Message));
    }

    [Theory]
    [InlineData("ThrottledException", 400, AwsFailureKind.Throttled, typeof(ThrottledException), 1)]
    [InlineData("InternalServiceException", 500, AwsFailureKind.Unavailable, typeof(InternalServiceException), 2)]
    [InlineData("InternalServiceException", 400, AwsFailureKind.Unavailable, typeof(InternalServiceException), 1)]
    [InlineData("PaginationTokenExpiredException", 400, AwsFailureKind.InvalidParameter, typeof(PaginationTokenExpiredException), 1)]
    [InlineData("InvalidParameterException", 400, AwsFailureKind.InvalidParameter, typeof(InvalidParameterException), 1)]
    [InlineData("AccessDeniedException", 400, AwsFailureKind.AccessDenied, typeof(AmazonResourceGroupsTaggingAPIException), 1)]
    [InlineData("com.amazonaws.tagging#ThrottledException", 400, AwsFailureKind.Throttled, typeof(ThrottledException), 1)]
    public async Task An_error_keeps_its_meaning_code_and_words(string code, int status, AwsFailureKind kind, Type type, int attempts)
    {
        Sandbox.Faults.Add("GetResources", new EcrFault.Error(status, code, "AWS's own words"));

        var thrown = await Assert.ThrowsAnyAsync<AmazonResourceGroupsTaggingAPIException>(() => ByArn("arn:aws:ecr:us-east-1:000000000000:repository/app"));

        Assert.IsType(type, thrown);
        var failure = AwsFailure.From(thrown, "GetResources")!;
        Assert.Equal((kind, code.Split('#')[^1], "AWS's own words"), (failure.Kind, failure.Code, failure.Message));
        Assert.Equal(attempts, Sandbox.Calls("GetResources"));
    }

    [Theory]
    [InlineData("xml")]
    [InlineData("bare")]
    public async Task A_throttle_from_in_front_of_the_service_is_one(string form)
    {
        Sandbox.Faults.Add("GetResources", form == "xml" ? EcrFault.ThrottleAsXml : EcrFault.BareThrottle);

        Assert.Equal(AwsFailureKind.Throttled, (await FailureOf(() => ByArn("arn:aws:ecr:us-east-1:000000000000:repository/app"))).Kind);
        Assert.Equal(1, Sandbox.Calls("GetResources"));
    }

    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"ecr:*","Resource":"*"}""")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecr:us-east-1:000000000000:repository/*"}""")]
    public async Task To_read_tags_is_a_permission_of_its_own_on_everything(string statement)
    {
        var arn = await CreateTagged("app");
        Sandbox.Permissions.Set(KeyId, IdentityPolicy.Parse($$"""{"Version":"2012-10-17","Statement":[{{statement}}]}"""));

        var failure = await FailureOf(() => ByArn(arn));

        Assert.Equal(AwsFailureKind.AccessDenied, failure.Kind);
        Assert.Equal("User: arn:aws:iam::000000000000:user/sandbox is not authorized to perform: tag:GetResources because no identity-based policy allows the tag:GetResources action", failure.Message);
        Sandbox.Permissions.Set(KeyId, IdentityPolicy.Parse("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"tag:GetResources","Resource":"*"}]}"""));
        Assert.Single((await ByArn(arn)).ResourceTagMappingList!);
    }

    [Fact]
    public async Task A_denial_by_fault_names_the_action()
    {
        Sandbox.Faults.Add("GetResources", new EcrFault.AccessDenied());

        Assert.Contains("tag:GetResources", (await FailureOf(() => ByArn("arn:aws:ecr:us-east-1:000000000000:repository/app"))).Message);
    }

    private Task<GetResourcesResponse> ByArn(params string[] arns) => Clients.Tagging.GetResourcesAsync(new() { ResourceARNList = [.. arns] }, Cancel);

    private async Task<string> CreateTagged(string name, AwsClients? clients = null) =>
        (await (clients ?? Clients).Ecr.CreateRepositoryAsync(new CreateRepositoryRequest { RepositoryName = name, Tags = [new() { Key = "a", Value = "1" }] }, Cancel)).Repository!.RepositoryArn!;
}
