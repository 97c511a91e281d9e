using Amazon.ECR;
using Amazon.ECR.Model;

namespace InfraOperator.Aws.Tests;

/// <summary>The sandbox refuses what AWS refuses and re-spells what AWS re-spells, where other mocks do not.</summary>
public sealed class SandboxLimitsTests : AwsTest
{
    private IAmazonECR Ecr => Clients.Ecr;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Create("limits");
    }

    [Fact]
    public async Task More_than_a_thousand_repositories_come_in_pages()
    {
        await Parallel.ForAsync(0, 1049, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (number, _) => await Create($"many/{number:D4}"));

        var (names, pages, token) = (new List<string>(), 0, default(string));
        do
        {
            var page = await Ecr.DescribeRepositoriesAsync(new() { MaxResults = 1000, NextToken = token }, Cancel);
            names.AddRange(page.Repositories!.Select(repository => repository.RepositoryName!));
            (pages, token) = (pages + 1, page.NextToken);
        }
        while (token is not null);

        Assert.Equal(2, pages);
        Assert.Equal(1050, names.Distinct().Count());
        Assert.Equal(100, (await Ecr.DescribeRepositoriesAsync(new(), Cancel)).Repositories!.Count);
    }

    [Fact]
    public async Task A_page_survives_a_deletion_between_pages()
    {
        await Create("a-first");
        await Create("z-last");
        var first = await Ecr.DescribeRepositoriesAsync(new() { MaxResults = 2 }, Cancel);
        await Ecr.DeleteRepositoryAsync(new() { RepositoryName = "limits" }, Cancel);

        var second = await Ecr.DescribeRepositoriesAsync(new() { MaxResults = 2, NextToken = first.NextToken }, Cancel);

        Assert.Equal(["z-last"], second.Repositories!.Select(repository => repository.RepositoryName!));
    }

    [Fact]
    public async Task Names_and_numbers_outside_the_model_are_refused()
    {
        await Refused(AwsFailureKind.InvalidParameter, () => Create("x"));
        await Refused(AwsFailureKind.InvalidParameter, () => Create(new string('x', 257)));
        await Create("a--b/c__d.e");
        await Refused(AwsFailureKind.InvalidParameter, () => Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [.. Enumerable.Repeat("limits", 101)] }, Cancel));
        await Refused(AwsFailureKind.InvalidParameter, () => Ecr.DescribeRepositoriesAsync(new() { MaxResults = 1001 }, Cancel));
        await Refused(AwsFailureKind.InvalidParameter, () => Ecr.DescribeRepositoriesAsync(new() { NextToken = "%%%" }, Cancel));
    }

    [Fact]
    public async Task Tags_have_their_limits()
    {
        var arn = "arn:aws:ecr:us-east-1:000000000000:repository/limits";
        Task Put(params Tag[] tags) => Ecr.TagResourceAsync(new() { ResourceArn = arn, Tags = [.. tags] }, Cancel);

        await Refused(AwsFailureKind.InvalidTag, () => Put(new Tag { Key = "aws:mine", Value = "" }));
        await Refused(AwsFailureKind.InvalidTag, () => Put(new Tag { Key = new string('k', 129), Value = "" }));
        await Refused(AwsFailureKind.InvalidTag, () => Put(new Tag { Key = "k", Value = new string('v', 257) }));
        await Put([.. Enumerable.Range(0, 50).Select(number => new Tag { Key = $"k{number}", Value = new string('v', 256) })]);
        await Put(new Tag { Key = "k0", Value = "replaced" });
        await Refused(AwsFailureKind.TooManyTags, () => Put(new Tag { Key = "one more", Value = "" }));
    }

    [Theory]
    [InlineData("MUTABLE_WITH_EXCLUSION", 0)]
    [InlineData("IMMUTABLE", 1)]
    [InlineData("IMMUTABLE_WITH_EXCLUSION", 6)]
    [InlineData("SOMETIMES", 0)]
    public async Task Exclusions_agree_with_the_mode(string mode, int filters) => await Refused(AwsFailureKind.InvalidParameter, () => Ecr.PutImageTagMutabilityAsync(new()
    {
        RepositoryName = "limits",
        ImageTagMutability = mode,
        ImageTagMutabilityExclusionFilters = filters == 0 ? null : [.. Enumerable.Range(0, filters).Select(number => new ImageTagMutabilityExclusionFilter { FilterType = "WILDCARD", Filter = $"v{number}*" })],
    }, Cancel));

    [Theory]
    [InlineData("alias/ecr-encryption")]
    [InlineData("12345678-1234-1234-1234-123456789012")]
    [InlineData("arn:aws:kms:us-east-1:000000000000:alias/ecr-encryption")]
    [InlineData("arn:aws:kms:us-east-1:000000000000:key/12345678-1234-1234-1234-123456789012")]
    public async Task A_key_of_any_spelling_is_read_as_its_ARN(string key)
    {
        var created = await Ecr.CreateRepositoryAsync(new() { RepositoryName = "kms", EncryptionConfiguration = new() { EncryptionType = "KMS", KmsKey = key } }, Cancel);

        Assert.Matches("^arn:aws:kms:us-east-1:000000000000:key/[0-9a-f-]{36}$", created.Repository!.EncryptionConfiguration!.KmsKey);
    }

    [Fact]
    public async Task A_repository_policy_comes_back_in_AWSs_spelling_and_with_the_same_meaning()
    {
        const string Text = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:user/a"]},"Action":["ecr:BatchGetImage"]}}""";
        await Ecr.SetRepositoryPolicyAsync(new() { RepositoryName = "limits", PolicyText = Text }, Cancel);

        var read = (await Ecr.GetRepositoryPolicyAsync(new() { RepositoryName = "limits" }, Cancel)).PolicyText!;

        Assert.Contains("\"Version\" : \"2012-10-17\"", read);
        Assert.Contains("arn:aws:iam::111122223333:root", read);
        Assert.Equal(RepositoryPolicy.Parse(Text), RepositoryPolicy.Parse(read));
    }

    [Fact]
    public async Task Lifecycle_rules_come_back_by_priority()
    {
        await Put(Rule(2, Select("any")), Rule(1, Select("untagged")));

        var read = (await Ecr.GetLifecyclePolicyAsync(new() { RepositoryName = "limits" }, Cancel)).LifecyclePolicyText!;

        Assert.StartsWith("""{"rules":[{"rulePriority":1,""", read);
    }

    [Fact]
    public async Task Lifecycle_policies_keep_AWSs_grammar()
    {
        await Put(Rule(1, """{"tagStatus":"tagged","tagPatternList":["v*","*-rc"],"countType":"sinceImagePulled","countUnit":"days","countNumber":30}""", """{"type":"transition","targetStorageClass":"archive"}"""),
            Rule(2, Select("any")), Rule(3, """{"tagStatus":"any","storageClass":"archive","countType":"sinceImageTransitioned","countUnit":"days","countNumber":90}"""));

        foreach (var (why, rules) in (List<(string, string[])>)
        [
            ("the same priority twice", [Rule(1, Select("untagged")), Rule(1, Select("any"))]),
            ("any before the last", [Rule(1, Select("any")), Rule(2, Select("untagged"))]),
            ("untagged twice", [Rule(1, Select("untagged")), Rule(2, Select("untagged"))]),
            ("tagged without a list", [Rule(1, Select("tagged"))]),
            ("prefix and pattern together", [Rule(1, """{"tagStatus":"tagged","tagPrefixList":["a"],"tagPatternList":["a*"],"countType":"imageCountMoreThan","countNumber":1}""")]),
            ("five wildcards", [Rule(1, """{"tagStatus":"tagged","tagPatternList":["*a*b*c*d*"],"countType":"imageCountMoreThan","countNumber":1}""")]),
            ("one prefix in two rules", [Rule(1, """{"tagStatus":"tagged","tagPrefixList":["a"],"countType":"imageCountMoreThan","countNumber":1}"""), Rule(2, """{"tagStatus":"tagged","tagPrefixList":["a"],"countType":"imageCountMoreThan","countNumber":2}""")]),
            ("a unit with a count", [Rule(1, """{"tagStatus":"any","countType":"imageCountMoreThan","countUnit":"days","countNumber":1}""")]),
            ("no unit with an age", [Rule(1, """{"tagStatus":"any","countType":"sinceImagePushed","countNumber":1}""")]),
            ("years", [Rule(1, """{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"years","countNumber":1}""")]),
            ("none to keep", [Rule(1, """{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":0}""")]),
            ("an unknown key", [Rule(1, """{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1,"unknown":true}""")]),
            ("expire what was not pulled", [Rule(1, """{"tagStatus":"any","countType":"sinceImagePulled","countUnit":"days","countNumber":1}""")]),
            ("archive for 89 days", [Rule(1, """{"tagStatus":"any","storageClass":"archive","countType":"sinceImageTransitioned","countUnit":"days","countNumber":89}""")]),
            ("51 rules", [.. Enumerable.Range(1, 51).Select(number => Rule(number, $$"""{"tagStatus":"tagged","tagPrefixList":["p{{number}}"],"countType":"imageCountMoreThan","countNumber":1}"""))]),
        ])
        {
            var failure = await FailureOf(() => Put(rules));
            Assert.True(failure.Kind is AwsFailureKind.InvalidParameter, why);
            Assert.Contains("Lifecycle policy validation failure", failure.Message);
        }

        foreach (var text in (string[])[new string('x', 200), new string('x', 99), new string(' ', 30_721), $$"""{"rules":{{new string(' ', 100)}}}"""])
        {
            await Refused(AwsFailureKind.InvalidParameter, () => Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = "limits", LifecyclePolicyText = text }, Cancel));
        }
    }

    [Fact]
    public async Task Images_are_listed_by_page_and_tag()
    {
        for (var number = 0; number < 5; number++)
        {
            Sandbox.AddImage("limits", number % 2 == 0 ? $"v{number}" : null, 1000 + number);
        }

        var first = await Ecr.DescribeImagesAsync(new() { RepositoryName = "limits", MaxResults = 3 }, Cancel);
        var second = await Ecr.DescribeImagesAsync(new() { RepositoryName = "limits", MaxResults = 3, NextToken = first.NextToken }, Cancel);
        var untagged = await Ecr.DescribeImagesAsync(new() { RepositoryName = "limits", Filter = new() { TagStatus = TagStatus.UNTAGGED } }, Cancel);

        Assert.Equal(5010, first.ImageDetails!.Concat(second.ImageDetails!).Sum(image => image.ImageSizeInBytes));
        Assert.Null(second.NextToken);
        Assert.Equal(2, untagged.ImageDetails!.Count);
        await Assert.ThrowsAsync<ImageNotFoundException>(() => Ecr.DescribeImagesAsync(new() { RepositoryName = "limits", ImageIds = [new() { ImageTag = "absent" }] }, Cancel));
    }

    [Fact]
    public async Task Regions_and_accounts_do_not_see_each_other()
    {
        await Refused(AwsFailureKind.RepositoryNotFound, () => ClientsOf(Keys, "eu-west-1").Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = ["limits"] }, Cancel));
        await Refused(AwsFailureKind.RepositoryNotFound, () => ClientsOf(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session")).Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = ["limits"] }, Cancel));
    }

    private Task Put(params string[] rules) =>
        Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = "limits", LifecyclePolicyText = $$"""{"rules":[{{string.Join(',', rules)}}]}""" }, Cancel);

    private static string Rule(int priority, string selection, string action = """{"type":"expire"}""") =>
        $$"""{"rulePriority":{{priority}},"selection":{{selection}},"action":{{action}}}""";

    private static string Select(string tagStatus) => $$"""{"tagStatus":"{{tagStatus}}","countType":"imageCountMoreThan","countNumber":10}""";

    private static async Task Refused(AwsFailureKind kind, Func<Task> call) => Assert.Equal(kind, (await FailureOf(call)).Kind);
}
