using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Silo;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// A cluster of the Go operator is taken over: nothing is done under its definitions; under ours its objects are picked up as they
/// are. It needs an environment that starts without a silo, and an API server to itself.
/// </summary>
public abstract class MigrationConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Policy = Texts.KeepTen;

    /// <summary>Applies the definitions of the chart, as <c>docs/migration.md</c> says.</summary>
    protected abstract Task ApplyOurDefinitionsAsync();

    public override async ValueTask InitializeAsync()
    {
        await Environment.EnsureStartedAsync();
        await GoOperator.InstallAsync(Objects);
        await base.InitializeAsync();
        await Objects.PatchAsync(AWSProvider.Kind, Namespace, "aws", GoOperator.ProviderStatus("123456789012"), "status");
    }

    [Fact]
    public async Task Nothing_is_begun_under_the_Go_operators_definitions()
    {
        var before = await CreateAsTheGoOperatorAsync("app");

        var refusal = await Assert.ThrowsAsync<SiloConfigurationException>(Environment.StartSiloAsync);

        Assert.Contains("CustomResourceDefinition ecrrepositories.aws-infra-operator.runner.codes is older", refusal.Message);
        Assert.Contains("spec.imageTagMutabilityExclusionFilters", refusal.Message);
        Assert.Contains("CustomResourceDefinition awsproviders.aws-infra-operator.runner.codes is older", refusal.Message);
        Assert.Contains("spec.allowedNamespaces", refusal.Message);
        Assert.Contains("kubectl apply -f helm/infra-operator/crds", refusal.Message);
        Assert.Empty(AwsCalls());
        Assert.DoesNotContain(Environment.Kubernetes.Log, request => request.Operation != "get openapi");
        Assert.True(JsonNode.DeepEquals(before, await Objects.FindAsync(ECRRepository.Kind, Namespace, "app")));
    }

    [Fact]
    public async Task Its_repositories_are_adopted_as_they_are()
    {
        await CreateAsTheGoOperatorAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Policy }, ["scanOnPush"] = false, ["imageTagMutability"] = "MUTABLE" });
        await TakeOverAsync();
        var synced = await UntilSyncedAsync("app");

        Assert.Equal([ApiNames.LegacyFinalizer], synced.Finalizers());
        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Equal("2025-01-01T00:00:00Z", (string?)synced["status"]!["createdAt"]);
        Assert.NotNull(synced["status"]!["creationDate"]);
        Assert.Equal(Reasons.Available, synced.Condition(ConditionTypes.Ready)!.Value.Reason);
        Assert.Equal(["TagResource"], AwsWrites("app"));
        Assert.Equal(new() { ["team"] = "a", [ApiNames.OwnerTag] = OwnerOf("app") }, await TagsInAwsAsync("app"));

        // What stood there before stays when it leaves the spec, as with every adopted repository.
        await PatchSpecAsync("app", new() { ["tags"] = new JsonObject { ["team"] = null, ["env"] = "live" }, ["lifecyclePolicy"] = null });
        await UntilSyncedAsync("app");
        Assert.Equal(new() { ["env"] = "live", ["team"] = "a", [ApiNames.OwnerTag] = OwnerOf("app") }, await TagsInAwsAsync("app"));
        Assert.NotNull(await LifecyclePolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task Its_images_survive_the_object_and_go_only_by_force()
    {
        await CreateAsTheGoOperatorAsync("full");
        await TakeOverAsync();
        await UntilSyncedAsync("full");
        await DeleteAsync("full");
        var held = await UntilReasonAsync("full", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
        Assert.Contains("forceDelete", held.Message());
        Assert.Equal(1, await ImagesInAwsAsync("full"));

        await PatchSpecAsync("full", new() { ["forceDelete"] = true });
        await UntilGoneAsync("full");
        Assert.Null(await FindInAwsAsync("full"));
    }

    [Fact]
    public async Task Retain_retains()
    {
        await CreateAsTheGoOperatorAsync("kept", new() { ["deletionPolicy"] = "Retain" });
        await TakeOverAsync();
        await UntilSyncedAsync("kept");
        await DeleteAsync("kept");
        await UntilGoneAsync("kept");

        Assert.DoesNotContain("DeleteRepository", AwsCalls("kept"));
        Assert.Equal(1, await ImagesInAwsAsync("kept"));
        Assert.Equal(new() { ["team"] = "a", [ApiNames.OwnerTag] = $"released/adopted/{OwnerOf("kept")}" }, await TagsInAwsAsync("kept"));
    }

    [Fact]
    public async Task What_is_being_deleted_already_is_let_go_and_stays_in_AWS()
    {
        await CreateAsTheGoOperatorAsync("leaving");
        await DeleteAsync("leaving");
        await TakeOverAsync();
        await UntilGoneAsync("leaving");

        Assert.DoesNotContain("DeleteRepository", AwsCalls("leaving"));
        Assert.Equal(1, await ImagesInAwsAsync("leaving"));
        Assert.Contains(await Objects.EventsAsync(Namespace, "leaving"), item => ((string?)item["reason"], (string?)item["type"]) == ("LeftInAWS", "Warning"));
    }

    [Theory]
    [InlineData("deletionPolicy", "Keep", "spec.deletionPolicy")]
    [InlineData("imageTagMutability", "immutable", "imageTagMutability")]
    public async Task A_value_that_our_schema_refuses_is_told_and_held_until_it_is_mended(string field, string value, string word)
    {
        await CreateAsTheGoOperatorAsync("odd", new() { [field] = value });
        await TakeOverAsync();
        var told = await UntilReasonAsync("odd", ConditionTypes.Synced, Reasons.InvalidSpec);
        Assert.Contains(word, told.Message());

        await PatchSpecAsync("odd", new() { [field] = null });
        await UntilSyncedAsync("odd");
        await DeleteAsync("odd");
        await UntilReasonAsync("odd", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
    }

    [Theory]
    [InlineData("credentialsSecret")]
    [InlineData("accessKeyIDRef")]
    public async Task A_Secret_of_another_namespace_is_refused_with_the_mend_and_heals_with_it(string field)
    {
        // Of the same name, in the provider's own namespace: not to be read in the other's place.
        await CreateSecretAsync("far", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
        var spec = new JsonObject { [field] = new JsonObject { ["name"] = "far", ["namespace"] = "kube-system" } };
        if (field == "accessKeyIDRef")
        {
            spec[field]!["key"] = "AWS_ACCESS_KEY_ID";
            spec["secretAccessKeyRef"] = new JsonObject { ["name"] = "far", ["key"] = "AWS_SECRET_ACCESS_KEY" };
        }

        await CreateProviderAsync("far", spec);
        await Objects.PatchAsync(AWSProvider.Kind, Namespace, "far", GoOperator.ProviderStatus("123456789012"), "status");
        await CreateAsTheGoOperatorAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "far" } });
        await TakeOverAsync();

        var told = await UntilReasonAsync("far", ConditionTypes.Ready, Reasons.InvalidSpec, AWSProvider.Kind);
        Assert.Equal([ApiNames.Finalizer], told.Finalizers());
        Assert.Contains($"spec.{field}.namespace: 'kube-system' is refused", told.Message());
        Assert.Contains($"keep the Secret in '{Namespace}'", told.Message());
        var dependent = await UntilAsync("app", value => value.Condition(ConditionTypes.Synced)?.Status == ConditionStatus.Unknown && value.SpeaksOfNewestSpec());
        Assert.Equal((ConditionStatus.True, "RepositoryReady"), (dependent.Condition(ConditionTypes.Ready)!.Value.Status, dependent.Condition(ConditionTypes.Ready)!.Value.Reason));
        Assert.DoesNotContain(Environment.Kubernetes.Log, request => request is { Operation: "get secrets", Namespace: "kube-system" });
        Assert.Empty(AwsWrites("app"));

        await PatchSpecAsync("far", new() { [field] = new JsonObject { ["namespace"] = null } }, AWSProvider.Kind);
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task The_way_back_leaves_the_Go_operator_its_objects()
    {
        await CreateAsTheGoOperatorAsync("app");
        await TakeOverAsync();
        await UntilSyncedAsync("app");
        await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        await Environment.StopSiloAsync();
        await Objects.PatchAsync(AWSProvider.Kind, Namespace, "aws", new() { ["metadata"] = new JsonObject { ["finalizers"] = null } });
        await GoOperator.InstallAsync(Objects);

        // Nothing but the Go operator's own finalizer holds them, and its fields are all there.
        var app = (await Objects.FindAsync(ECRRepository.Kind, Namespace, "app"))!;
        Assert.Equal([ApiNames.LegacyFinalizer], app.Finalizers());
        Assert.Equal("2025-01-01T00:00:00Z", (string?)app["status"]!["createdAt"]);
        Assert.True((bool?)app["status"]!["ready"]);
        Assert.Null(app["status"]!["origin"]);

        // What is forgotten with the status is decided again, in the images' favour.
        await TakeOverAsync();
        Assert.Equal(Origins.Adopted, (string?)(await UntilAsync("app", value => value.IsSynced() && value["status"]!["origin"] is not null))["status"]!["origin"]);
    }

    /// <summary>What <c>docs/migration.md</c> says to do, once the Go operator is stopped.</summary>
    private async Task TakeOverAsync()
    {
        await ApplyOurDefinitionsAsync();
        await Environment.StartSiloAsync();
    }

    /// <summary>An object and its repository as the Go operator leaves them, with an image.</summary>
    private async Task<JsonObject> CreateAsTheGoOperatorAsync(string name, JsonObject? spec = null)
    {
        var repository = await CreateInAwsAsync(name, ("team", "a"));
        await PushAsync(name, "one");
        if (spec?["lifecyclePolicy"] is not null)
        {
            await Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = RepositoryOf(name), LifecyclePolicyText = Policy }, Cancel);
        }

        spec = With(spec ?? [], "tags", new JsonObject { ["team"] = "a" });
        await CreateRepositoryAsync(name, spec);
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, name, new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(ApiNames.LegacyFinalizer) } });
        return await Objects.PatchAsync(ECRRepository.Kind, Namespace, name, GoOperator.RepositoryStatus(repository), "status");
    }
}
