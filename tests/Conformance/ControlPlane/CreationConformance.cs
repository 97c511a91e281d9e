using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>An object that is applied becomes a repository with exactly that configuration, at the price that is promised.</summary>
public abstract class CreationConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    [Fact]
    public async Task A_repository_has_every_field_of_its_spec()
    {
        var synced = await CreateSyncedAsync("full", new()
        {
            ["imageTagMutability"] = "IMMUTABLE_WITH_EXCLUSION",
            ["imageTagMutabilityExclusionFilters"] = new JsonArray(new JsonObject { ["filterType"] = "WILDCARD", ["filter"] = "dev-*" }),
            ["scanOnPush"] = true,
            ["encryptionConfiguration"] = new JsonObject { ["encryptionType"] = "AES256" },
            ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
            ["repositoryPolicyText"] = Texts.AllowPull,
            ["tags"] = new JsonObject { ["team"] = "Ärzte & 東京", ["empty"] = "" },
        });

        var repository = await InAwsAsync("full");
        Assert.Equal("IMMUTABLE_WITH_EXCLUSION", repository.ImageTagMutability);
        Assert.Equal("dev-*", Assert.Single(repository.ImageTagMutabilityExclusionFilters!).Filter);
        Assert.True(repository.ImageScanningConfiguration!.ScanOnPush);
        Assert.Equal("AES256", repository.EncryptionConfiguration!.EncryptionType);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Texts.KeepTen), JsonNode.Parse((await LifecyclePolicyInAwsAsync("full"))!)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Texts.AllowPull), JsonNode.Parse((await RepositoryPolicyInAwsAsync("full"))!)));
        Assert.Equal(new() { ["team"] = "Ärzte & 東京", ["empty"] = "", [ApiNames.OwnerTag] = OwnerOf("full") }, await TagsInAwsAsync("full"));
        Assert.Equal([ApiNames.Finalizer], synced.Finalizers());
    }

    [Fact]
    public async Task The_status_says_what_the_contract_promises()
    {
        var synced = await CreateSyncedAsync("status", new() { ["scanOnPush"] = true, ["imageTagMutability"] = "IMMUTABLE" });

        var repository = await InAwsAsync("status");
        var status = synced["status"]!;
        Assert.Equal(repository.RepositoryArn, (string?)status["repositoryArn"]);
        Assert.Equal(repository.RepositoryUri, (string?)status["repositoryUri"]);
        Assert.Equal(repository.RegistryId, (string?)status["registryId"]);
        Assert.Equal($"{repository.CreatedAt!.Value.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}", (string?)status["creationDate"]);
        Assert.Equal("IMMUTABLE", (string?)status["imageTagMutability"]);
        Assert.Equal("AES256", (string?)status["encryptionType"]);
        Assert.True((bool)status["imageScanningConfiguration"]!["scanOnPush"]!);
        Assert.Equal(0, (long?)status["imageCount"]);
        Assert.Equal(0, (long?)status["imageSizeBytes"]);
        Assert.True((bool)status["ready"]!);
        Assert.Null(status["message"]);
        Assert.Equal(Origins.Created, (string?)status["origin"]);
        Assert.Equal(1, (long?)status["observedGeneration"]);
        Assert.Equal(1, (long?)status["appliedGeneration"]);
        Assert.NotNull((string?)status["lastSyncTime"]);
        Assert.Null(status["drift"]);
        Assert.Equal([ConditionTypes.Ready, ConditionTypes.Synced], status["conditions"]!.AsArray().Select(condition => (string)condition!["type"]!));
        Assert.All(status["conditions"]!.AsArray(), condition =>
        {
            Assert.Equal(ConditionStatus.True, (string?)condition!["status"]);
            Assert.Equal(Reasons.Available, (string?)condition["reason"]);
            Assert.Equal(1, (long?)condition["observedGeneration"]);
            Assert.NotEqual("1970-01-01T00:00:00Z", (string?)condition["lastTransitionTime"]);
        });
    }

    [Fact]
    public async Task A_KMS_repository_tells_its_key()
    {
        var synced = await CreateSyncedAsync("kms", new() { ["encryptionConfiguration"] = new JsonObject { ["encryptionType"] = "KMS" } });

        Assert.Equal("KMS", (string?)synced["status"]!["encryptionType"]);
        Assert.StartsWith("arn:aws:kms:", (string?)synced["status"]!["kmsKey"]);
    }

    [Fact]
    public async Task A_create_is_two_object_writes_at_most_one_event_and_one_AWS_call_plus_one_per_policy()
    {
        await CreateSyncedAsync("plain");
        await CreateSyncedAsync("policies", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen }, ["repositoryPolicyText"] = Texts.AllowPull });

        AssertPriceOfCreate("plain", "CreateRepository");
        AssertPriceOfCreate("policies", "CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy");
    }

    [Fact]
    public async Task Fifty_at_once_cost_fifty_times_one()
    {
        var names = Enumerable.Range(0, 50).Select(number => $"many-{number}").ToArray();
        await Task.WhenAll(names.Select(name => CreateRepositoryAsync(name, new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } })));
        await Task.WhenAll(names.Select(UntilSyncedAsync));

        Assert.All(names, name => AssertPriceOfCreate(name, "CreateRepository", "PutLifecyclePolicy"));
    }

    [Fact]
    public async Task A_create_is_told_by_one_event()
    {
        await CreateSyncedAsync("told");
        await CompareAsync("told");

        var told = Assert.Single(await Objects.EventsAsync(Namespace, "told"));
        Assert.Equal("Created", (string?)told["reason"]);
        Assert.Equal("Normal", (string?)told["type"]);
        Assert.Contains(RepositoryOf("told"), (string?)told["note"]);
    }

    [Fact]
    public async Task An_edit_during_the_create_is_applied_as_well()
    {
        using (InterfereWithAws("busy", "CreateRepository", new() { After = () => PatchSpecAsync("busy", new() { ["scanOnPush"] = true }) }))
        {
            await CreateRepositoryAsync("busy");
            var synced = await UntilAsync("busy", value => value.IsSynced() && (long?)value["metadata"]!["generation"] == 2);
            Assert.True((bool)synced["status"]!["imageScanningConfiguration"]!["scanOnPush"]!);
        }

        Assert.True((await InAwsAsync("busy")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Fact]
    public async Task A_deletion_during_the_create_leaves_nothing()
    {
        using (InterfereWithAws("brief", "CreateRepository", new() { After = () => DeleteAsync("brief") }))
        {
            await CreateRepositoryAsync("brief");
            await UntilGoneAsync("brief");
        }

        Assert.Null(await FindInAwsAsync("brief"));
    }

    private void AssertPriceOfCreate(string name, params string[] calls)
    {
        Assert.Equal(calls, AwsCalls(name));
        var writes = KubernetesWrites(name).Select(request => request.Operation).ToArray();
        Assert.Equal(["patch ecrrepositories", "patch ecrrepositories/status"], writes.Where(write => write != "create events"));
        Assert.True(writes.Count(write => write == "create events") <= 1);
    }
}
