using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Deleting an object does to its repository what the deletion policy says, and nothing else.</summary>
public abstract class DeletionConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Others = "example.com/other";

    public enum Trouble
    {
        None,
        ProviderGone,
        ProviderBroken,
        SecretGone,
    }

    public static TheoryData<Trouble> Troubles => [.. Enum.GetValues<Trouble>()];

    [Fact]
    public async Task Delete_deletes_an_empty_repository()
    {
        await CreateSyncedAsync("app", new() { ["deletionPolicy"] = "Delete" });
        await DeleteAsync("app");
        await UntilGoneAsync("app");

        Assert.Null(await FindInAwsAsync("app"));
        Assert.Equal(["CreateRepository", "DeleteRepository"], AwsWrites("app"));
        var told = (await Objects.EventsAsync(Namespace, "app"))[^1];
        Assert.Equal(("Deleted", "Normal"), ((string?)told["reason"], (string?)told["type"]));
    }

    [Fact]
    public async Task A_repository_that_was_created_goes_with_its_images()
    {
        await CreateSyncedAsync("full");
        await PushAsync("full", "one");
        await DeleteAsync("full");
        await UntilGoneAsync("full");

        Assert.Null(await FindInAwsAsync("full"));
    }

    [Fact]
    public async Task Without_force_a_repository_with_images_waits_until_it_is_empty_or_forced()
    {
        await CreateSyncedAsync("held", new() { ["forceDelete"] = false });
        await PushAsync("held", "one");
        await PushAsync("held", "two");
        await DeleteAsync("held");

        var told = await UntilReasonAsync("held", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
        Assert.Contains($"holds {await ImagesInAwsAsync("held")} image", told.Message());
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Stalled)!.Value.Status);
        Assert.NotNull(await FindInAwsAsync("held"));

        await PatchSpecAsync("held", new() { ["forceDelete"] = true });
        await UntilGoneAsync("held");
        Assert.Null(await FindInAwsAsync("held"));
    }

    [Fact]
    public async Task An_adopted_repository_keeps_its_images()
    {
        await CreateInAwsAsync("adopted");
        await PushAsync("adopted", "one");
        var synced = await CreateSyncedAsync("adopted");
        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);

        await DeleteAsync("adopted");
        await UntilReasonAsync("adopted", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
        await PatchSpecAsync("adopted", new() { ["deletionPolicy"] = "Retain" });
        await UntilGoneAsync("adopted");

        Assert.NotNull(await FindInAwsAsync("adopted"));
        Assert.Equal($"released/adopted/{OwnerOf("adopted")}", (await TagsInAwsAsync("adopted"))[ApiNames.OwnerTag]);
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Retain_leaves_the_repository_and_releases_it_where_it_can(Trouble trouble)
    {
        await CreateTroubledAsync("kept", "Retain", trouble);
        await DeleteAsync("kept");
        await UntilGoneAsync("kept");

        var tag = (await TagsInAwsAsync("kept"))[ApiNames.OwnerTag];
        Assert.Equal(trouble == Trouble.None ? $"released/{OwnerOf("kept")}" : OwnerOf("kept"), tag);
        Assert.DoesNotContain("DeleteRepository", AwsCalls("kept"));
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Orphan_never_calls_AWS(Trouble trouble)
    {
        await CreateTroubledAsync("left", "Orphan", trouble);
        var calls = AwsCalls("left").Count;
        await DeleteAsync("left");
        await UntilGoneAsync("left");

        Assert.Equal(calls, AwsCalls("left").Count);
        Assert.Equal(OwnerOf("left"), (await TagsInAwsAsync("left"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task Delete_waits_for_a_provider_that_is_gone_and_names_the_way_out()
    {
        await CreateTroubledAsync("waits", "Delete", Trouble.ProviderGone);
        await DeleteAsync("waits");
        var told = await UntilReasonAsync("waits", ConditionTypes.Synced, Reasons.ProviderNotFound);
        Assert.Contains("Orphan", told.Message());

        await CreateProviderAsync("troubled", StaticKeys());
        await UntilGoneAsync("waits");
        Assert.Null(await FindInAwsAsync("waits"));
    }

    [Fact]
    public async Task Delete_goes_on_with_keys_in_memory_after_their_Secret_is_gone()
    {
        await CreateTroubledAsync("served", "Delete", Trouble.SecretGone);
        await DeleteAsync("served");
        await UntilGoneAsync("served");

        Assert.Null(await FindInAwsAsync("served"));
    }

    [Fact]
    public async Task Delete_with_keys_that_AWS_refuses_names_the_way_out()
    {
        await CreateTroubledAsync("refused", "Delete", Trouble.ProviderBroken);
        await DeleteAsync("refused");
        var told = await UntilAsync("refused", value => value.Message()?.Contains("Orphan", StringComparison.Ordinal) == true);
        Assert.NotNull(told["metadata"]!["deletionTimestamp"]);

        await PatchSpecAsync("refused", new() { ["deletionPolicy"] = "Orphan" });
        await UntilGoneAsync("refused");
        Assert.NotNull(await FindInAwsAsync("refused"));
    }

    [Fact]
    public async Task Other_controllers_finalizers_survive()
    {
        await CreateSyncedAsync("shared");
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "shared", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(ApiNames.Finalizer, Others) } });
        await DeleteAsync("shared");
        var held = await UntilAsync("shared", value => !value.Finalizers().Contains(ApiNames.Finalizer));

        Assert.Equal([Others], held.Finalizers());
        Assert.Null(await FindInAwsAsync("shared"));

        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "shared", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
        await UntilGoneAsync("shared");
        Assert.Equal(["CreateRepository", "DeleteRepository"], AwsWrites("shared"));
    }

    [Fact]
    public async Task The_Go_operators_finalizer_is_ours()
    {
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ECRRepository.Kind,
            ["metadata"] = new JsonObject { ["name"] = "legacy", ["namespace"] = Namespace, ["finalizers"] = new JsonArray(ApiNames.LegacyFinalizer) },
            ["spec"] = new JsonObject { ["providerRef"] = new JsonObject { ["name"] = "aws" }, ["repositoryName"] = RepositoryOf("legacy") },
        });
        var synced = await UntilSyncedAsync("legacy");
        Assert.Equal([ApiNames.LegacyFinalizer], synced.Finalizers());

        await DeleteAsync("legacy");
        await UntilGoneAsync("legacy");
        Assert.Null(await FindInAwsAsync("legacy"));
    }

    [Fact]
    public async Task What_was_retained_and_made_anew_counts_as_created()
    {
        await CreateSyncedAsync("back", new() { ["deletionPolicy"] = "Retain" });
        await PushAsync("back", "one");
        await DeleteAsync("back");
        await UntilGoneAsync("back");

        var synced = await CreateSyncedAsync("back");

        Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
        Assert.Equal(1, (long?)synced["status"]!["imageCount"]);
        Assert.Equal(OwnerOf("back"), (await TagsInAwsAsync("back"))[ApiNames.OwnerTag]);

        await DeleteAsync("back");
        await UntilGoneAsync("back");
        Assert.Null(await FindInAwsAsync("back"));
    }

    [Fact]
    public async Task A_repository_deleted_outside_holds_nothing_up()
    {
        await CreateSyncedAsync("gone");
        await DeleteInAwsAsync("gone");
        await DeleteAsync("gone");
        await UntilGoneAsync("gone");
    }

    [Fact]
    public async Task A_paused_object_is_not_deleted_until_it_goes_on()
    {
        await CreateSyncedAsync("paused");
        await AnnotateAsync("paused", ApiNames.PausedAnnotation, "true");
        await UntilReasonAsync("paused", ConditionTypes.Synced, Reasons.Paused);
        await DeleteAsync("paused");
        await CreateSyncedAsync("beside");
        Assert.NotNull(await FindInAwsAsync("paused"));

        await AnnotateAsync("paused", ApiNames.PausedAnnotation, null);
        await UntilGoneAsync("paused");
        Assert.Null(await FindInAwsAsync("paused"));
    }

    [Fact]
    public async Task An_observer_takes_nothing_writes_nothing_and_deletes_nothing()
    {
        await CreateInAwsAsync("observed", ("a", "1"));
        var synced = await CreateSyncedAsync("observed", new() { ["managementPolicy"] = "Observe", ["scanOnPush"] = true });
        Assert.Empty(synced.Finalizers());
        Assert.Equal(RepositoryOf("observed"), ((string?)synced["status"]!["repositoryUri"])!.Split('/', 2)[1]);

        await DeleteAsync("observed");
        await UntilGoneAsync("observed");
        Assert.Empty(AwsWrites("observed"));
        Assert.Equal(new() { ["a"] = "1" }, await TagsInAwsAsync("observed"));
    }

    [Fact]
    public async Task A_namespace_that_ends_takes_its_repositories_along()
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(number => CreateSyncedAsync($"app-{number}")));
        await Objects.DeleteAsync("Namespace", null, Namespace);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(number => UntilGoneAsync($"app-{number}")));

        foreach (var number in Enumerable.Range(0, 5))
        {
            Assert.Null(await FindInAwsAsync($"app-{number}"));
        }

        Assert.DoesNotContain(Environment.Log.Lines, line => line.Contains(Namespace, StringComparison.Ordinal) && line.Contains("could not be recorded", StringComparison.Ordinal));
    }

    private async Task CreateTroubledAsync(string name, string policy, Trouble trouble)
    {
        await CreateSecretAsync("troubled");
        await CreateProviderAsync("troubled", StaticKeys("troubled"));
        await CreateSyncedAsync(name, new() { ["deletionPolicy"] = policy, ["providerRef"] = new JsonObject { ["name"] = "troubled" } });
        switch (trouble)
        {
            case Trouble.ProviderGone:
                await DeleteAsync("troubled", AWSProvider.Kind);
                await UntilAsync("troubled", value => value["metadata"]!["deletionTimestamp"] is not null, AWSProvider.Kind);
                await Objects.PatchAsync(AWSProvider.Kind, Namespace, "troubled", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
                await UntilGoneAsync("troubled", AWSProvider.Kind);

                // The control plane knows it too: until then it may release the repository with the keys that it holds.
                await UntilReasonAsync(name, ConditionTypes.Synced, Reasons.ProviderNotFound);
                break;

            case Trouble.ProviderBroken:
                Environment.Aws.Interfere(request => request.AccessKeyId != AccessKeyId ? null
                    : request.Operation == "GetCallerIdentity" ? Interference.StsError("InvalidClientTokenId")
                    : Interference.AwsError("UnrecognizedClientException"));
                await AnnotateAsync("troubled", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
                await UntilReasonAsync("troubled", ConditionTypes.Ready, Reasons.CredentialsExpired, AWSProvider.Kind);
                break;

            case Trouble.SecretGone:
                await Objects.DeleteAsync("Secret", Namespace, "troubled");
                await AnnotateAsync("troubled", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
                await UntilReasonAsync("troubled", ConditionTypes.Ready, Reasons.SecretNotFound, AWSProvider.Kind);
                break;
        }
    }
}
