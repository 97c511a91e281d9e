using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Garbage that the schema lets through is told by its field, hides nothing else, and never runs hot.</summary>
public abstract class BadInputConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    /// <summary>What is wrong with a policy text, and the text.</summary>
    public static TheoryData<string, string> Garbage => new()
    {
        { "no JSON", "keep the last ten, please" },
        { "half of it", Texts.KeepTen[..40] },
        { "an array", "[1,2,3]" },
        { "a number", "1e999999" },
        { "null", "null" },
        { "a key twice", """{"rules":[],"rules":[]}""" },
        { "deep", string.Concat(Enumerable.Repeat("""{"a":""", 1500)) },
        { "deep and closed", $"{new string('[', 4000)}{new string(']', 4000)}" },
        { "half a character", """{"rules":"\ud800"}""" },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task A_garbage_policy_is_told_and_the_rest_applied(string fault, string text)
    {
        Assert.NotEmpty(fault);
        await CreateRepositoryAsync("app", new()
        {
            ["lifecyclePolicy"] = new JsonObject { ["policyText"] = text },
            ["repositoryPolicyText"] = text,
            ["scanOnPush"] = true,
            ["tags"] = new JsonObject { ["a"] = "1" },
        });
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.InvalidLifecyclePolicy);

        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Stalled)!.Value.Status);
        Assert.Contains("spec.lifecyclePolicy.policyText", told.Message());
        Assert.Contains("spec.repositoryPolicyText", told.Message());
        Assert.Equal(["CreateRepository"], AwsWrites("app"));
        Assert.True((await InAwsAsync("app")).ImageScanningConfiguration!.ScanOnPush);
        Assert.Equal("1", (await TagsInAwsAsync("app"))["a"]);

        // An edit of another field goes through, and the mend ends it.
        await PatchSpecAsync("app", new() { ["tags"] = new JsonObject { ["a"] = "2" } });
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.InvalidLifecyclePolicy);
        Assert.Equal("2", (await TagsInAwsAsync("app"))["a"]);
        await PatchSpecAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen }, ["repositoryPolicyText"] = null });
        await UntilSyncedAsync("app");
        Assert.NotNull(await LifecyclePolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task A_policy_that_only_AWS_can_judge_is_judged_by_AWS_and_told()
    {
        await CreateRepositoryAsync("app", new()
        {
            ["lifecyclePolicy"] = new JsonObject { ["policyText"] = """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"sometimes","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}""" },
            ["repositoryPolicyText"] = Texts.AllowPull,
        });
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.InvalidLifecyclePolicy);

        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.NotNull(await RepositoryPolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task A_bad_policy_leaves_the_good_one_in_AWS()
    {
        await CreateSyncedAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } });
        await PatchSpecAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = "garbage" } });
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.InvalidLifecyclePolicy);

        Assert.NotNull(await LifecyclePolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task What_waits_for_a_person_is_tried_slowly()
    {
        await CreateRepositoryAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = "garbage" } });
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.InvalidLifecyclePolicy);

        var started = TimeProvider.System.GetTimestamp();
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("app") && request.Operation == "DescribeRepositories", 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(1), "The least waits are 15 and 20 times 50 ms.");
        Assert.Equal(["patch ecrrepositories", "patch ecrrepositories/status"], KubernetesWrites("app").Select(request => request.Operation).Where(operation => operation != "create events"));
    }

    [Fact]
    public async Task Many_bad_objects_do_not_delay_a_good_one()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(number => CreateRepositoryAsync($"bad-{number}", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = "garbage" } })));
        await CreateSyncedAsync("good");
    }

    [Fact]
    public async Task The_longest_names_are_served()
    {
        var name = string.Join('.', Enumerable.Repeat(new string('n', 62), 4))[..250];
        var synced = await CreateSyncedAsync(name, new() { ["repositoryName"] = $"{Namespace}/{new string('r', 255 - Namespace.Length)}" });

        Assert.Equal(256, ((string)synced["spec"]!["repositoryName"]!).Length);
        await DeleteAsync(name);
        await UntilGoneAsync(name);
    }
}
