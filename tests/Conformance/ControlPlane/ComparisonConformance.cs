using System.Text.Json.Nodes;
using Amazon.ECR;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Comparing with AWS costs no write while nothing differs, and ends what differs.</summary>
public abstract class ComparisonConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private static JsonObject Full => new()
    {
        ["imageTagMutability"] = "IMMUTABLE",
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["repositoryPolicyText"] = Texts.AllowPull,
        ["tags"] = new JsonObject { ["a"] = "1" },
    };

    /// <summary>The field that somebody changes in AWS, and the write that ends it.</summary>
    public static TheoryData<string, string> Drifts => new()
    {
        { "imageTagMutability", "PutImageTagMutability" },
        { "scanOnPush", "PutImageScanningConfiguration" },
        { "lifecyclePolicy.policyText", "PutLifecyclePolicy" },
        { "lifecyclePolicy.policyText removed", "PutLifecyclePolicy" },
        { "repositoryPolicyText", "SetRepositoryPolicy" },
        { "repositoryPolicyText removed", "SetRepositoryPolicy" },
        { "tags.a", "TagResource" },
        { "tags.a removed", "TagResource" },
        { $"tags.{ApiNames.OwnerTag} removed", "TagResource" },
    };

    [Fact]
    public async Task A_comparison_without_a_difference_writes_nothing_but_the_answer_to_who_asked()
    {
        await CreateSyncedAsync("calm", Full);
        await CompareAsync("calm");
        var (aws, kubernetes) = (AwsWrites("calm").Count, KubernetesWrites("calm").Count);

        await CompareAsync("calm");

        Assert.Equal(aws, AwsWrites("calm").Count);
        var only = Assert.Single(KubernetesWrites("calm").Skip(kubernetes));
        Assert.Equal("patch ecrrepositories/status", only.Operation);
        Assert.Equal(
            ["/metadata/uid", "/status/lastHandledForceSync"],
            JsonNode.Parse(only.Body)!.AsArray().Select(operation => (string)operation!["path"]!).Except(["/status/lastSyncTime"]));
    }

    [Theory]
    [MemberData(nameof(Drifts))]
    public async Task Drift_is_corrected_and_told_by_one_event(string drift, string write)
    {
        var field = drift.Split(' ')[0];
        await CreateSyncedAsync("drifts", Full);
        var before = AwsWrites("drifts").Count;
        await ChangeOutsideAsync("drifts", field, removed: drift.EndsWith(" removed", StringComparison.Ordinal));

        var synced = await CompareAsync("drifts");

        Assert.True(synced.IsSynced());
        Assert.Null(synced["status"]!["drift"]);
        Assert.Equal([write], AwsWrites("drifts").Skip(before));
        var told = Assert.Single(await Objects.EventsAsync(Namespace, "drifts"), item => (string?)item["reason"] == "DriftCorrected");
        Assert.Contains(field.Split('.', 2)[^1], (string?)told["note"]);

        // It ended: the next comparison finds nothing.
        await CompareAsync("drifts");
        Assert.Equal(before + 1, AwsWrites("drifts").Count);
        Assert.Equal("1", (await TagsInAwsAsync("drifts"))["a"]);
        Assert.Equal(OwnerOf("drifts"), (await TagsInAwsAsync("drifts"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task What_the_spec_does_not_name_is_left_as_others_set_it()
    {
        await CreateSyncedAsync("open");
        await Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = RepositoryOf("open"), ImageScanningConfiguration = new() { ScanOnPush = true } }, Cancel);
        await Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = RepositoryOf("open"), LifecyclePolicyText = Texts.KeepFive }, Cancel);
        await TagInAwsAsync("open", "foreign", "stays");

        var synced = await CompareAsync("open");

        Assert.True(synced.IsSynced());
        Assert.True((bool)synced["status"]!["imageScanningConfiguration"]!["scanOnPush"]!);
        Assert.Equal(["CreateRepository"], AwsWrites("open"));
    }

    [Fact]
    public async Task Reported_drift_is_left_until_the_spec_changes()
    {
        await CreateSyncedAsync("reports", With(Full, "driftPolicy", "Report"));
        await ChangeOutsideAsync("reports", "scanOnPush", removed: false);
        var before = AwsWrites("reports").Count;

        var told = await CompareAsync("reports");

        Assert.Equal(Reasons.DriftDetected, told.Condition(ConditionTypes.Synced)!.Value.Reason);
        Assert.Equal("scanOnPush", (string?)told["status"]!["drift"]![0]!["field"]);
        Assert.Equal(before, AwsWrites("reports").Count);

        await PatchSpecAsync("reports", new() { ["tags"] = new JsonObject { ["b"] = "2" } });
        await UntilSyncedAsync("reports");
        Assert.True((await InAwsAsync("reports")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Fact]
    public async Task A_repository_deleted_outside_is_made_again()
    {
        var first = await CreateSyncedAsync("again", Full);
        await DeleteInAwsAsync("again");
        await AgeAsync("again");

        var synced = await CompareAsync("again");

        Assert.True(synced.IsSynced());
        Assert.Equal(["CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy"], AwsWrites("again").Skip(3));
        Assert.Equal((string?)first["status"]!["repositoryArn"], (string?)synced["status"]!["repositoryArn"]);
        Assert.Equal("1", (await TagsInAwsAsync("again"))["a"]);
    }

    [Fact]
    public async Task A_repository_that_is_not_seen_soon_after_its_creation_is_not_taken_for_deleted()
    {
        await CreateSyncedAsync("lags");
        using (InterfereWithAws("lags", "DescribeRepositories", Interference.AwsError("RepositoryNotFoundException")))
        {
            var told = await CompareAsync("lags");
            Assert.Equal(Reasons.Creating, told.Condition(ConditionTypes.Synced)!.Value.Reason);
        }

        await UntilSyncedAsync("lags");
        Assert.Equal(["CreateRepository"], AwsWrites("lags"));
    }

    [Fact]
    public async Task Either_annotation_asks_for_a_comparison_and_is_answered()
    {
        await CreateSyncedAsync("asked");
        await AnnotateAsync("asked", ApiNames.ForceSyncAnnotation, "one");
        await UntilAsync("asked", value => (string?)value["status"]!["lastHandledForceSync"] == "one|");
        await AnnotateAsync("asked", ApiNames.PrefixedForceSyncAnnotation, "two");
        await UntilAsync("asked", value => (string?)value["status"]!["lastHandledForceSync"] == "one|two");
        Assert.Equal(2, AwsCalls("asked").Count(operation => operation == "DescribeRepositories"));

        // Taking one away asks for nothing: the next request is the only one that is handled.
        await AnnotateAsync("asked", ApiNames.ForceSyncAnnotation, null);
        await AnnotateAsync("asked", ApiNames.PrefixedForceSyncAnnotation, "three");
        await UntilAsync("asked", value => (string?)value["status"]!["lastHandledForceSync"] == "|three");
        Assert.Equal(3, AwsCalls("asked").Count(operation => operation == "DescribeRepositories"));
    }

    [Fact]
    public async Task Images_are_counted()
    {
        await CreateSyncedAsync("images");
        await PushAsync("images", "one");
        await PushAsync("images", "two");

        var synced = await CompareAsync("images");

        Assert.True(await ImagesInAwsAsync("images") > 0);
        Assert.Equal(await ImagesInAwsAsync("images"), (long?)synced["status"]!["imageCount"]);
        Assert.True((long?)synced["status"]!["imageSizeBytes"] > 0);
    }

    private async Task ChangeOutsideAsync(string name, string field, bool removed)
    {
        var repository = RepositoryOf(name);
        await (field switch
        {
            "imageTagMutability" => (Task)Ecr.PutImageTagMutabilityAsync(new() { RepositoryName = repository, ImageTagMutability = ImageTagMutability.MUTABLE }, Cancel),
            "scanOnPush" => Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = repository, ImageScanningConfiguration = new() { ScanOnPush = false } }, Cancel),
            "lifecyclePolicy.policyText" when removed => Ecr.DeleteLifecyclePolicyAsync(new() { RepositoryName = repository }, Cancel),
            "lifecyclePolicy.policyText" => Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = repository, LifecyclePolicyText = Texts.KeepFive }, Cancel),
            "repositoryPolicyText" when removed => Ecr.DeleteRepositoryPolicyAsync(new() { RepositoryName = repository }, Cancel),
            "repositoryPolicyText" => Ecr.SetRepositoryPolicyAsync(new() { RepositoryName = repository, PolicyText = Texts.AllowPush }, Cancel),
            _ when removed => Ecr.UntagResourceAsync(new() { ResourceArn = (await InAwsAsync(name)).RepositoryArn, TagKeys = [field["tags.".Length..]] }, Cancel),
            _ => TagInAwsAsync(name, field["tags.".Length..], "otherwise"),
        });
    }
}
