using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// Nothing is deleted on yesterday's word: whatever changes between the decision and the call, a repository that is no longer to
/// be deleted, or no longer ours, stays.
/// </summary>
public abstract class GuardedDeletionConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    /// <summary>The last read of the object before the call: whatever happens here, happens after the decision.</summary>
    private const string ProofOfTheObject = "get ecrrepositories";

    [Fact]
    public async Task A_policy_changed_at_the_last_moment_is_heeded()
    {
        await CreateSyncedAsync("spared");
        using (InterfereWithKubernetes("spared", ProofOfTheObject, new() { Before = () => PatchSpecAsync("spared", new() { ["deletionPolicy"] = "Retain" }) }, times: 1))
        {
            await DeleteAsync("spared");
            await UntilGoneAsync("spared");
        }

        Assert.DoesNotContain("DeleteRepository", AwsCalls("spared"));
        Assert.Equal($"released/{OwnerOf("spared")}", (await TagsInAwsAsync("spared"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task Force_taken_back_at_the_last_moment_is_heeded()
    {
        await CreateSyncedAsync("unforced");
        await PushAsync("unforced", "one");
        using (InterfereWithKubernetes("unforced", ProofOfTheObject, new() { Before = () => PatchSpecAsync("unforced", new() { ["forceDelete"] = false }) }, times: 1))
        {
            await DeleteAsync("unforced");
            await UntilReasonAsync("unforced", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
        }

        Assert.NotNull(await FindInAwsAsync("unforced"));
    }

    [Fact]
    public async Task A_pause_at_the_last_moment_is_heeded()
    {
        await CreateSyncedAsync("halted");
        using (InterfereWithKubernetes("halted", ProofOfTheObject, new() { Before = () => AnnotateAsync("halted", ApiNames.PausedAnnotation, "true") }, times: 1))
        {
            await DeleteAsync("halted");
            await UntilReasonAsync("halted", ConditionTypes.Synced, Reasons.Paused);
        }

        Assert.DoesNotContain("DeleteRepository", AwsCalls("halted"));
    }

    [Fact]
    public async Task An_object_made_anew_keeps_its_repository()
    {
        await CreateSyncedAsync("renewed");
        async Task RenewAsync()
        {
            await Objects.PatchAsync(ECRRepository.Kind, Namespace, "renewed", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
            await UntilGoneAsync("renewed");
            await CreateRepositoryAsync("renewed", new() { ["tags"] = new JsonObject { ["second"] = "yes" } });
        }

        using (InterfereWithKubernetes("renewed", ProofOfTheObject, new() { Before = RenewAsync }, times: 1))
        {
            await DeleteAsync("renewed");
            await UntilAsync("renewed", value => value.IsSynced() && value["spec"]!["tags"] is not null);
        }

        Assert.DoesNotContain("DeleteRepository", AwsCalls("renewed"));
        Assert.Equal("yes", (await TagsInAwsAsync("renewed"))["second"]);
    }

    [Fact]
    public async Task A_repository_made_anew_by_somebody_else_stays()
    {
        await CreateSyncedAsync("retaken");
        async Task RetakeAsync()
        {
            await DeleteInAwsAsync("retaken");
            await CreateInAwsAsync("retaken", (ApiNames.OwnerTag, "suite/other/retaken"));
        }

        using (InterfereWithKubernetes("retaken", ProofOfTheObject, new() { Before = RetakeAsync }, times: 1))
        {
            await DeleteAsync("retaken");
            await UntilGoneAsync("retaken");
        }

        Assert.DoesNotContain("DeleteRepository", AwsCalls("retaken"));
        Assert.Equal("suite/other/retaken", (await TagsInAwsAsync("retaken"))[ApiNames.OwnerTag]);
        Assert.Contains(await Objects.EventsAsync(Namespace, "retaken"), item => (string?)item["reason"] == "LeftInAWS" && (string?)item["type"] == "Warning");
    }

    [Fact]
    public async Task A_repository_that_was_made_anew_after_a_look_that_missed_it_is_not_deleted_by_force()
    {
        await CreateSyncedAsync("missed");
        await PushAsync("missed", "precious");
        var (proving, called) = (false, false);

        // The look before the call says "not found". The call is made all the same, since AWS may only lag, but without force:
        // what stands under that name by then may be somebody else's.
        using var proof = Environment.Kubernetes.Interfere(request =>
        {
            proving |= request.Namespace == Namespace && request.Name == "missed" && request.Operation == ProofOfTheObject && !called;
            return null;
        });
        using var lag = Environment.Aws.Interfere(request =>
        {
            var missed = proving && request.Name == RepositoryOf("missed") && request.Operation == "DescribeRepositories";
            proving &= !missed;
            called |= request.Name == RepositoryOf("missed") && request.Operation == "DeleteRepository";
            return missed ? Interference.AwsError("RepositoryNotFoundException") : null;
        });
        await DeleteAsync("missed");
        await UntilGoneAsync("missed");

        var calls = Environment.Aws.Log.Where(request => request.Name == RepositoryOf("missed") && request.Operation == "DeleteRepository").Select(request => (bool?)JsonNode.Parse(request.Body)!["force"] ?? false).ToArray();
        Assert.False(calls[0]);
        Assert.True(calls[^1]);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task Without_a_proof_of_the_object_nothing_is_deleted(int code)
    {
        await CreateSyncedAsync("unproven");
        using (InterfereWithKubernetes("unproven", ProofOfTheObject, Interference.KubernetesError(code, "InternalError"), times: 3))
        {
            await DeleteAsync("unproven");
            await Environment.Kubernetes.UntilAsync(request => request.Namespace == Namespace && request.Name == "unproven" && request.Operation == ProofOfTheObject, 3).WaitAsync(KubernetesObjects.Deadline, Cancel);
            Assert.DoesNotContain("DeleteRepository", AwsCalls("unproven"));
        }

        await UntilGoneAsync("unproven");
        Assert.Null(await FindInAwsAsync("unproven"));
    }

    [Fact]
    public async Task A_proof_that_took_too_long_is_none()
    {
        await CreateSyncedAsync("slow");
        using (InterfereWithAws("slow", "ListTagsForResource", new() { Before = static () => Task.Delay(TimeSpan.FromSeconds(2.1), Cancel) }, times: 2))
        {
            await DeleteAsync("slow");
            await UntilGoneAsync("slow");
        }

        // Seen, proven too slowly, seen again, proven in time.
        Assert.True(AwsCalls("slow").Count(operation => operation == "DescribeRepositories") >= 4);
        Assert.Single(AwsCalls("slow"), "DeleteRepository");
    }

    [Fact]
    public async Task An_object_that_somebody_let_go_while_it_was_proven_costs_nothing_in_AWS()
    {
        await CreateSyncedAsync("freed");
        using (InterfereWithKubernetes("freed", ProofOfTheObject, new()
        {
            Before = () => Objects.PatchAsync(ECRRepository.Kind, Namespace, "freed", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }),
        }, times: 1))
        {
            await DeleteAsync("freed");
            await UntilGoneAsync("freed");
            await CreateSyncedAsync("beside");
        }

        Assert.NotNull(await FindInAwsAsync("freed"));
        Assert.DoesNotContain("DeleteRepository", AwsCalls("freed"));
    }
}
