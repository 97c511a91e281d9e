using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>What the annotations ask for is done, and only that: a pause stops everything, a force-sync compares everything.</summary>
public abstract class RequestConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Pause = ApiNames.PausedAnnotation;

    private static JsonObject Full => new()
    {
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["repositoryPolicyText"] = Texts.AllowPull,
        ["tags"] = new JsonObject { ["a"] = "1" },
    };

    [Fact]
    public async Task What_is_applied_paused_is_left_alone_until_it_goes_on()
    {
        await CreateRepositoryAsync("app", annotations: new() { [Pause] = "true" });
        var paused = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.Paused);
        Assert.Empty(paused.Finalizers());
        Assert.Empty(AwsCalls("app"));

        // Any other value is no pause.
        await AnnotateAsync("app", Pause, "false");
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task All_that_happened_during_a_pause_is_caught_up_with()
    {
        await CreateSyncedAsync("edited", Full);
        await CreateSyncedAsync("gone");
        await AnnotateAsync("edited", Pause, "true");
        await AnnotateAsync("gone", Pause, "true");
        await UntilReasonAsync("edited", ConditionTypes.Synced, Reasons.Paused);
        await UntilReasonAsync("gone", ConditionTypes.Synced, Reasons.Paused);
        var (calls, gone) = (AwsCalls("edited").Count, AwsCalls("gone").Count);

        await TagInAwsAsync("edited", "a", "otherwise");
        await DeleteInAwsAsync("gone");
        await AgeAsync("gone");
        await PatchSpecAsync("edited", new() { ["lifecyclePolicy"] = null, ["repositoryPolicyText"] = Texts.AllowPush });
        await AnnotateAsync("edited", ApiNames.ForceSyncAnnotation, "meanwhile");
        var paused = await UntilReasonAsync("edited", ConditionTypes.Stalled, Reasons.Paused);
        await CreateSyncedAsync("beside");

        // A request that nothing was done about was not handled.
        Assert.Null(paused["status"]!["lastHandledForceSync"]);
        Assert.Equal((calls, gone), (AwsCalls("edited").Count, AwsCalls("gone").Count));

        await AnnotateAsync("edited", Pause, null);
        await AnnotateAsync("gone", Pause, null);
        var synced = await UntilSyncedAsync("edited");
        await UntilSyncedAsync("gone");
        Assert.Equal("meanwhile|", (string?)synced["status"]!["lastHandledForceSync"]);
        Assert.Equal("1", (await TagsInAwsAsync("edited"))["a"]);
        Assert.Null(await LifecyclePolicyInAwsAsync("edited"));
        Assert.Contains("PutImage", await RepositoryPolicyInAwsAsync("edited"));
        Assert.NotNull(await FindInAwsAsync("gone"));
    }

    [Fact]
    public async Task A_force_sync_during_a_pause_waits_for_its_end()
    {
        await CreateSyncedAsync("app");
        await AnnotateAsync("app", Pause, "true");
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.Paused);
        await AnnotateAsync("app", ApiNames.PrefixedForceSyncAnnotation, "waits");
        await CreateSyncedAsync("barrier");
        await CompareAsync("barrier");
        var paused = (await Objects.FindAsync(ECRRepository.Kind, Namespace, "app"))!;
        Assert.Null(paused["status"]!["lastHandledForceSync"]);
        Assert.DoesNotContain("DescribeRepositories", AwsCalls("app"));

        await AnnotateAsync("app", Pause, null);
        await UntilAsync("app", value => (string?)value["status"]!["lastHandledForceSync"] == "|waits");
        Assert.Single(AwsCalls("app"), "DescribeRepositories");
    }

    [Fact]
    public async Task A_force_sync_compares_everything_that_the_spec_names_and_counts_the_images()
    {
        await CreateSyncedAsync("app", Full);
        var before = AwsCalls("app").Count;
        await CompareAsync("app");

        Assert.Equal(["DescribeImages", "DescribeRepositories", "GetLifecyclePolicy", "GetRepositoryPolicy", "ListTagsForResource"], AwsCalls("app").Skip(before).Order());
    }

    [Fact]
    public async Task A_force_sync_is_answered_whatever_comes_of_it()
    {
        await CreateSyncedAsync("app");
        using (InterfereWithAws("app", "DescribeRepositories", Interference.AwsError("ThrottlingException")))
        {
            await CompareAsync("app");
            var again = await CompareAsync("app");
            Assert.Equal(Reasons.Throttled, again.Condition(ConditionTypes.Synced)!.Value.Reason);
        }

        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task A_provider_asked_by_either_annotation_reads_its_Secret_and_proves_its_identity_again()
    {
        await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        var before = Proofs();
        await AnnotateAsync("aws", ApiNames.ForceSyncAnnotation, "one", AWSProvider.Kind);

        // The sweep that follows has the provider looked at once more, and new keys would be found by that.
        await UntilAsync("aws", value => (string?)value["status"]!["lastHandledForceSync"] == "one|" && value["status"]!["lastSweepTime"] is not null, AWSProvider.Kind);
        Assert.Equal(before + 1, Proofs());

        // Keys that were rotated meanwhile are the ones that are proven.
        await Objects.PatchAsync("Secret", Namespace, "keys", new() { ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AccessKeyId}NEW")) } });
        await AnnotateAsync("aws", ApiNames.PrefixedForceSyncAnnotation, "two", AWSProvider.Kind);
        await UntilAsync("aws", value => (string?)value["status"]!["lastHandledForceSync"] == "one|two", AWSProvider.Kind);
        Assert.Contains(Environment.Aws.Log, request => request.Operation == "GetCallerIdentity" && request.AccessKeyId == $"{AccessKeyId}NEW");

        // Taking one away asks for nothing.
        await AnnotateAsync("aws", ApiNames.ForceSyncAnnotation, null, AWSProvider.Kind);
        await AnnotateAsync("aws", ApiNames.PrefixedForceSyncAnnotation, "three", AWSProvider.Kind);
        await UntilAsync("aws", value => (string?)value["status"]!["lastHandledForceSync"] == "|three", AWSProvider.Kind);
        Assert.Equal(2, Environment.Aws.Log.Count(request => request.Operation == "GetCallerIdentity" && request.AccessKeyId == $"{AccessKeyId}NEW"));
    }

    [Fact]
    public async Task A_paused_provider_does_nothing_and_holds_up_its_repositories_until_it_goes_on()
    {
        await CreateSyncedAsync("app");
        await AnnotateAsync("aws", Pause, "true", AWSProvider.Kind);
        var paused = await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Paused, AWSProvider.Kind);
        Assert.Contains("take it off", paused.Message());
        var (proofs, writes) = (Proofs(), AwsWrites("app").Count);

        await AnnotateAsync("aws", ApiNames.ForceSyncAnnotation, "meanwhile", AWSProvider.Kind);
        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady);
        Assert.Equal((proofs, writes), (Proofs(), AwsWrites("app").Count));

        // It counts who names it all the same, and answers no request with that.
        await CreateRepositoryAsync("second");
        paused = await UntilAsync("aws", value => (int?)value["status"]!["repositoryCount"] == 2, AWSProvider.Kind);
        Assert.Null(paused["status"]!["lastHandledForceSync"]);

        await AnnotateAsync("aws", Pause, null, AWSProvider.Kind);
        await UntilSyncedAsync("second");
        await UntilSyncedAsync("app");
        await UntilAsync("aws", value => (string?)value["status"]!["lastHandledForceSync"] == "meanwhile|", AWSProvider.Kind);
    }

    private int Proofs() => Environment.Aws.Log.Count(request => request.Operation == "GetCallerIdentity" && request.AccessKeyId == AccessKeyId);
}
