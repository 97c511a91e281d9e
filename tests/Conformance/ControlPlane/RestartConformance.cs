using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// Wherever a silo dies, the next one ends in the right place. Each object's own requests are cut off at a point of its own, as its
/// silo's death at that point would; then the silo goes, and a fresh one finds all of them at once. It needs the environment to itself.
/// </summary>
public abstract class RestartConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    /// <summary>More than the requests of any of the three operations.</summary>
    private const int Cuts = 9;

    private static JsonObject Full => new()
    {
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["repositoryPolicyText"] = Texts.AllowPull,
        ["tags"] = new JsonObject { ["a"] = "1" },
    };

    private static JsonObject Edit => new()
    {
        ["imageTagMutability"] = "IMMUTABLE",
        ["scanOnPush"] = null,
        ["lifecyclePolicy"] = null,
        ["repositoryPolicyText"] = Texts.AllowPush,
        ["tags"] = new JsonObject { ["a"] = null, ["b"] = "2" },
    };

    [Fact]
    public async Task Create_update_and_delete_end_in_the_right_place_wherever_they_were_cut_off()
    {
        string[] created = [.. Names("create")], updated = [.. Names("update")], deleted = [.. Names("delete")], adopted = [.. Names("adopt")];
        await Task.WhenAll(adopted.Select(async name =>
        {
            await CreateInAwsAsync(name, ("foreign", "stays"));
            await PushAsync(name, "one");
        }));
        await Task.WhenAll(updated.Concat(deleted).Select(name => CreateSyncedAsync(name, Full)));
        foreach (var name in deleted)
        {
            await PushAsync(name, "one");
        }

        var cutting = new CutOff(this, [.. created, .. updated, .. deleted, .. adopted]);
        using (Environment.Kubernetes.Interfere(cutting.Judge))
        using (Environment.Aws.Interfere(cutting.Judge))
        {
            await Task.WhenAll(created.Concat(adopted).Select(name => CreateRepositoryAsync(name, Full)));
            await Task.WhenAll(updated.Select(name => PatchSpecAsync(name, Edit)));
            await Task.WhenAll(deleted.Select(name => DeleteAsync(name)));

            // What came to its end before its cut is as good a place to die at.
            await Task.WhenAll(created.Concat(updated).Concat(adopted).Select(name => Task.WhenAny(cutting.UntilCutAsync(name), UntilSyncedAsync(name)).Unwrap()));
            await Task.WhenAll(deleted.Select(name => Task.WhenAny(cutting.UntilCutAsync(name), UntilGoneAsync(name)).Unwrap()));
            await Environment.StopSiloAsync();
        }

        await Environment.StartSiloAsync();
        await Task.WhenAll(created.Concat(updated).Concat(adopted).Select(UntilSyncedAsync));
        await Task.WhenAll(deleted.Select(name => UntilGoneAsync(name)));

        foreach (var name in created)
        {
            var synced = (await Objects.FindAsync(ECRRepository.Kind, Namespace, name))!;
            Assert.Equal((name, Origins.Created), (name, (string?)synced["status"]!["origin"]));
            Assert.Equal(new() { ["a"] = "1", [ApiNames.OwnerTag] = OwnerOf(name) }, await TagsInAwsAsync(name));
            Assert.NotNull(await LifecyclePolicyInAwsAsync(name));
            Assert.NotNull(await RepositoryPolicyInAwsAsync(name));
        }

        foreach (var name in adopted)
        {
            var synced = (await Objects.FindAsync(ECRRepository.Kind, Namespace, name))!;
            Assert.Equal((name, Origins.Adopted), (name, (string?)synced["status"]!["origin"]));
            Assert.Equal(new() { ["a"] = "1", ["foreign"] = "stays", [ApiNames.OwnerTag] = OwnerOf(name) }, await TagsInAwsAsync(name));
        }

        foreach (var name in updated)
        {
            Assert.Equal(new() { ["b"] = "2", [ApiNames.OwnerTag] = OwnerOf(name) }, await TagsInAwsAsync(name));
            Assert.Equal("IMMUTABLE", (await InAwsAsync(name)).ImageTagMutability);
            Assert.False((await InAwsAsync(name)).ImageScanningConfiguration!.ScanOnPush);
            Assert.Null(await LifecyclePolicyInAwsAsync(name));
            Assert.Contains("PutImage", await RepositoryPolicyInAwsAsync(name));
        }

        foreach (var name in deleted)
        {
            Assert.Null(await FindInAwsAsync(name));
        }

        // It stays there: the owner can take away again what is its own, wherever its record was cut off.
        await Task.WhenAll(created.Select(name => PatchSpecAsync(name, new() { ["scanOnPush"] = null, ["lifecyclePolicy"] = null, ["repositoryPolicyText"] = null, ["tags"] = null })));
        await Task.WhenAll(created.Select(UntilSyncedAsync));
        foreach (var name in created)
        {
            Assert.Equal([ApiNames.OwnerTag], (await TagsInAwsAsync(name)).Keys);
            Assert.Null(await LifecyclePolicyInAwsAsync(name));
            Assert.Null(await RepositoryPolicyInAwsAsync(name));
            Assert.False((await InAwsAsync(name)).ImageScanningConfiguration!.ScanOnPush);
        }

        // The images of what was there before are nobody's to delete.
        await Task.WhenAll(adopted.Select(name => DeleteAsync(name)));
        await Task.WhenAll(adopted.Select(name => UntilReasonAsync(name, ConditionTypes.Synced, Reasons.RepositoryNotEmpty)));
    }

    [Fact]
    public async Task After_a_restart_nothing_is_written_that_holds_already()
    {
        var names = Enumerable.Range(0, 10).Select(number => $"calm-{number}").ToArray();
        await Task.WhenAll(names.Select(name => CreateSyncedAsync(name, Full)));
        await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        var (aws, kubernetes) = (AwsWrites().Count, names.Sum(name => KubernetesWrites(name).Count));

        await Environment.StopSiloAsync();
        await Environment.StartSiloAsync();
        await CreateSyncedAsync("barrier");
        await CompareAsync("barrier");

        Assert.Equal(aws + AwsWrites("barrier").Count, AwsWrites().Count);
        Assert.Equal(kubernetes, names.Sum(name => KubernetesWrites(name).Count));
    }

    [Fact]
    public async Task What_changed_while_no_silo_ran_is_caught_up_with()
    {
        await CreateSyncedAsync("edited", Full);
        await CreateSyncedAsync("deleted");
        await CreateSyncedAsync("retagged");
        await Environment.StopSiloAsync();
        await PatchSpecAsync("edited", Edit);
        await DeleteAsync("deleted");
        await CreateRepositoryAsync("created");

        await Environment.StartSiloAsync();
        await UntilSyncedAsync("edited");
        await UntilGoneAsync("deleted");
        await UntilSyncedAsync("created");

        // What was taken out of the spec meanwhile is known to be ours to take out of AWS.
        Assert.Equal(new() { ["b"] = "2", [ApiNames.OwnerTag] = OwnerOf("edited") }, await TagsInAwsAsync("edited"));
        Assert.Null(await LifecyclePolicyInAwsAsync("edited"));
        Assert.False((await InAwsAsync("edited")).ImageScanningConfiguration!.ScanOnPush);

        // Of an object that is in order the provider hears as well, before it is next compared.
        await PatchSpecAsync("aws", new() { ["defaultTags"] = new JsonObject { ["env"] = "live" } }, AWSProvider.Kind);
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("retagged") && request.Operation == "TagResource").WaitAsync(KubernetesObjects.Deadline, Cancel);
    }

    [Fact]
    public async Task An_API_server_that_streams_no_lists_is_listed()
    {
        await CreateSyncedAsync("before");
        await Environment.StopSiloAsync();
        var (refused, asked) = (new ConcurrentDictionary<string, bool>(), Environment.Kubernetes.Log.Count);

        // So does a server that is too old for it, or has it switched off.
        using (Environment.Kubernetes.Interfere(request => request.Operation.StartsWith("watch ", StringComparison.Ordinal) && refused.TryAdd(request.Operation, true)
            ? Interference.KubernetesError(422, "Invalid", "sendInitialEvents is forbidden")
            : null))
        {
            await Environment.StartSiloAsync();
            await CreateSyncedAsync("after");
            await CompareAsync("before");
        }

        Assert.Equal(["watch awsproviders", "watch ecrrepositories"], refused.Keys.Order());
        Assert.All(["list awsproviders", "list ecrrepositories"], list => Assert.Contains(Environment.Kubernetes.Log.Skip(asked), request => request.Operation == list && request.Namespace.Length == 0));
    }

    [Fact]
    public async Task A_preview_under_way_is_not_begun_again()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } });
        await AnnotateAsync("app", ApiNames.LifecyclePreviewAnnotation, "now");
        await UntilAsync("app", value => (string?)value["status"]?["lifecyclePreview"]?["state"] == LifecyclePreviewStates.InProgress);
        await Environment.StopSiloAsync();
        aws.Complete("v1");

        await Environment.StartSiloAsync();
        await UntilAsync("app", value => (string?)value["status"]?["lifecyclePreview"]?["state"] == LifecyclePreviewStates.Complete);
        Assert.Equal(1, aws.Starts);
    }

    [Fact]
    public async Task A_pause_outlives_a_restart_and_one_that_ended_meanwhile_is_caught_up_with()
    {
        string[] names = ["stays", "edited", "deleted", "changed"];
        await Task.WhenAll(names.Select(name => CreateSyncedAsync(name, Full)));
        await Task.WhenAll(names.Select(name => AnnotateAsync(name, ApiNames.PausedAnnotation, "true")));
        await Task.WhenAll(names.Select(name => UntilReasonAsync(name, ConditionTypes.Synced, Reasons.Paused)));
        await PatchSpecAsync("edited", Edit);
        await DeleteAsync("deleted");
        await TagInAwsAsync("changed", "a", "otherwise");
        await Environment.StopSiloAsync();
        await Task.WhenAll(names.Skip(1).Select(name => AnnotateAsync(name, ApiNames.PausedAnnotation, null)));
        var (calls, writes) = (AwsCalls("stays").Count, KubernetesWrites("stays").Count);

        await Environment.StartSiloAsync();
        await UntilSyncedAsync("edited");
        await UntilSyncedAsync("changed");
        await UntilGoneAsync("deleted");
        Assert.Equal("1", (await TagsInAwsAsync("changed"))["a"]);
        Assert.Equal("2", (await TagsInAwsAsync("edited"))["b"]);
        Assert.Null(await FindInAwsAsync("deleted"));

        Assert.Equal((calls, writes), (AwsCalls("stays").Count, KubernetesWrites("stays").Count));

        // A paused object is a user of its provider all the same.
        await UntilAsync("aws", value => (int?)value["status"]!["repositoryCount"] == 3, AWSProvider.Kind);
        await AnnotateAsync("stays", ApiNames.PausedAnnotation, null);
        await UntilSyncedAsync("stays");
    }

    [Fact]
    public async Task A_provider_keeps_its_count_over_a_restart()
    {
        await CreateSyncedAsync("one");
        await CreateSyncedAsync("two");
        await Objects.PatchAsync(AWSProvider.Kind, Namespace, "aws", new() { ["status"] = new JsonObject { ["repositoryCount"] = 2 } }, "status");

        await Environment.StopSiloAsync();
        await Environment.StartSiloAsync();
        await AnnotateAsync("aws", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
        var ready = await UntilAsync("aws", value => (string?)value["status"]?["lastHandledForceSync"] == "now|", AWSProvider.Kind);

        Assert.Equal(2, (int?)ready["status"]!["repositoryCount"]);
    }

    [Fact]
    public async Task Deletions_that_were_counted_or_held_stay_so_over_a_restart()
    {
        await CreateSyncedAsync("full");
        await PushAsync("full", "one");
        await Environment.StopSiloAsync();
        var deletions = new JsonObject { ["counted"] = 40, ["countedAt"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) };
        await Objects.PatchAsync(AWSProvider.Kind, Namespace, "aws", new() { ["status"] = new JsonObject { ["deletions"] = deletions } }, "status");
        await DeleteAsync("full");

        await Environment.StartSiloAsync();
        await UntilReasonAsync("full", ConditionTypes.Synced, Reasons.DeletionHeld);
        await UntilAsync("aws", value => value["status"]?["deletions"]?["heldSince"] is not null, AWSProvider.Kind);
        await Environment.StopSiloAsync();
        await Environment.StartSiloAsync();
        await CreateSyncedAsync("barrier");
        await CompareAsync("barrier");
        Assert.NotNull(await FindInAwsAsync("full"));

        await AnnotateAsync("aws", ApiNames.ReleaseDeletionAnnotation, "go", AWSProvider.Kind);
        await UntilGoneAsync("full");
        Assert.Null(await FindInAwsAsync("full"));
    }

    private static IEnumerable<string> Names(string operation) =>
        Enumerable.Range(0, Cuts).SelectMany(cut => (string[])[$"{operation}-{cut}-before", $"{operation}-{cut}-after"]);

    /// <summary>
    /// The requests of an object named <c>operation-N-before</c> are served up to the N-th, which never arrives; of one named
    /// <c>operation-N-after</c>, the N-th is served and its answer lost. From then on there is silence.
    /// </summary>
    private sealed class CutOff(RestartConformance test, string[] names)
    {
        private readonly ConcurrentDictionary<string, int> _requests = new();
        private readonly Dictionary<string, TaskCompletionSource> _cut = names.ToDictionary(name => name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        /// <summary>Completes when the object is cut off.</summary>
        public Task UntilCutAsync(string name) => _cut[name].Task.WaitAsync(KubernetesObjects.Deadline, Cancel);

        public Interference? Judge(RecordedRequest request)
        {
            var name = request.Name.StartsWith($"{test.Namespace}/", StringComparison.Ordinal) ? request.Name[(test.Namespace.Length + 1)..] : request.Namespace == test.Namespace ? request.Name : "";
            if (!_cut.TryGetValue(name, out var cut))
            {
                return null;
            }

            var (last, number) = (int.Parse(name.Split('-')[1]), _requests.AddOrUpdate(name, 0, (_, before) => before + 1));
            if (number < last)
            {
                return null;
            }

            var served = number == last && name.EndsWith("-after", StringComparison.Ordinal);
            if (!served)
            {
                cut.TrySetResult();
            }

            return served ? new() { DropAfter = true, After = () => Task.Run(cut.TrySetResult) } : new() { DropBefore = true };
        }
    }
}
