using System.Globalization;
using Amazon.ECR;
using Amazon.ECR.Model;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>The sandbox previews a lifecycle policy as AWS documents its evaluation, and takes its time for it.</summary>
public sealed class SandboxPreviewTests : AwsTest
{
    private const string Repository = "previews";

    protected override SandboxEcrOptions Options => new() { TimeProvider = Clock, PreviewDuration = TimeSpan.FromSeconds(30), PreviewLifetime = TimeSpan.FromHours(1) };

    private IAmazonECR Ecr => Clients.Ecr;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Create(Repository);
    }

    [Fact]
    public async Task A_preview_is_in_progress_then_complete_then_expired_and_changes_nothing()
    {
        Push("v1", "v2");
        var started = await Start(Keep(1, "any", 1));
        Assert.Equal(LifecyclePolicyPreviewStatus.IN_PROGRESS, started.Status);
        Assert.Equal(LifecyclePolicyPreviewStatus.IN_PROGRESS, (await Read()).Status);
        Assert.Null((await Read()).PreviewResults);
        Assert.Equal(AwsFailureKind.LifecyclePolicyPreviewInProgress, (await FailureOf(() => Start(Keep(1, "any", 1)))).Kind);

        Clock.Advance(TimeSpan.FromSeconds(30));
        var complete = await Read();
        Assert.Equal(LifecyclePolicyPreviewStatus.COMPLETE, complete.Status);
        Assert.Equal(1, complete.Summary!.ExpiringImageTotalCount);
        Assert.Equal(LifecyclePolicy.Parse(started.LifecyclePolicyText!), LifecyclePolicy.Parse(complete.LifecyclePolicyText!));
        var expiring = Assert.Single(complete.PreviewResults!);
        Assert.Equal(["v1"], expiring.ImageTags!);
        Assert.Equal((ImageActionType.EXPIRE, 1, LifecyclePolicyStorageClass.STANDARD), (expiring.Action!.Type, expiring.AppliedRulePriority, expiring.StorageClass));

        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(LifecyclePolicyPreviewStatus.EXPIRED, (await Read()).Status);
        await Assert.ThrowsAsync<LifecyclePolicyNotFoundException>(() => Ecr.GetLifecyclePolicyAsync(new() { RepositoryName = Repository }, Cancel));
        Assert.Equal(2, (await Ecr.DescribeImagesAsync(new() { RepositoryName = Repository }, Cancel)).ImageDetails!.Count);
    }

    [Fact]
    public async Task What_cannot_be_previewed_is_refused()
    {
        await Assert.ThrowsAsync<LifecyclePolicyPreviewNotFoundException>(Read);
        Assert.Equal(AwsFailureKind.LifecyclePolicyPreviewNotFound, (await FailureOf(Read)).Kind);
        await Assert.ThrowsAsync<LifecyclePolicyNotFoundException>(() => Ecr.StartLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository }, Cancel));
        await Assert.ThrowsAsync<RepositoryNotFoundException>(() => Ecr.StartLifecyclePolicyPreviewAsync(new() { RepositoryName = "absent" }, Cancel));
        await Assert.ThrowsAsync<InvalidParameterException>(() => Start(Keep(1, "sometimes", 1)));
        await Assert.ThrowsAsync<LifecyclePolicyPreviewNotFoundException>(Read);
    }

    [Fact]
    public async Task Without_a_text_the_policy_of_the_repository_is_previewed()
    {
        Push("v1", "v2");
        await Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = Repository, LifecyclePolicyText = Policy(Keep(1, "any", 1)) }, Cancel);
        await Ecr.StartLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository }, Cancel);

        Assert.Equal(["v1"], await Results());
    }

    [Fact]
    public async Task Results_come_in_pages_and_by_tag()
    {
        Push([.. Enumerable.Range(0, 5).Select(number => number % 2 == 0 ? $"v{number}" : null)]);
        await Start(Keep(1, "any", 1));
        Clock.Advance(TimeSpan.FromSeconds(30));

        var first = await Ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository, MaxResults = 3 }, Cancel);
        var second = await Ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository, MaxResults = 3, NextToken = first.NextToken }, Cancel);
        var untagged = await Ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository, Filter = new() { TagStatus = TagStatus.UNTAGGED } }, Cancel);
        var one = await Ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository, ImageIds = [new() { ImageTag = "v2" }] }, Cancel);

        Assert.Equal((3, 1, 4), (first.PreviewResults!.Count, second.PreviewResults!.Count, second.Summary!.ExpiringImageTotalCount));
        Assert.Null(second.NextToken);
        Assert.Equal(2, untagged.PreviewResults!.Count);
        Assert.Equal(["v2"], Assert.Single(one.PreviewResults!).ImageTags);
        await Assert.ThrowsAsync<InvalidParameterException>(() => Ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository, MaxResults = 101 }, Cancel));
    }

    [Fact]
    public async Task Ages_are_counted_from_the_push()
    {
        const string Fortnight = """{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":14}""";
        Push("old");
        Clock.Advance(TimeSpan.FromDays(13));
        Push("young");
        Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        await Start(Rule(1, Fortnight));
        Assert.Empty(await Results());

        await Start(Rule(1, Fortnight));
        Assert.Equal(["old"], await Results());
    }

    [Theory]
    [InlineData("\"tagPatternList\":[\"v*\"]", "v1 v2 v3")]
    [InlineData("\"tagPatternList\":[\"*-rc\"]", "v2")]
    [InlineData("\"tagPatternList\":[\"v2\",\"*-rc\"]", "v2")]
    [InlineData("\"tagPatternList\":[\"v1\",\"*-rc\"]", "")]
    [InlineData("\"tagPrefixList\":[\"v\"]", "v1 v2 v3")]
    [InlineData("\"tagPrefixList\":[\"v\",\"x\"]", "v3")]
    public async Task A_list_asks_for_images_that_meet_all_its_entries(string list, string expiring)
    {
        Push("v1", "v2,v2-rc", "w1", null, "v3,x");
        Clock.Advance(TimeSpan.FromDays(2));
        await Start(Rule(1, $$"""{"tagStatus":"tagged",{{list}},"countType":"sinceImagePushed","countUnit":"days","countNumber":1}"""));

        Assert.Equal(expiring, string.Join(' ', await Results()));
    }

    [Fact]
    public async Task A_rule_shields_the_images_that_it_asks_for_from_the_rules_after_it_and_all_rules_count_all()
    {
        // As in the examples of AWS: the first rule asks for prod-1 and prod-2, and leaves prod-2; the last asks for all six.
        Push("prod-1", "dev-1", null, "prod-2", null, "dev-2");
        await Start(
            Rule(1, """{"tagStatus":"tagged","tagPrefixList":["prod"],"countType":"imageCountMoreThan","countNumber":1}"""),
            Keep(2, "untagged", 1),
            Keep(3, "any", 1));

        var results = await ReadWhenComplete();
        Assert.Equal(["1 prod-1", "2 ", "3 dev-1"], results.Select(result => $"{result.AppliedRulePriority} {string.Join(',', result.ImageTags!)}"));
    }

    [Fact]
    public async Task What_would_be_archived_is_counted_apart()
    {
        string[] rules =
        [
            Rule(1, """{"tagStatus":"tagged","tagPrefixList":["v1"],"countType":"sinceImagePulled","countUnit":"days","countNumber":1}""", """{"type":"transition","targetStorageClass":"archive"}"""),
            Keep(2, "any", 1),
        ];
        Push("v1", "v2", "v3");
        await Start(rules);
        Assert.Equal(["v2"], await Results());
        Assert.Empty((await Read()).Summary!.TransitioningImageTotalCounts!);

        Clock.Advance(TimeSpan.FromDays(2));
        await Start(rules);
        Assert.Equal(["v1", "v2"], await Results());
        var summary = (await Read()).Summary!;
        var archived = Assert.Single(summary.TransitioningImageTotalCounts!);
        Assert.Equal((1, 1, LifecyclePolicyTargetStorageClass.ARCHIVE), (summary.ExpiringImageTotalCount, archived.ImageTotalCount, archived.TargetStorageClass));
    }

    /// <summary>Pushes images a second apart, each with tags separated by commas or with none.</summary>
    private void Push(params string?[] images)
    {
        foreach (var tags in images)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            Sandbox.AddImage(Repository, tags?.Split(',') ?? []);
        }
    }

    private Task<StartLifecyclePolicyPreviewResponse> Start(params string[] rules) =>
        Ecr.StartLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository, LifecyclePolicyText = Policy(rules) }, Cancel);

    private Task<GetLifecyclePolicyPreviewResponse> Read() => Ecr.GetLifecyclePolicyPreviewAsync(new() { RepositoryName = Repository }, Cancel);

    private async Task<List<LifecyclePolicyPreviewResult>> ReadWhenComplete()
    {
        Clock.Advance(TimeSpan.FromSeconds(30));
        return (await Read()).PreviewResults!;
    }

    private async Task<IEnumerable<string>> Results() => (await ReadWhenComplete()).Select(result => result.ImageTags![0]);

    private static string Policy(params string[] rules) => $$"""{"rules":[{{string.Join(',', rules)}}]}""";

    private static string Rule(int priority, string selection, string action = """{"type":"expire"}""") =>
        $$"""{"rulePriority":{{priority.ToString(CultureInfo.InvariantCulture)}},"selection":{{selection}},"action":{{action}}}""";

    private static string Keep(int priority, string tagStatus, int count) =>
        Rule(priority, $$"""{"tagStatus":"{{tagStatus}}","countType":"imageCountMoreThan","countNumber":{{count.ToString(CultureInfo.InvariantCulture)}}}""");
}
