using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>What people change about a provider that a repository uses. Each subject has a provider of its own.</summary>
internal static class ProviderFlows
{
    private const string InAws = "MUTABLE, scan false, none, none, 0 images, owner ours, a=1";

    public static Flow DefaultTags => new("defaults")
    {
        Prepare = subject => PrepareAsync(subject, new() { ["defaultTags"] = new JsonObject { ["a"] = "default", ["old"] = "yes" } }),
        Steps =
        [
            new(
                subject => subject.PatchProviderAsync(new() { ["defaultTags"] = new JsonObject { ["old"] = null, ["new"] = "yes" } }),
                subject => subject.UntilAsync(value => value?.IsSynced() == true && value["status"]!["owned"]?["tagKeys"]?.AsArray().Select(key => (string)key!).SequenceEqual(["a", "new"]) == true, "with the new default tags")),
        ],
        IsFoundByComparison = true,
        End = new(RepositoryFlows.Synced(Origins.Created), $"{InAws} new=yes"),
    };

    public static Flow KeyRotation => new("rotation")
    {
        Prepare = subject => PrepareAsync(subject, []),
        Steps =
        [
            new(
                async subject =>
                {
                    await subject.RotateAsync();
                    await subject.ForceSyncAsync(AWSProvider.Kind);
                },
                subject => subject.UntilComparedAsync(AWSProvider.Kind)),
            Step.Patch("""{"tags":{"b":"2"}}"""),
        ],
        End = new(RepositoryFlows.Synced(Origins.Created), $"{InAws} b=2"),
    };

    public static Flow AnotherProvider => new("another")
    {
        Prepare = async subject =>
        {
            await PrepareAsync(subject, []);
            await subject.CreateProviderAsync(".b", new() { ["defaultTags"] = new JsonObject { ["from"] = "b" } });
            await subject.UntilProviderAsync(IsReady, "ready", ".b");
        },
        Steps = [new(subject => subject.PatchAsync(new() { ["providerRef"] = new JsonObject { ["name"] = $"{subject.Name}.b" } }), subject => subject.UntilSyncedAsync())],
        End = new(RepositoryFlows.Synced(Origins.Created), $"{InAws} from=b"),
    };

    public static Flow AnotherRegion => Away("region", """{"region":"eu-west-1"}""", $$"""{"region":"{{AwsTruth.Region}}"}""");

    public static Flow AnotherAccount => Away("account", """{"assumeRoleARN":"arn:aws:iam::222222222222:role/elsewhere"}""", """{"assumeRoleARN":null}""");

    /// <summary>A deletion that cannot go on becomes one that leaves the repository; then it can go on.</summary>
    public static Flow Spared => new("spared")
    {
        Prepare = async subject =>
        {
            await PrepareAsync(subject, []);
            await subject.PatchAsync(new() { ["providerRef"] = new JsonObject { ["name"] = $"{subject.Name}.b" } });
            await subject.UntilReasonAsync(Reasons.ProviderNotFound);
            await subject.DeleteAsync();
            await subject.UntilDeletingAsync(Reasons.ProviderNotFound);
        },
        Steps =
        [
            new(
                async subject =>
                {
                    await subject.PatchAsync(new() { ["deletionPolicy"] = "Retain" });

                    // Undisturbed it goes at once. Who has missed the change must not delete when it can at last.
                    await Task.WhenAny(subject.UntilGoneAsync(), subject.Disturbance.Met);
                    await subject.CreateProviderAsync(".b");
                },
                async subject =>
                {
                    await subject.UntilGoneAsync();
                    await subject.UntilProviderAsync(IsReady, "ready", ".b");
                }),
        ],
        End = new("gone", InAws),
        OrElse = new("gone", InAws.Replace("ours", "released", StringComparison.Ordinal)),
    };

    public static Flow Farewell => new("farewell")
    {
        Prepare = subject => PrepareAsync(subject, []),
        Steps =
        [
            new(
                subject => subject.DeleteProviderAsync(),
                subject => subject.UntilProviderAsync(value => value?["metadata"]!["deletionTimestamp"] is not null && value.Condition(ConditionTypes.Ready)?.Message?.Contains(subject.Name, StringComparison.Ordinal) == true, "held by its repository")),
            new(
                subject => subject.DeleteAsync(),
                async subject =>
                {
                    await subject.UntilGoneAsync();
                    await subject.UntilProviderAsync(value => value is null, "gone");
                }),
        ],
        End = new("gone", "gone"),
    };

    /// <summary>The provider comes to mean another place, where nothing is made, and then again the first.</summary>
    private static Flow Away(string name, string there, string back) => new(name)
    {
        Prepare = subject => PrepareAsync(subject, []),
        Steps =
        [
            new(subject => subject.PatchProviderAsync(JsonNode.Parse(there)!.AsObject()), subject => subject.UntilReasonAsync(Reasons.ProviderNotAllowed)),
            new(subject => subject.PatchAsync(new() { ["tags"] = new JsonObject { ["b"] = "2" } }), subject => subject.UntilReasonAsync(Reasons.ProviderNotAllowed)),
            new(subject => subject.PatchProviderAsync(JsonNode.Parse(back)!.AsObject()), subject => subject.UntilSyncedAsync()),
        ],
        IsFoundByComparison = true,
        End = new(RepositoryFlows.Synced(Origins.Created), $"{InAws} b=2"),
    };

    private static async Task PrepareAsync(Subject subject, JsonObject provider)
    {
        await subject.CreateProviderAsync(spec: provider);
        await subject.CreateAsync(new() { ["tags"] = new JsonObject { ["a"] = "1" } }, provider: subject.Name);
        await subject.UntilSyncedAsync();

        // Its count comes two seconds later, and would be one call more or less.
        await subject.UntilProviderAsync(value => IsReady(value) && (int?)value!["status"]!["repositoryCount"] == 1, "ready with one repository");
    }

    private static bool IsReady(JsonObject? provider) => provider?.Condition(ConditionTypes.Ready)?.Status == ConditionStatus.True;
}
