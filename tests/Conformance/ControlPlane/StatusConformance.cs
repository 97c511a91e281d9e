using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>The status tells what AWS has, within its bounds, and is never a reason to work.</summary>
public abstract class StatusConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string KeyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
    private const string KeyArn = $"arn:aws:kms:us-east-1:123456789012:key/{KeyId}";

    [Theory]
    [InlineData("KMS", null)]
    [InlineData("KMS", KeyArn)]
    [InlineData("KMS", KeyId)]
    [InlineData("KMS", "alias/ecr")]
    [InlineData("KMS", "arn:aws:kms:us-east-1:123456789012:alias/ecr")]
    public async Task However_a_key_is_named_it_is_no_drift(string type, string? key)
    {
        await Ecr.CreateRepositoryAsync(new() { RepositoryName = RepositoryOf("app"), EncryptionConfiguration = new() { EncryptionType = type, KmsKey = KeyArn } }, Cancel);
        var encryption = new JsonObject { ["encryptionType"] = type };
        if (key is not null)
        {
            encryption["kmsKey"] = key;
        }

        var synced = await CreateSyncedAsync("app", new() { ["encryptionConfiguration"] = encryption });
        synced = await CompareAsync("app");

        Assert.True(synced.IsSynced());
        Assert.Equal(KeyArn, (string?)synced["status"]!["kmsKey"]);
        Assert.Equal(type, (string?)synced["status"]!["encryptionType"]);
        Assert.Null(synced["status"]!["drift"]);
        Assert.Equal(["CreateRepository", "TagResource"], AwsWrites("app"));
    }

    [Fact]
    public async Task Another_key_is_told_and_nothing_is_done_about_it()
    {
        await Ecr.CreateRepositoryAsync(new() { RepositoryName = RepositoryOf("app"), EncryptionConfiguration = new() { EncryptionType = "KMS", KmsKey = KeyArn } }, Cancel);
        await CreateRepositoryAsync("app", new() { ["encryptionConfiguration"] = new JsonObject { ["encryptionType"] = "KMS", ["kmsKey"] = KeyArn.Replace("1234abcd", "ffffffff", StringComparison.Ordinal) } });
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ImmutableFieldChanged);

        Assert.Equal("encryptionConfiguration.kmsKey", (string?)told["status"]!["drift"]![0]!["field"]);
        Assert.Equal(["CreateRepository", "TagResource"], AwsWrites("app"));
    }

    [Fact]
    public async Task Drift_is_told_in_twenty_items_of_bounded_length_and_policies_by_their_hash()
    {
        static string Filter(char letter) => $"{new string(letter, 100)}*";
        await CreateSyncedAsync("app", new()
        {
            ["driftPolicy"] = "Report",
            ["imageTagMutability"] = "MUTABLE_WITH_EXCLUSION",
            ["imageTagMutabilityExclusionFilters"] = new JsonArray([.. "abcde".Select(letter => new JsonObject { ["filterType"] = "WILDCARD", ["filter"] = Filter(letter) })]),
            ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
            ["repositoryPolicyText"] = Texts.AllowPull,
            ["tags"] = new JsonObject(Enumerable.Range(0, 25).Select(number => KeyValuePair.Create<string, JsonNode?>($"key-{number:00}", "mine"))),
        });
        var before = AwsWrites("app").Count;
        await Ecr.PutImageTagMutabilityAsync(new()
        {
            RepositoryName = RepositoryOf("app"),
            ImageTagMutability = "MUTABLE_WITH_EXCLUSION",
            ImageTagMutabilityExclusionFilters = [.. "vwxyz".Select(letter => new Amazon.ECR.Model.ImageTagMutabilityExclusionFilter { FilterType = "WILDCARD", Filter = Filter(letter) })],
        }, Cancel);
        await Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = RepositoryOf("app"), LifecyclePolicyText = Texts.KeepFive }, Cancel);
        await Ecr.DeleteRepositoryPolicyAsync(new() { RepositoryName = RepositoryOf("app") }, Cancel);
        await Ecr.TagResourceAsync(new()
        {
            ResourceArn = (await InAwsAsync("app")).RepositoryArn,
            Tags = [.. Enumerable.Range(0, 25).Select(number => new Amazon.ECR.Model.Tag { Key = $"key-{number:00}", Value = new string('t', 256) })],
        }, Cancel);

        var told = await CompareAsync("app");

        var drift = told["status"]!["drift"]!.AsArray().Select(item => (Field: (string)item!["field"]!, Expected: (string?)item["expected"], Actual: (string?)item["actual"])).ToArray();
        Assert.Equal(
            ["imageTagMutabilityExclusionFilters", "lifecyclePolicy.policyText", "repositoryPolicyText", .. Enumerable.Range(0, 17).Select(number => $"tags[key-{number:00}]")],
            drift.Select(item => item.Field));
        Assert.Equal((256, '…'), (drift[0].Actual!.Length, drift[0].Actual![^1]));
        Assert.StartsWith(Filter('v'), drift[0].Actual);
        Assert.All([drift[1].Expected, drift[1].Actual, drift[2].Expected], hash => Assert.Matches("^[0-9a-f]{16,64}$", hash));
        Assert.NotEqual(drift[1].Expected, drift[1].Actual);
        Assert.Null(drift[2].Actual);
        Assert.Equal(("mine", new string('t', 256)), (drift[3].Expected, drift[3].Actual));
        Assert.Contains("tags[key-24]", told.Message());
        Assert.Equal(before, AwsWrites("app").Count);
    }

    [Fact]
    public async Task No_write_of_ours_makes_us_look_again()
    {
        await CreateSyncedAsync("made", new() { ["tags"] = new JsonObject { ["a"] = "1" } });
        await CreateInAwsAsync("adopted");
        await CreateSyncedAsync("adopted");
        await CreateRepositoryAsync("paused", annotations: new() { [ApiNames.PausedAnnotation] = "true" });
        await UntilReasonAsync("paused", ConditionTypes.Synced, Reasons.Paused);
        await CompareAsync("made");

        // A status that somebody else writes is no wish either.
        await AgeAsync("made");
        await CreateSyncedAsync("barrier");
        await CompareAsync("barrier");

        Assert.Single(AwsCalls("made"), "DescribeRepositories");
        Assert.Single(AwsCalls("adopted"), "DescribeRepositories");
        Assert.Equal(["create events", "patch ecrrepositories/status"], KubernetesWrites("paused").Select(request => request.Operation).Order());
    }
}
