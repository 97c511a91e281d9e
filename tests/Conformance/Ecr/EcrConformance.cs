using Amazon.ECR;
using Amazon.ECR.Model;
using InfraOperator.Aws;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Conformance.Ecr;

/// <summary>
/// What every ECR must do, AWS's own included: what this suite asks of the sandbox it also asks of an independent
/// implementation, so that the sandbox cannot drift into agreeing with our own mistakes.
/// </summary>
public abstract class EcrConformance : IDisposable
{
    private const string Lifecycle = """
        {"rules":[{"rulePriority":1,"description":"Keep the last ten images","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}
        """;

    private const string Policy = """
        {"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}
        """;

    private readonly AwsClientFactory _factory = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly string _prefix = $"conformance/{Guid.NewGuid():n}/";
    private AwsClients? _clients;

    /// <summary>Where the implementation listens.</summary>
    protected abstract Uri Endpoint { get; }

    private AwsClients Clients => _clients ??= ClientsOf(new StaticIdentity("AKIAIOSFODNN7EXAMPLE", "secret", null));

    private IAmazonECR Ecr => Clients.Ecr;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _factory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_new_repository_has_exactly_the_configuration_it_was_created_with()
    {
        var before = DateTime.UtcNow.AddMinutes(-1);
        var created = (await Ecr.CreateRepositoryAsync(new CreateRepositoryRequest
        {
            RepositoryName = Name("full"),
            ImageTagMutability = ImageTagMutability.IMMUTABLE_WITH_EXCLUSION,
            ImageTagMutabilityExclusionFilters = [new() { FilterType = ImageTagMutabilityExclusionFilterType.WILDCARD, Filter = "dev-*" }],
            ImageScanningConfiguration = new() { ScanOnPush = true },
            EncryptionConfiguration = new() { EncryptionType = EncryptionType.AES256 },
            Tags = [new() { Key = "team", Value = "Ärzte & 東京" }, new() { Key = "empty", Value = "" }],
        }, Cancel)).Repository!;

        var read = await Read("full");
        Assert.Equal(Name("full"), read.RepositoryName);
        Assert.Equal(ImageTagMutability.IMMUTABLE_WITH_EXCLUSION, read.ImageTagMutability);
        Assert.Equal("dev-*", Assert.Single(read.ImageTagMutabilityExclusionFilters!).Filter);
        Assert.True(read.ImageScanningConfiguration!.ScanOnPush);
        Assert.Equal(EncryptionType.AES256, read.EncryptionConfiguration!.EncryptionType);
        Assert.InRange(read.CreatedAt!.Value, before, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(DateTimeKind.Utc, read.CreatedAt.Value.Kind);
        Assert.Equal(created.RepositoryArn, read.RepositoryArn);
        Assert.Equal($"arn:aws:ecr:us-east-1:{read.RegistryId}:repository/{read.RepositoryName}", read.RepositoryArn);
        Assert.Contains($"{read.RegistryId}.dkr.ecr.us-east-1.", read.RepositoryUri);
        Assert.Equal(new() { ["team"] = "Ärzte & 東京", ["empty"] = "" }, await Tags(read.RepositoryArn!));
    }

    [Fact]
    public async Task What_is_not_asked_for_is_mutable_unscanned_and_encrypted_with_AES256()
    {
        await Create("plain");

        var read = await Read("plain");
        Assert.Equal(ImageTagMutability.MUTABLE, read.ImageTagMutability);
        Assert.False(read.ImageScanningConfiguration!.ScanOnPush);
        Assert.Equal(EncryptionType.AES256, read.EncryptionConfiguration!.EncryptionType);
        Assert.Null(read.EncryptionConfiguration.KmsKey);
    }

    [Fact]
    public async Task A_KMS_repository_names_its_key_by_ARN_also_where_none_was_given()
    {
        var created = await Ecr.CreateRepositoryAsync(new CreateRepositoryRequest { RepositoryName = Name("kms"), EncryptionConfiguration = new() { EncryptionType = EncryptionType.KMS } }, Cancel);

        Assert.StartsWith("arn:aws:kms:us-east-1:", created.Repository!.EncryptionConfiguration!.KmsKey);
    }

    [Fact]
    public async Task A_second_repository_of_the_same_name_is_refused()
    {
        await Create("twice");

        var refused = await Assert.ThrowsAsync<RepositoryAlreadyExistsException>(() => Create("twice"));
        Assert.Equal(AwsFailureKind.RepositoryAlreadyExists, AwsFailure.From(refused, "CreateRepository")!.Kind);
        Assert.False(AwsFailure.From(refused, "CreateRepository")!.OutcomeUnknown);
    }

    [Fact]
    public async Task One_unknown_name_fails_a_read_of_several()
    {
        await Create("known");

        await Assert.ThrowsAsync<RepositoryNotFoundException>(() =>
            Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [Name("known"), Name("unknown")] }, Cancel));
    }

    [Fact]
    public async Task Every_operation_on_an_unknown_repository_says_so()
    {
        var name = Name("nowhere");
        var arn = $"arn:aws:ecr:us-east-1:{(await Clients.GetCallerIdentityAsync(Cancel)).AccountId}:repository/{name}";
        Func<Task>[] operations =
        [
            () => Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [name] }, Cancel),
            () => Ecr.DeleteRepositoryAsync(new() { RepositoryName = name }, Cancel),
            () => Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = name, LifecyclePolicyText = Lifecycle }, Cancel),
            () => Ecr.GetLifecyclePolicyAsync(new() { RepositoryName = name }, Cancel),
            () => Ecr.DeleteLifecyclePolicyAsync(new() { RepositoryName = name }, Cancel),
            () => Ecr.SetRepositoryPolicyAsync(new() { RepositoryName = name, PolicyText = Policy }, Cancel),
            () => Ecr.GetRepositoryPolicyAsync(new() { RepositoryName = name }, Cancel),
            () => Ecr.DeleteRepositoryPolicyAsync(new() { RepositoryName = name }, Cancel),
            () => Ecr.TagResourceAsync(new() { ResourceArn = arn, Tags = [new() { Key = "a", Value = "b" }] }, Cancel),
            () => Ecr.UntagResourceAsync(new() { ResourceArn = arn, TagKeys = ["a"] }, Cancel),
            () => Ecr.ListTagsForResourceAsync(new() { ResourceArn = arn }, Cancel),
            () => Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = name, ImageScanningConfiguration = new() { ScanOnPush = true } }, Cancel),
            () => Ecr.PutImageTagMutabilityAsync(new() { RepositoryName = name, ImageTagMutability = ImageTagMutability.IMMUTABLE }, Cancel),
            () => Ecr.DescribeImagesAsync(new() { RepositoryName = name }, Cancel),
        ];

        foreach (var operation in operations)
        {
            var failure = AwsFailure.From(await Assert.ThrowsAsync<RepositoryNotFoundException>(operation), "operation")!;
            Assert.Equal(AwsFailureKind.RepositoryNotFound, failure.Kind);
            Assert.Contains(name, failure.Message);
            Assert.NotNull(failure.RequestId);
        }
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-dash")]
    [InlineData("double//slash")]
    [InlineData("space in")]
    public async Task A_name_outside_the_pattern_is_an_invalid_parameter(string suffix)
    {
        var refused = await Assert.ThrowsAsync<InvalidParameterException>(() => Create(suffix));
        Assert.Equal(AwsFailureKind.InvalidParameter, AwsFailure.From(refused, "CreateRepository")!.Kind);
    }

    [Fact]
    public async Task Tags_are_added_replaced_and_removed_by_key()
    {
        var arn = (await Create("tagged", new Tag { Key = "a", Value = "1" })).RepositoryArn!;

        await Ecr.TagResourceAsync(new() { ResourceArn = arn, Tags = [new() { Key = "a", Value = "2" }, new() { Key = "b", Value = "3" }] }, Cancel);
        Assert.Equal(new() { ["a"] = "2", ["b"] = "3" }, await Tags(arn));

        await Ecr.UntagResourceAsync(new() { ResourceArn = arn, TagKeys = ["a", "never there"] }, Cancel);
        Assert.Equal(new() { ["b"] = "3" }, await Tags(arn));
    }

    [Fact]
    public async Task A_lifecycle_policy_is_put_read_deleted_and_then_not_found()
    {
        await Create("lifecycle");
        await AssertNoPolicy();

        await Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = Name("lifecycle"), LifecyclePolicyText = Lifecycle }, Cancel);
        var read = await Ecr.GetLifecyclePolicyAsync(new() { RepositoryName = Name("lifecycle") }, Cancel);
        Assert.Equal(LifecyclePolicy.Parse(Lifecycle).Fingerprint, LifecyclePolicy.Parse(read.LifecyclePolicyText!).Fingerprint);

        await Ecr.DeleteLifecyclePolicyAsync(new() { RepositoryName = Name("lifecycle") }, Cancel);
        await AssertNoPolicy();

        async Task AssertNoPolicy() => await Assert.ThrowsAsync<LifecyclePolicyNotFoundException>(() =>
            Ecr.GetLifecyclePolicyAsync(new() { RepositoryName = Name("lifecycle") }, Cancel));
    }

    [Fact]
    public async Task A_lifecycle_policy_with_months_is_refused()
    {
        await Create("months");

        var refused = await Assert.ThrowsAsync<InvalidParameterException>(() => Ecr.PutLifecyclePolicyAsync(new()
        {
            RepositoryName = Name("months"),
            LifecyclePolicyText = """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"months","countNumber":1},"action":{"type":"expire"}}]}""",
        }, Cancel));
        Assert.Contains("Lifecycle policy validation failure", refused.Message);
    }

    [Fact]
    public async Task A_repository_policy_is_set_read_deleted_and_then_not_found()
    {
        await Create("policy");
        await AssertNoPolicy();

        await Ecr.SetRepositoryPolicyAsync(new() { RepositoryName = Name("policy"), PolicyText = Policy }, Cancel);
        var read = await Ecr.GetRepositoryPolicyAsync(new() { RepositoryName = Name("policy") }, Cancel);
        Assert.Equal(RepositoryPolicy.Parse(Policy).Fingerprint, RepositoryPolicy.Parse(read.PolicyText!).Fingerprint);

        await Ecr.DeleteRepositoryPolicyAsync(new() { RepositoryName = Name("policy") }, Cancel);
        await AssertNoPolicy();

        async Task AssertNoPolicy() => await Assert.ThrowsAsync<RepositoryPolicyNotFoundException>(() =>
            Ecr.GetRepositoryPolicyAsync(new() { RepositoryName = Name("policy") }, Cancel));
    }

    [Fact]
    public async Task Scanning_and_mutability_can_be_changed_later()
    {
        await Create("changed");

        await Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = Name("changed"), ImageScanningConfiguration = new() { ScanOnPush = true } }, Cancel);
        await Ecr.PutImageTagMutabilityAsync(new() { RepositoryName = Name("changed"), ImageTagMutability = ImageTagMutability.IMMUTABLE }, Cancel);

        var read = await Read("changed");
        Assert.True(read.ImageScanningConfiguration!.ScanOnPush);
        Assert.Equal(ImageTagMutability.IMMUTABLE, read.ImageTagMutability);
    }

    [Fact]
    public async Task A_repository_with_images_is_deleted_only_by_force()
    {
        await Create("full");
        await EcrPush.ImageAsync(Endpoint, Name("full"), "v1", Cancel);
        var image = Assert.Single((await Ecr.DescribeImagesAsync(new() { RepositoryName = Name("full") }, Cancel)).ImageDetails!);
        Assert.Equal(["v1"], image.ImageTags!);
        Assert.NotNull(image.ImageSizeInBytes);

        var refused = await Assert.ThrowsAsync<RepositoryNotEmptyException>(() => Ecr.DeleteRepositoryAsync(new() { RepositoryName = Name("full") }, Cancel));
        Assert.Equal(AwsFailureKind.RepositoryNotEmpty, AwsFailure.From(refused, "DeleteRepository")!.Kind);
        await Ecr.DeleteRepositoryAsync(new() { RepositoryName = Name("full"), Force = true }, Cancel);

        await Assert.ThrowsAsync<RepositoryNotFoundException>(() => Read("full"));
    }

    [Fact]
    public async Task STS_says_who_calls_and_an_assumed_role_is_in_its_own_account()
    {
        var self = await Clients.GetCallerIdentityAsync(Cancel);
        var role = ClientsOf(new AssumedRole(new StaticIdentity("AKIAIOSFODNN7EXAMPLE", "secret", null), "arn:aws:iam::222233334444:role/images", "external", "conformance.test"));

        var assumed = await role.GetCallerIdentityAsync(Cancel);
        var created = await role.Ecr.CreateRepositoryAsync(new() { RepositoryName = Name("role") }, Cancel);

        Assert.Matches("^[0-9]{12}$", self.AccountId);
        Assert.Equal("222233334444", assumed.AccountId);
        Assert.Equal("arn:aws:sts::222233334444:assumed-role/images/conformance.test", assumed.Arn);
        Assert.Equal("222233334444", created.Repository!.RegistryId);
        await Assert.ThrowsAsync<RepositoryNotFoundException>(() => Read("role"));
    }

    [Fact]
    public async Task A_web_identity_becomes_a_session_of_its_role()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "header.payload.signature\n", Cancel);
            var web = ClientsOf(new WebIdentity("arn:aws:iam::333344445555:role/irsa", file, "conformance.web"));

            Assert.Equal(new CallerIdentity("333344445555", "arn:aws:sts::333344445555:assumed-role/irsa/conformance.web"), await web.GetCallerIdentityAsync(Cancel));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private AwsClients ClientsOf(AwsIdentity identity) => _factory.Create(identity, new AwsTarget("us-east-1", Endpoint));

    private string Name(string suffix) => _prefix + suffix;

    private async Task<Repository> Create(string suffix, params Tag[] tags) =>
        (await Ecr.CreateRepositoryAsync(new CreateRepositoryRequest { RepositoryName = Name(suffix), Tags = tags.Length == 0 ? null : [.. tags] }, Cancel)).Repository!;

    private async Task<Repository> Read(string suffix) =>
        Assert.Single((await Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [Name(suffix)] }, Cancel)).Repositories!);

    private async Task<Dictionary<string, string>> Tags(string arn) =>
        (await Ecr.ListTagsForResourceAsync(new() { ResourceArn = arn }, Cancel)).Tags!.ToDictionary(tag => tag.Key!, tag => tag.Value!);
}
