using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>What people want of a repository.</summary>
internal static class RepositoryFlows
{
    private const string Ours = "finalizer";
    private const string FullInAws = "IMMUTABLE, scan true, KeepTen, AllowPull, 0 images, owner ours, a=1";
    private const string FullWithImage = "IMMUTABLE, scan true, KeepTen, AllowPull, 1 images, owner ours, a=1";

    public static JsonObject Full => new()
    {
        ["imageTagMutability"] = "IMMUTABLE",
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["repositoryPolicyText"] = Texts.AllowPull,
        ["tags"] = new JsonObject { ["a"] = "1" },
    };

    public static Flow Create => new("create")
    {
        Steps = [new(subject => subject.CreateAsync(Full), subject => subject.UntilSyncedAsync())],
        End = new(Synced(Origins.Created), FullInAws),
        Stripped = "MUTABLE, scan false, none, none, 0 images, owner ours, ",
    };

    public static Flow Update => new("update")
    {
        Prepare = async subject =>
        {
            await subject.CreateAsync(Full, finalizers: "example.com/others");
            await subject.UntilSyncedAsync();
            await subject.InAwsAsync("TagResource", new() { ["tags"] = new JsonArray(new JsonObject { ["Key"] = "theirs", ["Value"] = "stays" }) });
        },
        Steps =
        [
            new(
                subject => subject.PatchAsync(new()
                {
                    ["imageTagMutability"] = "MUTABLE",
                    ["scanOnPush"] = null,
                    ["lifecyclePolicy"] = null,
                    ["repositoryPolicyText"] = Texts.AllowPush,
                    ["tags"] = new JsonObject { ["a"] = null, ["b"] = "2" },
                }),
                subject => subject.UntilSyncedAsync()),
        ],
        End = new($"{Origins.Created}, Ready True, Synced True Available, others {Ours}", "MUTABLE, scan false, none, AllowPush, 0 images, owner ours, b=2 theirs=stays"),
        Stripped = "MUTABLE, scan false, none, none, 0 images, owner ours, theirs=stays",
    };

    /// <summary>The object is older than the repository, so that no age tells that the repository was not made for it.</summary>
    public static Flow Adopt => new("adopt")
    {
        Prepare = PrepareForeignAsync,
        Steps = [new(subject => subject.UnpauseAsync(), subject => subject.UntilSyncedAsync())],
        End = new(Synced(Origins.Adopted), "IMMUTABLE, scan true, KeepTen, AllowPull, 1 images, owner ours, a=1 theirs=stays"),
    };

    public static Flow Refuse => new("refuse")
    {
        Prepare = async subject =>
        {
            await MakeForeignAsync(subject, "another-cluster/default/app");
            await subject.CreateAsync(Full, paused: true);
            await subject.UntilReasonAsync(Reasons.Paused);
        },
        Steps = [new(subject => subject.UnpauseAsync(), subject => subject.UntilReasonAsync(Reasons.OwnedByAnother))],
        End = new($"no origin, Ready False, Synced False {Reasons.OwnedByAnother}, {Ours}", "MUTABLE, scan false, KeepFive, none, 1 images, owner another, theirs=stays"),
    };

    public static Flow Drift => new("drift")
    {
        Prepare = subject => PrepareOwnAsync(subject, []),
        Steps =
        [
            new(
                async subject =>
                {
                    await subject.InAwsAsync("PutImageTagMutability", new() { ["imageTagMutability"] = "MUTABLE" });
                    await subject.InAwsAsync("DeleteRepositoryPolicy", []);
                    await subject.InAwsAsync("PutLifecyclePolicy", new() { ["lifecyclePolicyText"] = Texts.KeepFive });
                    await subject.InAwsAsync("TagResource", new() { ["tags"] = new JsonArray(new JsonObject { ["Key"] = "a", ["Value"] = "drifted" }) });
                    await subject.ForceSyncAsync();
                },
                subject => subject.UntilSyncedAgainAsync()),
        ],
        IsFoundByComparison = true,
        End = new(Synced(Origins.Created), FullWithImage),
        Stripped = "MUTABLE, scan false, none, none, 1 images, owner ours, ",
    };

    /// <summary>The record of the repository that was deleted hides that of the new one: where the latter is lost, it counts as adopted, which costs no images.</summary>
    public static Flow DeletedOutside => new("outside")
    {
        Prepare = async subject =>
        {
            await PrepareOwnAsync(subject, []);
            await subject.AgeAsync();
        },
        Steps =
        [
            new(
                async subject =>
                {
                    await subject.InAwsAsync("DeleteRepository", new() { ["force"] = true });
                    await subject.ForceSyncAsync();
                },
                subject => subject.UntilSyncedAgainAsync()),
        ],
        IsFoundByComparison = true,
        End = new(Synced(Origins.Created), FullInAws),
        OrElse = new(Synced(Origins.Adopted), FullInAws),
        Stripped = "MUTABLE, scan false, none, none, 0 images, owner ours, ",
    };

