using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>A repository that is deleted outside is made again where the policies let us, else it is told; either way the status says what is.</summary>
public abstract class DeletedOutsideConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    /// <summary>The policies of management, drift and adoption; whether the repository had been adopted; whether it is made again.</summary>
    public static TheoryData<string, string, string, bool, bool> Policies => new()
    {
        { "Manage", "Correct", "AdoptOrCreate", false, true },
        { "Manage", "Correct", "AdoptOrCreate", true, true },
        { "Manage", "Correct", "Create", false, true },
        { "Manage", "Correct", "Adopt", true, false },
        { "Manage", "Report", "AdoptOrCreate", false, false },
        { "Manage", "Report", "AdoptOrCreate", true, false },
        { "Manage", "Report", "Create", false, false },
        { "Manage", "Report", "Adopt", true, false },
        { "Observe", "Correct", "AdoptOrCreate", true, false },
        { "Observe", "Report", "Adopt", true, false },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task A_repository_deleted_outside_is_made_again_or_told_as_the_policies_say(string management, string drift, string adoption, bool adopted, bool madeAgain)
    {
        if (adopted)
        {
            await CreateInAwsAsync("app");
        }

        await CreateSyncedAsync("app", new()
        {
            ["managementPolicy"] = management,
            ["driftPolicy"] = drift,
            ["adoptionPolicy"] = adoption,
            ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        });
        await PushAsync("app", "one");
        Assert.Equal(1, (long?)(await CompareAsync("app"))["status"]!["imageCount"]);
        await DeleteInAwsAsync("app");
        await AgeAsync("app");
        var before = AwsCalls("app").Count;

        var told = await CompareAsync("app");

        var status = told["status"]!;
        Assert.Equal(madeAgain ? ["DescribeRepositories", "CreateRepository", "PutLifecyclePolicy"] : ["DescribeRepositories"], AwsCalls("app").Skip(before).Distinct());
        Assert.Equal(madeAgain, told.IsSynced());
        Assert.Equal(madeAgain ? Reasons.Available : Reasons.NotFound, told.Condition(ConditionTypes.Ready)!.Value.Reason);
        Assert.Equal(madeAgain ? 0 : null, (long?)status["imageCount"]);
        Assert.Equal(madeAgain ? 0 : null, (long?)status["imageSizeBytes"]);
        Assert.Equal(madeAgain, status["repositoryUri"] is not null);
        Assert.Equal(madeAgain ? Origins.Created : management == "Observe" ? null : adopted ? Origins.Adopted : Origins.Created, (string?)status["origin"]);
        Assert.Equal(drift == "Report" && adoption != "Adopt" ? "repositoryName" : null, (string?)status["drift"]?[0]?["field"]);

        // An event follows its status; the next comparison follows both, and has nothing new to tell.
        await CompareAsync("app");
        var events = await Objects.EventsAsync(Namespace, "app");
        var last = Assert.Single(events, item => (string?)item["reason"] == (madeAgain ? EventReasons.DriftCorrected : Reasons.NotFound));
        Assert.Equal("Warning", (string?)last["type"]);
        Assert.Contains(madeAgain ? "deleted outside, with its images, and made again" : management == "Observe" ? "does not exist" : "was deleted outside", (string?)last["note"]);
    }

    [Fact]
    public async Task Reported_as_gone_a_repository_is_made_again_once_the_spec_changes()
    {
        await CreateSyncedAsync("app", new() { ["driftPolicy"] = "Report" });
        await DeleteInAwsAsync("app");
        await AgeAsync("app");
        await CompareAsync("app");
        await PatchSpecAsync("app", new() { ["tags"] = new JsonObject { ["a"] = "1" } });
        var synced = await UntilSyncedAsync("app");

        Assert.Equal(Origins.Created, (string?)synced["status"]!["origin"]);
        Assert.Null(synced["status"]!["drift"]);
        Assert.Equal(["CreateRepository", "CreateRepository"], AwsWrites("app"));
    }

    [Fact]
    public async Task Made_again_by_somebody_else_it_is_drift_to_Report_and_is_adopted_once_the_spec_changes()
    {
        await CreateSyncedAsync("app", new() { ["driftPolicy"] = "Report" });
        await DeleteInAwsAsync("app");
        await AgeAsync("app");
        await CreateInAwsAsync("app");
        var told = await CompareAsync("app");
        Assert.Equal(Reasons.DriftDetected, told.Condition(ConditionTypes.Synced)!.Value.Reason);
        Assert.Equal($"tags[{ApiNames.OwnerTag}]", (string?)told["status"]!["drift"]![0]!["field"]);
        Assert.Empty(await TagsInAwsAsync("app"));

        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        var synced = await UntilSyncedAsync("app");
        Assert.Equal(Origins.Adopted, (string?)synced["status"]!["origin"]);
        Assert.Equal(OwnerOf("app"), (await TagsInAwsAsync("app"))[ApiNames.OwnerTag]);
    }
}
