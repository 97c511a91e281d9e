using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>One repository has one owner, and nobody else writes to it.</summary>
public abstract class OwnershipConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    [Fact]
    public async Task An_existing_repository_is_adopted_as_it_is_but_for_what_the_spec_says()
    {
        await CreateInAwsAsync("there", ("foreign", "stays"));
        await Ecr.PutLifecyclePolicyAsync(new() { RepositoryName = RepositoryOf("there"), LifecyclePolicyText = Texts.KeepFive }, Cancel);
        await PushAsync("there", "one");

        var synced = await CreateSyncedAsync("there", new() { ["scanOnPush"] = true });

        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Equal(1, (long?)synced["status"]!["imageCount"]);
        Assert.Equal(["CreateRepository", "TagResource", "PutImageScanningConfiguration"], AwsWrites("there"));
        Assert.Equal(new() { ["foreign"] = "stays", [ApiNames.OwnerTag] = OwnerOf("there") }, await TagsInAwsAsync("there"));
        Assert.NotNull(await LifecyclePolicyInAwsAsync("there"));
        Assert.Contains(await Objects.EventsAsync(Namespace, "there"), item => (string?)item["reason"] == "Adopted");
    }

    [Theory]
    [InlineData("another-cluster/ns/app")]
    [InlineData("half-accepted/other-team/app")]
    [InlineData("accepted")]
    [InlineData("suite")]
    public async Task Another_owners_repository_is_not_written_to(string owner)
    {
        await CreateInAwsAsync("taken", (ApiNames.OwnerTag, owner));
        await CreateRepositoryAsync("taken", new() { ["scanOnPush"] = true, ["tags"] = new JsonObject { ["a"] = "1" } });
        var told = await UntilReasonAsync("taken", ConditionTypes.Ready, Reasons.OwnedByAnother);

        Assert.Contains(owner, told.Message());
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Stalled)!.Value.Status);
        Assert.All(AwsWrites("taken"), write => Assert.Equal("CreateRepository", write));
        Assert.Equal(new() { [ApiNames.OwnerTag] = owner }, await TagsInAwsAsync("taken"));

        await DeleteAsync("taken");
        await UntilGoneAsync("taken");
        Assert.NotNull(await FindInAwsAsync("taken"));
        Assert.DoesNotContain("DeleteRepository", AwsWrites("taken"));
    }

    [Fact]
    public async Task Of_two_objects_the_holder_keeps_the_repository_and_the_other_follows_it()
    {
        await CreateSyncedAsync("first", new() { ["deletionPolicy"] = "Retain" });
        await CreateRepositoryAsync("second", new() { ["repositoryName"] = RepositoryOf("first"), ["tags"] = new JsonObject { ["mine"] = "yes" } });
        await UntilReasonAsync("second", ConditionTypes.Ready, Reasons.OwnedByAnother);
        Assert.Equal(OwnerOf("first"), (await TagsInAwsAsync("first"))[ApiNames.OwnerTag]);

        await DeleteAsync("first");
        await UntilGoneAsync("first");
        var synced = await UntilSyncedAsync("second");

        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Equal(new() { ["mine"] = "yes", [ApiNames.OwnerTag] = OwnerOf("second") }, await TagsInAwsAsync("first"));
    }

    [Theory]
    [InlineData("Orphan")]
    [InlineData("finalizer taken off")]
    public async Task Whose_holder_is_gone_without_a_word_is_taken_over_with_its_images_safe(string end)
    {
        await CreateSyncedAsync("first", new() { ["deletionPolicy"] = "Orphan" });
        await PushAsync("first", "one");
        await CreateRepositoryAsync("second", new() { ["repositoryName"] = RepositoryOf("first") });
        var told = await UntilReasonAsync("second", ConditionTypes.Ready, Reasons.OwnedByAnother);
        Assert.Contains(OwnerOf("first"), told.Message());

        if (end != "Orphan")
        {
            await Objects.PatchAsync(ECRRepository.Kind, Namespace, "first", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
        }

        await DeleteAsync("first");
        var synced = await UntilSyncedAsync("second");

        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Equal(OwnerOf("second"), (await TagsInAwsAsync("first"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task Who_only_observes_holds_nothing()
    {
        await CreateInAwsAsync("shared", (ApiNames.OwnerTag, OwnerOf("observer")));
        await CreateSyncedAsync("observer", new() { ["repositoryName"] = RepositoryOf("shared"), ["managementPolicy"] = "Observe" });

        await CreateSyncedAsync("shared");

        Assert.Equal(OwnerOf("shared"), (await TagsInAwsAsync("shared"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task Of_two_objects_that_want_what_nobody_holds_the_elder_takes_it()
    {
        // Both wait for a repository that is there already, and neither hears of it before the other does.
        await CreateRepositoryAsync("b-elder", new() { ["repositoryName"] = RepositoryOf("wanted"), ["adoptionPolicy"] = "Adopt" });
        await UntilReasonAsync("b-elder", ConditionTypes.Ready, Reasons.AdoptionRefused);
        await UntilSecondAfterAsync(ObjectReading.Created((await Objects.FindAsync(ECRRepository.Kind, Namespace, "b-elder"))!));
        await CreateRepositoryAsync("a-younger", new() { ["repositoryName"] = RepositoryOf("wanted"), ["adoptionPolicy"] = "Adopt" });
        await UntilReasonAsync("a-younger", ConditionTypes.Ready, Reasons.AdoptionRefused);

        await CreateInAwsAsync("wanted");
        await Task.WhenAll(UntilSyncedAsync("b-elder"), UntilReasonAsync("a-younger", ConditionTypes.Ready, Reasons.OwnedByAnother));
        Assert.Equal(OwnerOf("b-elder"), (await TagsInAwsAsync("wanted"))[ApiNames.OwnerTag]);
        Assert.Single(AwsWrites("wanted"), "TagResource");

        // A third hand puts the tag aside: the holder has it on record, and keeps it.
        await TagInAwsAsync("wanted", ApiNames.OwnerTag, $"released/{OwnerOf("nobody")}");
        await CompareAsync("a-younger");
        await CompareAsync("b-elder");
        Assert.Equal(OwnerOf("b-elder"), (await TagsInAwsAsync("wanted"))[ApiNames.OwnerTag]);

        await DeleteAsync("b-elder");
        await UntilGoneAsync("b-elder");
    }

    [Fact]
    public async Task What_an_endpoint_tells_that_a_tenant_chose_keeps_no_repository_from_others()
    {
        // It says that it is the same account, and that the repository is in it.
        var wanted = await CreateInAwsAsync("wanted");
        await UntilSecondAfterAsync(wanted.CreatedAt!.Value);
        await using var pretender = await SandboxEcr.StartAsync(new() { AccountId = wanted.RegistryId! }, Cancel);
        await CreateProviderAsync("chosen", With(StaticKeys(), "endpoint", pretender.Url.ToString()));
        var elder = await CreateSyncedAsync("elder", With(Using("chosen"), "repositoryName", RepositoryOf("wanted")));
        Assert.Equal(wanted.RepositoryArn, (string?)elder["status"]!["repositoryArn"]);
        await UntilSecondAfterAsync(elder.Created());

        await CreateSyncedAsync("wanted", new() { ["adoptionPolicy"] = "Adopt" });
        Assert.Equal(OwnerOf("wanted"), (await TagsInAwsAsync("wanted"))[ApiNames.OwnerTag]);
    }

    [Theory]
    [InlineData("accepted/ns/app")]
    [InlineData("half-accepted/team-a/app")]
    public async Task An_accepted_owners_repository_is_adopted(string owner)
    {
        await CreateInAwsAsync("inherited", (ApiNames.OwnerTag, owner));
        var synced = await CreateSyncedAsync("inherited");

        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Equal(OwnerOf("inherited"), (await TagsInAwsAsync("inherited"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task Create_takes_no_repository_that_exists()
    {
        await CreateInAwsAsync("exists");
        await CreateRepositoryAsync("exists", new() { ["adoptionPolicy"] = "Create" });
        await UntilReasonAsync("exists", ConditionTypes.Ready, Reasons.AdoptionRefused);

        Assert.Empty(await TagsInAwsAsync("exists"));
    }

    [Fact]
    public async Task Adopt_makes_no_repository_and_takes_one_that_appears()
    {
        await CreateRepositoryAsync("later", new() { ["adoptionPolicy"] = "Adopt" });
        await UntilReasonAsync("later", ConditionTypes.Ready, Reasons.AdoptionRefused);
        Assert.Empty(AwsWrites("later"));

        await CreateInAwsAsync("later");
        var synced = await UntilSyncedAsync("later");
        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
    }

    [Fact]
    public async Task An_owner_tag_taken_by_another_stops_all_writes()
    {
        await CreateSyncedAsync("lost");
        await TagInAwsAsync("lost", ApiNames.OwnerTag, "another-cluster/thief/lost");
        var before = AwsWrites("lost").Count;
        await PatchSpecAsync("lost", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("lost", ConditionTypes.Ready, Reasons.OwnedByAnother);
        Assert.Equal(before, AwsWrites("lost").Count);

        await DeleteAsync("lost");
        await UntilGoneAsync("lost");
        Assert.NotNull(await FindInAwsAsync("lost"));
        Assert.Equal(before, AwsWrites("lost").Count);
    }

    [Fact]
    public async Task Encryption_that_differs_is_told_and_the_rest_applied()
    {
        await CreateInAwsAsync("encrypted");
        await CreateRepositoryAsync("encrypted", new() { ["encryptionConfiguration"] = new JsonObject { ["encryptionType"] = "KMS" }, ["scanOnPush"] = true });
        var told = await UntilReasonAsync("encrypted", ConditionTypes.Synced, Reasons.ImmutableFieldChanged);

        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.Equal("encryptionConfiguration.encryptionType", (string?)told["status"]!["drift"]![0]!["field"]);
        Assert.True((await InAwsAsync("encrypted")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Fact]
    public async Task More_tags_than_AWS_allows_are_refused_as_a_whole_and_the_repository_made_without()
    {
        await CreateRepositoryAsync("tags", new() { ["tags"] = new JsonObject(Enumerable.Range(0, 50).Select(number => KeyValuePair.Create<string, JsonNode?>($"key-{number}", "value"))) });
        var told = await UntilReasonAsync("tags", ConditionTypes.Synced, Reasons.TooManyTags);

        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.Equal([ApiNames.OwnerTag], (await TagsInAwsAsync("tags")).Keys);
    }
}