    public static Flow Delete => new("delete")
    {
        Prepare = subject => PrepareOwnAsync(subject, []),
        Steps = [Deletion],
        End = new("gone", "gone"),
    };

    public static Flow DeleteUnforced => new("unforced")
    {
        Prepare = subject => PrepareOwnAsync(subject, new() { ["forceDelete"] = false }),
        Steps =
        [
            new(subject => subject.DeleteAsync(), subject => subject.UntilDeletingAsync(Reasons.RepositoryNotEmpty)),
            new(subject => subject.PatchAsync(new() { ["forceDelete"] = true }), subject => subject.UntilGoneAsync()),
        ],
        End = new("gone", "gone"),
    };

    public static Flow DeleteAdopted => new("adopted")
    {
        Prepare = async subject =>
        {
            await PrepareForeignAsync(subject);
            await subject.UnpauseAsync();
            await subject.UntilSyncedAsync();
        },
        Steps = [new(subject => subject.DeleteAsync(), subject => subject.UntilDeletingAsync(Reasons.RepositoryNotEmpty))],

        // A deletion that is held is tried again and again, and one whose proof took too long says so until the next.
        Settles = subject => subject.UntilDeletingAsync(Reasons.RepositoryNotEmpty),
        End = new($"being deleted, {Origins.Adopted}, Ready True, Synced False {Reasons.RepositoryNotEmpty}, {Ours}", "IMMUTABLE, scan true, KeepTen, AllowPull, 1 images, owner ours, a=1 theirs=stays"),
    };

    /// <summary>That the owner tag says so is a courtesy that does not hold up the object.</summary>
    public static Flow Retain => new("retain")
    {
        Prepare = subject => PrepareOwnAsync(subject, new() { ["deletionPolicy"] = "Retain" }),
        Steps = [Deletion],
        End = new("gone", FullWithImage.Replace("ours", "released", StringComparison.Ordinal)),
        OrElse = new("gone", FullWithImage),
    };

    public static Flow Orphan => new("orphan")
    {
        Prepare = subject => PrepareOwnAsync(subject, new() { ["deletionPolicy"] = "Orphan" }),
        Steps = [Deletion],
        End = new("gone", FullWithImage),
    };

    public static Flow Recreate => new("recreate")
    {
        Prepare = async subject =>
        {
            await subject.CreateAsync(new() { ["deletionPolicy"] = "Retain", ["tags"] = new JsonObject { ["a"] = "1" } });
            await subject.UntilSyncedAsync();
            await subject.PushAsync();
        },
        Steps =
        [
            new(subject => subject.PatchAsync(new() { ["tags"] = new JsonObject { ["b"] = "2" } }), subject => subject.UntilSyncedAsync()),
            Deletion,
            new(subject => subject.CreateAsync(Full), subject => subject.UntilSyncedAsync()),
        ],
        End = new(Synced(Origins.Created), "IMMUTABLE, scan true, KeepTen, AllowPull, 1 images, owner ours, a=1 b=2"),
        OrElse = new(Synced(Origins.Adopted), "IMMUTABLE, scan true, KeepTen, AllowPull, 1 images, owner ours, a=1 b=2"),
        Stripped = "MUTABLE, scan false, none, none, 1 images, owner ours, b=2",
    };

    public static string Synced(string origin) => $"{origin}, Ready True, Synced True Available, {Ours}";

    private static Step Deletion => new(subject => subject.DeleteAsync(), subject => subject.UntilGoneAsync());

    private static async Task PrepareOwnAsync(Subject subject, JsonObject more)
    {
        var spec = Full;
        foreach (var (field, value) in more)
        {
            spec[field] = value?.DeepClone();
        }

        await subject.CreateAsync(spec);
        await subject.UntilSyncedAsync();
        await subject.PushAsync();
    }

    private static async Task PrepareForeignAsync(Subject subject)
    {
        await subject.CreateAsync(Full, paused: true);
        await subject.UntilReasonAsync(Reasons.Paused);
        await MakeForeignAsync(subject, owner: null);
    }

    private static async Task MakeForeignAsync(Subject subject, string? owner)
    {
        var tags = new JsonArray(new JsonObject { ["Key"] = "theirs", ["Value"] = "stays" });
        if (owner is not null)
        {
            tags.Add(new JsonObject { ["Key"] = ApiNames.OwnerTag, ["Value"] = owner });
        }

        await subject.InAwsAsync("CreateRepository", new() { ["tags"] = tags });
        await subject.InAwsAsync("PutLifecyclePolicy", new() { ["lifecyclePolicyText"] = Texts.KeepFive });
        await subject.PushAsync();
    }
}
