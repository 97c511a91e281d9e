using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>An object that observes holds nothing and writes nothing, whatever it was before, and takes nothing for its own on its way back.</summary>
public abstract class ObserveConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Others = "example.com/other";

    private static JsonObject Full => new()
    {
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["repositoryPolicyText"] = Texts.AllowPull,
        ["tags"] = new JsonObject { ["a"] = "1" },
    };

    [Fact]
    public async Task From_Manage_to_Observe_only_our_finalizer_goes_and_back_again_the_spec_holds()
    {
        await CreateSyncedAsync("app", Full);
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "app", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(ApiNames.Finalizer, Others) } });
        var before = AwsCalls("app").Count;
        await PatchSpecAsync("app", new() { ["managementPolicy"] = "Observe", ["scanOnPush"] = false, ["tags"] = null });
        var observed = await UntilSyncedAsync("app");

        Assert.Equal([Others], observed.Finalizers());
        Assert.Contains("Observe", observed.Condition(ConditionTypes.Synced)!.Value.Message);
        Assert.Equal(1, (long?)observed["status"]!["appliedGeneration"]);

        // What others change is seen and left, and nothing is asked that the status has no place for.
        await TagInAwsAsync("app", "a", "2");
        await Ecr.DeleteLifecyclePolicyAsync(new() { RepositoryName = RepositoryOf("app") }, Cancel);
        await PushAsync("app", "one");
        observed = await CompareAsync("app");
        Assert.True(observed.IsSynced());
        Assert.Equal((true, 1), ((bool)observed["status"]!["imageScanningConfiguration"]!["scanOnPush"]!, (long?)observed["status"]!["imageCount"]));
        Assert.Equal(
            ["DescribeImages", "DescribeImages", "DescribeRepositories", "DescribeRepositories", "ListTagsForResource", "ListTagsForResource"],
            AwsCalls("app").Skip(before).Order());

        await PatchSpecAsync("app", new() { ["managementPolicy"] = "Manage" });
        var managed = await UntilSyncedAsync("app");
        Assert.Equal([ApiNames.Finalizer, Others], managed.Finalizers().Order(StringComparer.Ordinal));
        Assert.Equal(Origins.Created, (string?)managed["status"]!["origin"]);
        Assert.False((await InAwsAsync("app")).ImageScanningConfiguration!.ScanOnPush);
        Assert.NotNull(await LifecyclePolicyInAwsAsync("app"));
        Assert.Equal([ApiNames.OwnerTag], (await TagsInAwsAsync("app")).Keys);
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "app", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
    }

    [Fact]
    public async Task Our_taking_the_finalizer_off_causes_no_second_look()
    {
        await CreateSyncedAsync("app");
        await PatchSpecAsync("app", new() { ["managementPolicy"] = "Observe" });
        await UntilSyncedAsync("app");
        await CreateSyncedAsync("barrier");
        await CompareAsync("barrier");

        Assert.Single(AwsCalls("app"), "DescribeRepositories");
    }

    [Fact]
    public async Task An_object_that_observes_now_is_deleted_without_a_word_to_AWS_and_without_its_provider()
    {
        await CreateProviderAsync("other", StaticKeys());
        await CreateSyncedAsync("app", Using("other"));
        await PatchSpecAsync("app", new() { ["managementPolicy"] = "Observe", ["providerRef"] = new JsonObject { ["name"] = "absent" } });
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotFound);
        Assert.Empty(told.Finalizers());
        var calls = AwsCalls("app").Count;

        await DeleteAsync("app");
        await UntilGoneAsync("app");
        Assert.Equal(calls, AwsCalls("app").Count);
        Assert.Equal(OwnerOf("app"), (await TagsInAwsAsync("app"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task Observe_at_the_last_moment_of_a_deletion_is_heeded()
    {
        await CreateSyncedAsync("spared");
        using (InterfereWithKubernetes("spared", "get ecrrepositories", new() { Before = () => PatchSpecAsync("spared", new() { ["managementPolicy"] = "Observe" }) }, times: 1))
        {
            await DeleteAsync("spared");
            await UntilGoneAsync("spared");
        }

        Assert.Equal(["CreateRepository"], AwsWrites("spared"));
        var left = Assert.Single(await Objects.EventsAsync(Namespace, "spared"), item => (string?)item["reason"] == EventReasons.LeftInAWS);
        Assert.Contains("managementPolicy Observe", (string?)left["note"]);
    }

    [Fact]
    public async Task A_repository_that_took_the_place_of_ours_while_we_observed_is_not_ours()
    {
        await CreateSyncedAsync("app", new() { ["managementPolicy"] = "Manage" });
        await PatchSpecAsync("app", new() { ["managementPolicy"] = "Observe" });
        await UntilSyncedAsync("app");
        await DeleteInAwsAsync("app");
        await AgeAsync("app");
        await CreateInAwsAsync("app", ("team", "theirs"));
        await PushAsync("app", "theirs");
        var observed = await CompareAsync("app");
        Assert.Equal(1, (long?)observed["status"]!["imageCount"]);
        Assert.Null(observed["status"]!["origin"]);

        await PatchSpecAsync("app", new() { ["managementPolicy"] = "Manage" });
        var managed = await UntilSyncedAsync("app");

        // Adopted: its images are not deleted with the object.
        Assert.Equal(Origins.Adopted, (string?)managed["status"]!["origin"]);
        Assert.Equal(new() { ["team"] = "theirs", [ApiNames.OwnerTag] = OwnerOf("app") }, await TagsInAwsAsync("app"));
    }

    [Fact]
    public async Task What_is_observed_and_missing_is_told_and_seen_when_it_appears()
    {
        await CreateRepositoryAsync("later", new() { ["managementPolicy"] = "Observe" });
        var told = await UntilReasonAsync("later", ConditionTypes.Ready, Reasons.NotFound);
        Assert.Empty(told.Finalizers());

        await CreateInAwsAsync("later");
        await UntilSyncedAsync("later");
        Assert.Empty(AwsWrites("later"));
    }
}
