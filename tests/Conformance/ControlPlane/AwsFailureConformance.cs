using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Whatever AWS answers is told as it is, hides nothing else, and heals by itself once AWS does.</summary>
public abstract class AwsFailureConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private static JsonObject Full => new()
    {
        ["imageTagMutability"] = "IMMUTABLE",
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["repositoryPolicyText"] = Texts.AllowPull,
        ["tags"] = new JsonObject { ["a"] = "1" },
    };

    /// <summary>AWS's refusal of a create; the reason; whether the repository is known not to be usable; whether a person must act.</summary>
    public static TheoryData<string, int, string, string, bool> RefusedCreates => new()
    {
        { "ThrottlingException", 400, Reasons.Throttled, ConditionStatus.Unknown, false },
        { "ServerException", 500, Reasons.AWSUnavailable, ConditionStatus.False, false },
        { "AccessDeniedException", 400, Reasons.AccessDenied, ConditionStatus.False, true },
        { "KmsException", 400, Reasons.KmsKeyNotUsable, ConditionStatus.False, true },
        { "LimitExceededException", 400, Reasons.QuotaExceeded, ConditionStatus.False, true },
        { "InvalidParameterException", 400, Reasons.InvalidSpec, ConditionStatus.False, true },
        { "InvalidTagParameterException", 400, Reasons.InvalidSpec, ConditionStatus.False, true },
        { "ExpiredTokenException", 400, Reasons.CredentialsExpired, ConditionStatus.Unknown, true },
        { "SomethingNewException", 400, Reasons.AWSUnavailable, ConditionStatus.Unknown, false },
    };

    public static TheoryData<string> WritesOfAnEdit =>
        ["PutImageTagMutability", "PutImageScanningConfiguration", "PutLifecyclePolicy", "SetRepositoryPolicy", "TagResource", "UntagResource", "DeleteLifecyclePolicy", "DeleteRepositoryPolicy"];

    public static TheoryData<string> Reads => ["DescribeRepositories", "ListTagsForResource", "GetLifecyclePolicy", "GetRepositoryPolicy"];

    [Theory]
    [MemberData(nameof(RefusedCreates))]
    public async Task A_refused_create_is_told_in_AWS_words_and_tried_again(string code, int status, string reason, string ready, bool stalled)
    {
        using (InterfereWithAws("app", "CreateRepository", Interference.AwsError(code, "the words of AWS", status)))
        {
            await CreateRepositoryAsync("app", Full);
            var told = await UntilReasonAsync("app", ConditionTypes.Synced, reason);

            Assert.Equal(ready, told.Condition(ConditionTypes.Ready)!.Value.Status);
            Assert.Contains("CreateRepository", told.Message());
            Assert.Contains("the words of AWS", told.Message());
            Assert.NotNull(told.Condition(stalled ? ConditionTypes.Stalled : ConditionTypes.Reconciling));
            Assert.Null(told.Condition(stalled ? ConditionTypes.Reconciling : ConditionTypes.Stalled));
            Assert.Null(await FindInAwsAsync("app"));
        }

        var synced = await UntilSyncedAsync("app");
        Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
        Assert.Null(synced.Condition(ConditionTypes.Stalled));
        Assert.Null(synced.Condition(ConditionTypes.Reconciling));
        Assert.Null(synced.Message());
    }

    [Theory]
    [MemberData(nameof(WritesOfAnEdit))]
    public async Task A_denied_write_is_named_and_all_others_are_made(string denied)
    {
        await CreateSyncedAsync("app", With(With(new() { ["tags"] = new JsonObject { ["old"] = "1" } }, "lifecyclePolicy", new JsonObject { ["policyText"] = Texts.KeepFive }), "repositoryPolicyText", Texts.AllowPush));
        var before = AwsWrites("app").Count;
        var edit = With(With(Full, "tags", new JsonObject { ["old"] = null, ["a"] = "1" }), "providerRef", new JsonObject { ["name"] = "aws" });
        if (denied.StartsWith("Delete", StringComparison.Ordinal))
        {
            edit["lifecyclePolicy"] = null;
            edit["repositoryPolicyText"] = null;
        }

        using (InterfereWithAws("app", denied, Interference.AwsError("AccessDeniedException", $"User: arn:aws:iam::000000000000:user/u is not authorized to perform: ecr:{denied}")))
        {
            await PatchSpecAsync("app", edit);
            var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AccessDenied);

            Assert.Contains($"ecr:{denied}", told.Message());
            Assert.Equal(ConditionStatus.False, told.Condition(ConditionTypes.Synced)!.Value.Status);
            Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
            Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Stalled)!.Value.Status);
            Assert.Equal(1, (long?)told["status"]!["appliedGeneration"]);
            Assert.Equal(6, AwsWrites("app").Skip(before).Distinct().Count());
        }

        await UntilSyncedAsync("app");
        Assert.Equal("1", (await TagsInAwsAsync("app"))["a"]);
        Assert.DoesNotContain("old", (await TagsInAwsAsync("app")).Keys);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task A_denied_read_is_named_and_what_was_known_stays_told(string denied)
    {
        await CreateSyncedAsync("app", Full);
        var before = AwsWrites("app").Count;
        using (InterfereWithAws("app", denied, Interference.AwsError("AccessDeniedException", $"User: arn:aws:iam::000000000000:user/u is not authorized to perform: ecr:{denied}")))
        {
            var told = await CompareAsync("app");

            Assert.Equal(Reasons.AccessDenied, told.Condition(ConditionTypes.Synced)!.Value.Reason);
            Assert.Contains($"ecr:{denied}", told.Message());
            Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
            Assert.NotNull((string?)told["status"]!["repositoryUri"]);
            Assert.Equal(before, AwsWrites("app").Count);
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task Images_that_may_not_be_counted_keep_their_last_count_and_trouble_nobody()
    {
        await CreateSyncedAsync("app");
        await PushAsync("app", "one");
        await CompareAsync("app");
        await PushAsync("app", "two");
        using (InterfereWithAws("app", "DescribeImages", Interference.AwsError("AccessDeniedException")))
        {
            var synced = await CompareAsync("app");
            Assert.True(synced.IsSynced());
            Assert.Equal(1, (long?)synced["status"]!["imageCount"]);
        }
    }

    [Fact]
    public async Task A_denied_delete_is_named_and_tried_again()
    {
        await CreateSyncedAsync("app");
        using (InterfereWithAws("app", "DeleteRepository", Interference.AwsError("AccessDeniedException", "not authorized to perform: ecr:DeleteRepository")))
        {
            await DeleteAsync("app");
            var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AccessDenied);
            Assert.Contains("ecr:DeleteRepository", told.Message());
        }

        await UntilGoneAsync("app");
        Assert.Null(await FindInAwsAsync("app"));
    }

    [Theory]
    [InlineData("ThrottlingException", 400)]
    [InlineData("ServerException", 500)]
    public async Task A_delete_that_AWS_cannot_serve_now_is_tried_again(string code, int status)
    {
        await CreateSyncedAsync("app");
        using (InterfereWithAws("app", "DeleteRepository", Interference.AwsError(code, status: status), times: 4))
        {
            await DeleteAsync("app");
            await UntilGoneAsync("app");
        }

        Assert.Null(await FindInAwsAsync("app"));
    }

    [Fact]
    public async Task A_call_that_is_throttled_has_another_turn_and_nothing_is_told_of_it()
    {
        using (InterfereWithAws("app", "CreateRepository", Interference.AwsError("ThrottlingException"), times: 2))
        using (InterfereWithAws("app", "PutLifecyclePolicy", Interference.AwsError("TooManyRequestsException", status: 429), times: 2))
        {
            await CreateSyncedAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } });
        }

        Assert.Equal(["CreateRepository", "CreateRepository", "CreateRepository", "PutLifecyclePolicy", "PutLifecyclePolicy", "PutLifecyclePolicy"], AwsCalls("app"));
        Assert.Single(KubernetesWrites("app"), write => write.Operation == "patch ecrrepositories/status");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_create_whose_answer_is_lost_makes_one_repository_that_counts_as_created(int losses)
    {
        using (InterfereWithAws("app", "CreateRepository", new() { DropAfter = true }, losses))
        {
            var synced = await CreateSyncedAsync("app", Full);
            Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
        }

        Assert.Equal(new() { ["a"] = "1", [ApiNames.OwnerTag] = OwnerOf("app") }, await TagsInAwsAsync("app"));
        Assert.NotNull(await LifecyclePolicyInAwsAsync("app"));
        Assert.NotNull(await RepositoryPolicyInAwsAsync("app"));

        // What its record calls ours is ours to take away again.
        await PatchSpecAsync("app", new() { ["tags"] = null, ["lifecyclePolicy"] = null, ["scanOnPush"] = null });
        await UntilSyncedAsync("app");
        Assert.Equal([ApiNames.OwnerTag], (await TagsInAwsAsync("app")).Keys);
        Assert.Null(await LifecyclePolicyInAwsAsync("app"));
        Assert.False((await InAwsAsync("app")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Theory]
    [InlineData("PutLifecyclePolicy")]
    [InlineData("SetRepositoryPolicy")]
    [InlineData("TagResource")]
    [InlineData("UntagResource")]
    [InlineData("PutImageTagMutability")]
    public async Task A_write_whose_answer_is_lost_is_settled_by_looking(string operation)
    {
        await CreateSyncedAsync("app", new() { ["tags"] = new JsonObject { ["old"] = "1" } });
        using (InterfereWithAws("app", operation, new() { DropAfter = true }, 2))
        {
            await PatchSpecAsync("app", With(Full, "tags", new JsonObject { ["old"] = null, ["a"] = "1" }));
            await UntilSyncedAsync("app");
        }

        Assert.Equal(new() { ["a"] = "1", [ApiNames.OwnerTag] = OwnerOf("app") }, await TagsInAwsAsync("app"));
        Assert.Equal("IMMUTABLE", (await InAwsAsync("app")).ImageTagMutability);
        await PatchSpecAsync("app", new() { ["lifecyclePolicy"] = null, ["repositoryPolicyText"] = null, ["tags"] = null, ["imageTagMutability"] = null });
        await UntilSyncedAsync("app");
        Assert.Null(await LifecyclePolicyInAwsAsync("app"));
        Assert.Null(await RepositoryPolicyInAwsAsync("app"));
        Assert.Equal([ApiNames.OwnerTag], (await TagsInAwsAsync("app")).Keys);
        Assert.Equal("MUTABLE", (await InAwsAsync("app")).ImageTagMutability);
    }

    [Fact]
    public async Task A_delete_whose_answer_is_lost_ends_as_well()
    {
        await CreateSyncedAsync("app");
        using (InterfereWithAws("app", "DeleteRepository", new() { DropAfter = true }, 2))
        {
            await DeleteAsync("app");
            await UntilGoneAsync("app");
        }

        Assert.Null(await FindInAwsAsync("app"));
    }

    [Fact]
    public async Task A_create_that_is_not_visible_at_first_makes_no_second_repository()
    {
        using (InterfereWithAws("app", "DescribeRepositories", Interference.AwsError("RepositoryNotFoundException"), 3))
        using (InterfereWithAws("app", "PutLifecyclePolicy", Interference.AwsError("RepositoryNotFoundException"), 2))
        {
            await CreateRepositoryAsync("app", Full);
            await UntilSyncedAsync("app");
        }

        Assert.Single(AwsCalls("app"), "CreateRepository");
        Assert.NotNull(await LifecyclePolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task An_answer_that_is_none_of_AWS_own_is_no_crash()
    {
        var garbage = new Interference { Instead = new(200, "<html>a proxy's page</html>", "text/html") };
        using (InterfereWithAws("app", "CreateRepository", garbage))
        using (InterfereWithAws("app", "DescribeRepositories", garbage))
        {
            await CreateRepositoryAsync("app");
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AWSUnavailable);
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task An_empty_answer_is_no_crash()
    {
        var empty = new Interference { Instead = new(200, "{}", "application/x-amz-json-1.1") };
        using (InterfereWithAws("app", "CreateRepository", empty, 3))
        using (InterfereWithAws("app", "DescribeRepositories", empty, 2))
        {
            await CreateRepositoryAsync("app");
            await UntilSyncedAsync("app");
        }
    }

    [Fact]
    public async Task One_providers_trouble_is_not_anothers()
    {
        await CreateSecretAsync("slow", accessKeyId: $"{AccessKeyId}SLOW");
        await CreateProviderAsync("slow", StaticKeys("slow"));
        var never = new TaskCompletionSource();
        using var stuck = Environment.Aws.Interfere(request => request.AccessKeyId == $"{AccessKeyId}SLOW" && request.Operation == "CreateRepository" ? new() { Before = () => never.Task } : null);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => CreateRepositoryAsync($"slow-{number}", new() { ["providerRef"] = new JsonObject { ["name"] = "slow" } })));
        await Environment.Aws.UntilAsync(request => request.AccessKeyId == $"{AccessKeyId}SLOW" && request.Operation == "CreateRepository", 32).WaitAsync(KubernetesObjects.Deadline, Cancel);

        await CreateSyncedAsync("quick");
        never.SetResult();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => UntilSyncedAsync($"slow-{number}")));
    }
}
