using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>In every phase of an object's life, what kstatus makes of it is what is the case.</summary>
public abstract class KstatusConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    [Fact]
    public async Task What_was_just_applied_is_in_progress_and_current_once_it_holds()
    {
        Assert.Equal(Kstatus.InProgress, (await CreateProviderAsync("new", StaticKeys())).Kstatus());
        Assert.Equal(Kstatus.InProgress, (await CreateRepositoryAsync("app", Using("new"))).Kstatus());

        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
        Assert.Equal(Kstatus.Current, (await UntilReasonAsync("new", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind)).Kstatus());
    }

    [Fact]
    public async Task Without_its_provider_an_object_has_failed_until_that_appears()
    {
        await CreateRepositoryAsync("app", Using("later"));
        Assert.Equal(Kstatus.Failed, (await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotFound)).Kstatus());

        // A provider that is broken has failed; who waits for it is in progress.
        await CreateProviderAsync("later", StaticKeys("later"));
        Assert.Equal(Kstatus.InProgress, (await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady)).Kstatus());
        Assert.Equal(Kstatus.Failed, (await UntilReasonAsync("later", ConditionTypes.Ready, Reasons.SecretNotFound, AWSProvider.Kind)).Kstatus());

        await CreateSecretAsync("later");
        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
    }

    [Fact]
    public async Task A_repository_being_made_is_in_progress_until_AWS_shows_it()
    {
        var gate = new Gate();
        using (InterfereWithAws("app", "CreateRepository", gate.Holding))
        {
            await CreateRepositoryAsync("app");
            await gate.ReachedAsync();
            Assert.Equal(Kstatus.InProgress, (await FindAsync("app")).Kstatus());
            gate.Open();
            await UntilSyncedAsync("app");
        }

        using (InterfereWithAws("app", "DescribeRepositories", Interference.AwsError("RepositoryNotFoundException")))
        {
            Assert.Equal(Kstatus.InProgress, (await CompareAsync("app")).Kstatus());
        }

        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
    }

    [Fact]
    public async Task An_edit_is_in_progress_until_it_holds_and_so_is_a_providers()
    {
        await CreateSyncedAsync("app");
        var (write, proof) = (new Gate(), new Gate());
        using (InterfereWithAws("app", "PutImageScanningConfiguration", write.Holding))
        {
            await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
            await write.ReachedAsync();
            Assert.Equal(Kstatus.InProgress, (await FindAsync("app")).Kstatus());
            write.Open();
            Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
        }

        await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        using (Environment.Aws.Interfere(request => request.AccessKeyId == AccessKeyId && request.Operation == "GetCallerIdentity" ? proof.Holding : null))
        {
            await PatchSpecAsync("aws", new() { ["region"] = "eu-west-1" }, AWSProvider.Kind);
            await proof.ReachedAsync();
            Assert.Equal(Kstatus.InProgress, (await FindAsync("aws", AWSProvider.Kind)).Kstatus());
            proof.Open();
        }

        Assert.Equal(Kstatus.Current, (await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind)).Kstatus());
    }

    [Fact]
    public async Task An_edit_that_comes_while_an_object_is_claimed_is_not_told_as_applied()
    {
        var gate = new Gate();
        using (InterfereWithKubernetes("app", "patch ecrrepositories", new() { Before = () => PatchSpecAsync("app", new() { ["scanOnPush"] = true }) }, times: 1))
        using (InterfereWithAws("app", "PutImageScanningConfiguration", gate.Holding))
        {
            await CreateRepositoryAsync("app");
            await gate.ReachedAsync();
            var told = await UntilAsync("app", value => value["status"]?["repositoryArn"] is not null);

            Assert.Equal((1, 2), ((long?)told["status"]!["observedGeneration"], (long?)told["metadata"]!["generation"]));
            Assert.Equal(Kstatus.InProgress, told.Kstatus());
            gate.Open();
        }

        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
    }

    [Fact]
    public async Task A_bad_policy_on_a_good_repository_has_failed()
    {
        await CreateRepositoryAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = "garbage" } });
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.InvalidLifecyclePolicy);

        Assert.Equal(Kstatus.Failed, told.Kstatus());
        Assert.True((bool)told["status"]!["ready"]!);
    }

    [Fact]
    public async Task What_is_tried_again_by_itself_is_in_progress()
    {
        await CreateSyncedAsync("app");
        using (InterfereWithAws("app", "DescribeRepositories", Interference.AwsError("ThrottlingException")))
        {
            var told = await CompareAsync("app");
            Assert.Equal(Reasons.Throttled, told.Condition(ConditionTypes.Reconciling)!.Value.Reason);
            Assert.Equal(Kstatus.InProgress, told.Kstatus());
        }

        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());

        var key = $"{AccessKeyId}SLOW";
        await CreateSecretAsync("slow", accessKeyId: key);
        using (Environment.Aws.Interfere(request => request.AccessKeyId == key ? Interference.StsError("ServiceUnavailable", status: 503) : null))
        {
            await CreateProviderAsync("slow", StaticKeys("slow"));
            Assert.Equal(Kstatus.InProgress, (await UntilReasonAsync("slow", ConditionTypes.Ready, Reasons.AWSUnavailable, AWSProvider.Kind)).Kstatus());
        }

        Assert.Equal(Kstatus.Current, (await UntilReasonAsync("slow", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind)).Kstatus());
    }

    [Fact]
    public async Task A_pause_is_no_failure_but_what_it_holds_up_is()
    {
        await CreateSyncedAsync("app");
        await AnnotateAsync("app", ApiNames.PausedAnnotation, "true");
        var paused = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.Paused);
        Assert.Equal((Kstatus.Current, ConditionStatus.Unknown), (paused.Kstatus(), paused.Condition(ConditionTypes.Synced)!.Value.Status));

        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        Assert.Equal(Kstatus.Failed, (await UntilReasonAsync("app", ConditionTypes.Stalled, Reasons.Paused)).Kstatus());

        await AnnotateAsync("app", ApiNames.PausedAnnotation, null);
        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
    }

    [Fact]
    public async Task Drift_that_is_only_reported_has_failed_until_the_spec_changes()
    {
        await CreateSyncedAsync("app", new() { ["driftPolicy"] = "Report", ["tags"] = new JsonObject { ["a"] = "1" } });
        await TagInAwsAsync("app", "a", "2");
        var told = await CompareAsync("app");
        Assert.Equal(Kstatus.Failed, told.Kstatus());
        Assert.True((bool)told["status"]!["ready"]!);

        await PatchSpecAsync("app", new() { ["tags"] = new JsonObject { ["b"] = "2" } });
        Assert.Equal(Kstatus.Current, (await UntilSyncedAsync("app")).Kstatus());
    }

    [Fact]
    public async Task What_is_being_deleted_terminates_whatever_holds_it()
    {
        await CreateSyncedAsync("app");
        await AnnotateAsync("app", ApiNames.PausedAnnotation, "true");
        await DeleteAsync("app");
        await DeleteAsync("aws", AWSProvider.Kind);

        Assert.Equal(Kstatus.Terminating, (await UntilReasonAsync("app", ConditionTypes.Stalled, Reasons.Paused)).Kstatus());
        Assert.Equal(Kstatus.Terminating, (await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Deleting, AWSProvider.Kind)).Kstatus());
    }

    private async Task<JsonObject> FindAsync(string name, string kind = ECRRepository.Kind) => (await Objects.FindAsync(kind, Namespace, name))!;

    /// <summary>Holds a request until it is opened.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Interference Holding => new()
        {
            Before = () =>
            {
                _reached.TrySetResult();
                return _open.Task;
            },
        };

        public Task ReachedAsync() => _reached.Task.WaitAsync(KubernetesObjects.Deadline, Cancel);

        public void Open() => _open.TrySetResult();
    }
}
