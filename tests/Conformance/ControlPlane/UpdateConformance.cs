using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>An edit of the spec is carried over by exactly the writes that it needs.</summary>
public abstract class UpdateConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Exclusion = """ "imageTagMutability":"MUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"v*"}] """;

    /// <summary>What is changed, the spec before, the merge patch, and the writes to AWS.</summary>
    public static TheoryData<string, string, string, string> Edits => new()
    {
        { "mutability set", "{}", """{"imageTagMutability":"IMMUTABLE"}""", "PutImageTagMutability" },
        { "mutability with exclusions", """{"imageTagMutability":"IMMUTABLE"}""", $"{{{Exclusion}}}", "PutImageTagMutability" },
        { "exclusions changed", $"{{{Exclusion}}}", """{"imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"v*"},{"filterType":"WILDCARD","filter":"latest"}]}""", "PutImageTagMutability" },
        { "mutability taken out", $"{{{Exclusion}}}", """{"imageTagMutability":null,"imageTagMutabilityExclusionFilters":null}""", "PutImageTagMutability" },
        { "scanning on", "{}", """{"scanOnPush":true}""", "PutImageScanningConfiguration" },
        { "scanning off", """{"scanOnPush":true}""", """{"scanOnPush":false}""", "PutImageScanningConfiguration" },
        { "scanning taken out", """{"scanOnPush":true}""", """{"scanOnPush":null}""", "PutImageScanningConfiguration" },
        { "a default written down", "{}", """{"scanOnPush":false,"imageTagMutability":"MUTABLE"}""", "" },
        { "lifecycle policy set", "{}", Lifecycle(Texts.KeepTen), "PutLifecyclePolicy" },
        { "lifecycle policy changed", Lifecycle(Texts.KeepTen), Lifecycle(Texts.KeepFive), "PutLifecyclePolicy" },
        { "lifecycle policy spelled otherwise", Lifecycle(Texts.KeepTen), Lifecycle(Texts.KeepTenOtherwise), "" },
        { "lifecycle policy taken out", Lifecycle(Texts.KeepTen), """{"lifecyclePolicy":null}""", "DeleteLifecyclePolicy" },
        { "repository policy set", "{}", Policy(Texts.AllowPull), "SetRepositoryPolicy" },
        { "repository policy changed", Policy(Texts.AllowPull), Policy(Texts.AllowPush), "SetRepositoryPolicy" },
        { "repository policy spelled otherwise", Policy(Texts.AllowPull), Policy(Texts.AllowPullOtherwise), "" },
        { "repository policy taken out", Policy(Texts.AllowPull), """{"repositoryPolicyText":null}""", "DeleteRepositoryPolicy" },
        { "tag added", """{"tags":{"a":"1"}}""", """{"tags":{"b":"2"}}""", "TagResource" },
        { "tag changed", """{"tags":{"a":"1","b":"2"}}""", """{"tags":{"a":"3"}}""", "TagResource" },
        { "tag taken out", """{"tags":{"a":"1","b":"2"}}""", """{"tags":{"a":null}}""", "UntagResource" },
        { "all tags taken out", """{"tags":{"a":"1","b":"2"}}""", """{"tags":null}""", "UntagResource" },
        { "tag renamed", """{"tags":{"a":"1"}}""", """{"tags":{"a":null,"b":"1"}}""", "UntagResource TagResource" },
        { "policies of deletion and adoption", "{}", """{"deletionPolicy":"Retain","forceDelete":true,"adoptionPolicy":"Create","driftPolicy":"Report"}""", "" },
        { "everything", "{}", $$$"""{"imageTagMutability":"IMMUTABLE","scanOnPush":true,"tags":{"a":"1"},"lifecyclePolicy":{"policyText":{{{Quoted(Texts.KeepTen)}}}},"repositoryPolicyText":{{{Quoted(Texts.AllowPull)}}}}""", "PutImageTagMutability PutImageScanningConfiguration PutLifecyclePolicy SetRepositoryPolicy TagResource" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task An_edit_takes_exactly_the_writes_that_it_needs(string edit, string before, string patch, string writes)
    {
        Assert.NotEmpty(edit);
        await CreateSyncedAsync("app", JsonNode.Parse(before)!.AsObject());
        await TagInAwsAsync("app", "foreign", "stays");
        var (awsBefore, kubernetesBefore) = (AwsWrites("app").Count, KubernetesWrites("app").Count);

        await PatchSpecAsync("app", JsonNode.Parse(patch)!.AsObject());
        var synced = await UntilSyncedAsync("app");

        Assert.Equal(writes.Split(' ', StringSplitOptions.RemoveEmptyEntries), AwsWrites("app").Skip(awsBefore));
        Assert.Equal(
            writes.Length == 0 ? ["patch ecrrepositories/status"] : ["create events", "patch ecrrepositories/status"],
            KubernetesWrites("app").Skip(kubernetesBefore).Select(request => request.Operation));
        await AssertHoldsAsync("app", synced["spec"]!.AsObject());
        Assert.Equal((long?)synced["metadata"]!["generation"], (long?)synced["status"]!["appliedGeneration"]);
        Assert.Equal("stays", (await TagsInAwsAsync("app"))["foreign"]);
    }

    [Fact]
    public async Task Default_tags_of_the_provider_reach_every_repository_and_leave_it_again()
    {
        await CreateProviderAsync("defaults", With(StaticKeys(), "defaultTags", new JsonObject { ["env"] = "test", ["team"] = "default" }));
        await CreateSyncedAsync("one", new() { ["providerRef"] = new JsonObject { ["name"] = "defaults" }, ["tags"] = new JsonObject { ["team"] = "own" } });
        await CreateSyncedAsync("two", new() { ["providerRef"] = new JsonObject { ["name"] = "defaults" } });
        Assert.Equal(("test", "own"), ((await TagsInAwsAsync("one"))["env"], (await TagsInAwsAsync("one"))["team"]));
        Assert.Equal("default", (await TagsInAwsAsync("two"))["team"]);

        await PatchSpecAsync("defaults", new() { ["defaultTags"] = new JsonObject { ["env"] = "live", ["team"] = null } }, AWSProvider.Kind);
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("one") && request.Operation == "TagResource").WaitAsync(KubernetesObjects.Deadline, Cancel);
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("two") && request.Operation == "TagResource").WaitAsync(KubernetesObjects.Deadline, Cancel);
        await CompareAsync("one");
        await CompareAsync("two");

        Assert.Equal(["CreateRepository", "TagResource"], AwsWrites("one"));
        Assert.Equal(["CreateRepository", "UntagResource", "TagResource"], AwsWrites("two"));
        Assert.Equal(new() { ["env"] = "live", ["team"] = "own", [ApiNames.OwnerTag] = OwnerOf("one") }, await TagsInAwsAsync("one"));
        Assert.Equal(new() { ["env"] = "live", [ApiNames.OwnerTag] = OwnerOf("two") }, await TagsInAwsAsync("two"));
    }

    [Fact]
    public async Task A_burst_of_edits_ends_with_the_last_one()
    {
        await CreateSyncedAsync("burst");
        for (var edit = 0; edit < 20; edit++)
        {
            await PatchSpecAsync("burst", new() { ["tags"] = new JsonObject { ["edit"] = $"{edit}" } });
        }

        await UntilSyncedAsync("burst");
        Assert.Equal("19", (await TagsInAwsAsync("burst"))["edit"]);
    }

    [Fact]
    public async Task Another_provider_of_the_same_account_and_region_takes_over_without_a_write()
    {
        await CreateProviderAsync("second", StaticKeys());
        await CreateSyncedAsync("moved");
        await PatchSpecAsync("moved", new() { ["providerRef"] = new JsonObject { ["name"] = "second" } });
        await UntilSyncedAsync("moved");

        Assert.Equal(["CreateRepository"], AwsWrites("moved"));

        // The first is free to go: nobody names it any longer.
        await DeleteAsync("aws", AWSProvider.Kind);
        await UntilGoneAsync("aws", AWSProvider.Kind);
    }

    [Fact]
    public async Task Another_region_gets_nothing_written()
    {
        await CreateProviderAsync("elsewhere", With(StaticKeys(), "region", "eu-west-1"));
        await CreateSyncedAsync("stays");
        var before = AwsWrites("stays").Count;
        await PatchSpecAsync("stays", new() { ["providerRef"] = new JsonObject { ["name"] = "elsewhere" }, ["scanOnPush"] = true });

        var told = await UntilReasonAsync("stays", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        Assert.Contains("eu-west-1", told.Condition(ConditionTypes.Synced)!.Value.Message);
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.Equal(before, AwsWrites("stays").Count);
    }

    [Fact]
    public async Task A_provider_that_moves_to_another_region_gets_nothing_written_there()
    {
        await CreateProviderAsync("moving", StaticKeys());
        await CreateSyncedAsync("home", new() { ["providerRef"] = new JsonObject { ["name"] = "moving" } });
        var before = AwsWrites("home").Count;

        await PatchSpecAsync("moving", new() { ["region"] = "eu-west-1" }, AWSProvider.Kind);
        await UntilReasonAsync("home", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        await PatchSpecAsync("home", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("home", ConditionTypes.Synced, Reasons.ProviderNotAllowed);

        Assert.Equal(before, AwsWrites("home").Count);
    }

    [Fact]
    public async Task A_paused_object_is_left_alone_until_it_is_not()
    {
        await CreateSyncedAsync("paused");
        await AnnotateAsync("paused", ApiNames.PausedAnnotation, "true");
        await UntilReasonAsync("paused", ConditionTypes.Synced, Reasons.Paused);
        var calls = AwsCalls("paused").Count;
        await PatchSpecAsync("paused", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("paused", ConditionTypes.Synced, Reasons.Paused);
        Assert.Equal(calls, AwsCalls("paused").Count);

        await AnnotateAsync("paused", ApiNames.PausedAnnotation, null);
        await UntilSyncedAsync("paused");
        Assert.True((await InAwsAsync("paused")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Fact]
    public async Task A_finalizer_that_somebody_took_off_comes_back()
    {
        await CreateSyncedAsync("bare");
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "bare", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });

        await UntilAsync("bare", value => value.Finalizers().Contains(ApiNames.Finalizer));
    }

    private async Task AssertHoldsAsync(string name, JsonObject spec)
    {
        var repository = await InAwsAsync(name);
        Assert.Equal((string?)spec["imageTagMutability"] ?? "MUTABLE", repository.ImageTagMutability);
        Assert.Equal(
            (spec["imageTagMutabilityExclusionFilters"]?.AsArray() ?? []).Select(filter => (string)filter!["filter"]!).Order(),
            (repository.ImageTagMutabilityExclusionFilters ?? []).Select(filter => filter.Filter!).Order());
        Assert.Equal((bool?)spec["scanOnPush"] ?? false, repository.ImageScanningConfiguration!.ScanOnPush);
        Assert.Equal(
            InfraOperator.Aws.LifecyclePolicy.Parse((string?)spec["lifecyclePolicy"]?["policyText"] ?? "null").Fingerprint,
            InfraOperator.Aws.LifecyclePolicy.Parse(await LifecyclePolicyInAwsAsync(name) ?? "null").Fingerprint);
        Assert.Equal(
            InfraOperator.Aws.RepositoryPolicy.Parse((string?)spec["repositoryPolicyText"] ?? "null").Fingerprint,
            InfraOperator.Aws.RepositoryPolicy.Parse(await RepositoryPolicyInAwsAsync(name) ?? "null").Fingerprint);

        var tags = spec["tags"]?.AsObject().ToDictionary(tag => tag.Key, tag => (string)tag.Value!) ?? [];
        Assert.Equal(new SortedDictionary<string, string>(tags, StringComparer.Ordinal) { ["foreign"] = "stays", [ApiNames.OwnerTag] = OwnerOf(name) }, await TagsInAwsAsync(name));
    }

    private static string Lifecycle(string text) => $$$"""{"lifecyclePolicy":{"policyText":{{{Quoted(text)}}}}}""";

    private static string Policy(string text) => $$"""{"repositoryPolicyText":{{Quoted(text)}}}""";

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString();
}
