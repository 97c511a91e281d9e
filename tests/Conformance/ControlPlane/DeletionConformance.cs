using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Deleting an object does to its repository what the deletion policy says, and nothing else.</summary>
public abstract class DeletionConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Others = "example.com/other";

    // How long the control plane waits for an answer of AWS at most.
    private static readonly TimeSpan AwsDeadline = TimeSpan.FromSeconds(30);

    private IDisposable? _interference;

    public enum Trouble
    {
        None,
        ProviderGone,
        ProviderBroken,
        SecretGone,
        SecretGoneAndKeysRefused,
        Throttled,
        Hanging,
    }

    public static TheoryData<Trouble> Troubles => [.. Enum.GetValues<Trouble>()];

    /// <summary>What keeps the answer from coming that Delete needs, and the reason that is given.</summary>
    public static TheoryData<Trouble, string> TroublesOfDelete => new()
    {
        { Trouble.ProviderGone, Reasons.ProviderNotFound },
        { Trouble.ProviderBroken, Reasons.CredentialsExpired },
        { Trouble.SecretGoneAndKeysRefused, Reasons.CredentialsExpired },
        { Trouble.Throttled, Reasons.Throttled },
        { Trouble.Hanging, Reasons.AWSUnavailable },
    };

    /// <summary>Each policy, whether the repository is there afterwards, and its owner tag.</summary>
    public static TheoryData<string, bool, string> Policies => new()
    {
        { "Delete", false, "" },
        { "Retain", true, "released/" },
        { "Orphan", true, "" },
    };

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
        var started = TimeProvider.System.GetTimestamp();
        await DeleteAsync("kept");
        await UntilGoneAsync("kept");
        Assert.True(TimeProvider.System.GetElapsedTime(started) < AwsDeadline, "The object waited for AWS.");

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

    [Theory]
    [MemberData(nameof(TroublesOfDelete))]
    public async Task Delete_waits_while_AWS_cannot_be_asked_names_the_way_out_and_heals(Trouble trouble, string reason)
    {
        await CreateTroubledAsync("waits", "Delete", trouble);
        await DeleteAsync("waits");
        var told = await UntilAsync("waits", value => value["metadata"]!["deletionTimestamp"] is not null && value.Message()?.Contains("Orphan", StringComparison.Ordinal) == true && value.Condition(ConditionTypes.Synced)?.Reason == reason);
        Assert.Equal([ApiNames.Finalizer], told.Finalizers());
        Assert.DoesNotContain("DeleteRepository", AwsCalls("waits"));
        Assert.NotNull(await FindInAwsAsync("waits"));

        await HealAsync(trouble);
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

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Other_controllers_finalizers_survive(string policy, bool stays, string released)
    {
        await CreateSyncedAsync("shared", new() { ["deletionPolicy"] = policy });
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "shared", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(ApiNames.Finalizer, Others) } });
        await DeleteAsync("shared");
        var held = await UntilAsync("shared", value => !value.Finalizers().Contains(ApiNames.Finalizer));
        var writes = AwsWrites("shared");

        Assert.Equal([Others], held.Finalizers());
        Assert.Equal(stays, await FindInAwsAsync("shared") is not null);
        if (stays)
        {
            Assert.Equal($"{released}{OwnerOf("shared")}", (await TagsInAwsAsync("shared"))[ApiNames.OwnerTag]);
        }

        // While another controller holds the object, and when it lets go, there is nothing left to do.
        await AnnotateAsync("shared", ApiNames.ForceSyncAnnotation, "now");
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "shared", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
        await UntilGoneAsync("shared");
        await CreateSyncedAsync("beside");
        Assert.Equal(writes, AwsWrites("shared"));
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
                _interference = RefuseKeys();
                await CheckProviderAsync(Reasons.CredentialsExpired);
                break;

            case Trouble.SecretGone:
                await Objects.DeleteAsync("Secret", Namespace, "troubled");
                await CheckProviderAsync(Reasons.SecretNotFound);
                break;

            case Trouble.SecretGoneAndKeysRefused:
                await Objects.DeleteAsync("Secret", Namespace, "troubled");
                await CheckProviderAsync(Reasons.SecretNotFound);
                _interference = RefuseKeys();
                break;

            case Trouble.Throttled:
                _interference = Environment.Aws.Interfere(request => request.AccessKeyId == AccessKeyId ? Interference.AwsError("ThrottlingException") : null);
                break;

            case Trouble.Hanging:
                _interference = Environment.Aws.Interfere(request => request.AccessKeyId == AccessKeyId ? new() { Before = static () => Task.Delay(2 * AwsDeadline, Cancel) } : null);
                break;
        }
    }

    private async Task HealAsync(Trouble trouble)
    {
        _interference?.Dispose();
        switch (trouble)
        {
            case Trouble.ProviderGone:
                await CreateProviderAsync("troubled", StaticKeys());
                break;

            case Trouble.SecretGoneAndKeysRefused:
                await CreateSecretAsync("troubled");
                break;
        }
    }

    private IDisposable RefuseKeys() => Environment.Aws.Interfere(request => request.AccessKeyId != AccessKeyId ? null
        : request.Operation == "GetCallerIdentity" ? Interference.StsError("InvalidClientTokenId")
        : Interference.AwsError("UnrecognizedClientException"));

    private async Task CheckProviderAsync(string reason)
    {
        await AnnotateAsync("troubled", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
        await UntilReasonAsync("troubled", ConditionTypes.Ready, reason, AWSProvider.Kind);
    }
}
