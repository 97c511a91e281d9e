using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>With the owner tag switched off, the object's record alone says whose a repository is.</summary>
public abstract class UntaggedConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await CreateProviderAsync("untagged", With(StaticKeys(), "ownerTag", false));
    }

    [Fact]
    public async Task A_repository_is_made_kept_and_deleted_without_a_tag()
    {
        var synced = await CreateSyncedAsync("plain", Untagged(new() { ["tags"] = new JsonObject { ["a"] = "1" } }));
        Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
        Assert.Equal(new() { ["a"] = "1" }, await TagsInAwsAsync("plain"));

        await PatchSpecAsync("plain", new() { ["scanOnPush"] = true, ["tags"] = new JsonObject { ["a"] = null } });
        await UntilSyncedAsync("plain");
        Assert.Empty(await TagsInAwsAsync("plain"));
        Assert.True((await InAwsAsync("plain")).ImageScanningConfiguration!.ScanOnPush);

        await PushAsync("plain", "one");
        await DeleteAsync("plain");
        await UntilGoneAsync("plain");
        Assert.Null(await FindInAwsAsync("plain"));
    }

    [Fact]
    public async Task What_was_made_anew_by_somebody_else_is_not_deleted()
    {
        await CreateSyncedAsync("renewed", Untagged());
        await DeleteInAwsAsync("renewed");
        await AgeAsync("renewed");
        await CreateInAwsAsync("renewed");
        await DeleteAsync("renewed");
        await UntilGoneAsync("renewed");

        Assert.NotNull(await FindInAwsAsync("renewed"));
        Assert.DoesNotContain("DeleteRepository", AwsCalls("renewed"));
    }

    [Fact]
    public async Task What_somebody_else_tagged_as_theirs_is_neither_written_to_nor_deleted()
    {
        await CreateSyncedAsync("taken", Untagged());
        await TagInAwsAsync("taken", ApiNames.OwnerTag, "another-cluster/ns/taken");
        await PatchSpecAsync("taken", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("taken", ConditionTypes.Ready, Reasons.OwnedByAnother);
        await DeleteAsync("taken");
        await UntilGoneAsync("taken");

        Assert.Equal(["CreateRepository"], AwsWrites("taken"));
        Assert.NotNull(await FindInAwsAsync("taken"));
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_waits_for_a_person()
    {
        using (InterfereWithAws("lost", "CreateRepository", new() { DropAfter = true }))
        {
            await CreateRepositoryAsync("lost", Untagged());
            var told = await UntilReasonAsync("lost", ConditionTypes.Ready, Reasons.OwnedByAnother);
            Assert.Contains("adoptionPolicy", told.Message());
        }

        await PatchSpecAsync("lost", new() { ["adoptionPolicy"] = "Adopt" });
        var synced = await UntilSyncedAsync("lost");
        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
    }

    [Fact]
    public async Task What_was_there_before_is_adopted_and_held_by_record_alone()
    {
        await CreateInAwsAsync("there");
        await PushAsync("there", "one");
        await UntilOlderAsync("there");
        var synced = await CreateSyncedAsync("there", Untagged());
        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Empty(await TagsInAwsAsync("there"));
        Assert.Contains(await Objects.EventsAsync(Namespace, "there"), item => (string?)item["reason"] == "Adopted");

        await CreateRepositoryAsync("second", Untagged(new() { ["repositoryName"] = RepositoryOf("there"), ["scanOnPush"] = true, ["adoptionPolicy"] = "Adopt" }));
        var told = await UntilReasonAsync("second", ConditionTypes.Ready, Reasons.OwnedByAnother);
        Assert.Contains(OwnerOf("there"), told.Message());
        Assert.False((await InAwsAsync("there")).ImageScanningConfiguration!.ScanOnPush);

        await DeleteAsync("there");
        await UntilReasonAsync("there", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
        await PatchSpecAsync("there", new() { ["deletionPolicy"] = "Retain" });
        await UntilGoneAsync("there");
        await UntilSyncedAsync("second");
        Assert.True((await InAwsAsync("there")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Fact]
    public async Task Switched_on_again_the_tag_is_written()
    {
        await CreateSyncedAsync("switched", Untagged());
        await PatchSpecAsync("untagged", new() { ["ownerTag"] = null }, AWSProvider.Kind);
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("switched") && request.Operation == "TagResource").WaitAsync(KubernetesObjects.Deadline, Cancel);

        // It was sent; when the object has been compared, it was answered too.
        await CompareAsync("switched");
        Assert.Equal(OwnerOf("switched"), (await TagsInAwsAsync("switched"))[ApiNames.OwnerTag]);
    }

    private static JsonObject Untagged(JsonObject? spec = null) => With(spec ?? [], "providerRef", new JsonObject { ["name"] = "untagged" });

    /// <summary>A repository counts as older than an object only from the next second on, and AWS's clock may be ahead.</summary>
    private async Task UntilOlderAsync(string name)
    {
        var created = new DateTimeOffset((await InAwsAsync(name)).CreatedAt!.Value.ToUniversalTime());
        await UntilSecondAfterAsync(created);
    }
}
