using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>While the next try is far off, a request or a change brings it at once.</summary>
public sealed class PatienceTests(PatienceTests.Patient environment) : ControlPlaneConformance(environment), IClassFixture<PatienceTests.Patient>
{
    [Theory]
    [InlineData(ApiNames.ForceSyncAnnotation, "ThrottlingException")]
    [InlineData(ApiNames.ForceSyncAnnotation, "KmsException")]
    [InlineData(ApiNames.PrefixedForceSyncAnnotation, "ThrottlingException")]
    public async Task A_force_sync_does_not_wait_for_the_backoff(string annotation, string refusal)
    {
        using (InterfereWithAws("app", "CreateRepository", Interference.AwsError(refusal)))
        {
            await CreateRepositoryAsync("app");
            await UntilAsync("app", value => value.Condition(ConditionTypes.Synced)?.Reason is Reasons.Throttled or Reasons.KmsKeyNotUsable);
        }

        await AnnotateAsync("app", annotation, "now");
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task An_edit_and_the_end_of_a_pause_do_not_wait_either()
    {
        using (InterfereWithAws("app", "CreateRepository", Interference.AwsError("AccessDeniedException")))
        {
            await CreateRepositoryAsync("app");
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AccessDenied);
            await AnnotateAsync("app", ApiNames.PausedAnnotation, "true");
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.Paused);
            await AnnotateAsync("app", ApiNames.PausedAnnotation, null);
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AccessDenied);
        }

        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task A_provider_asked_to_sync_heals_and_wakes_its_dependents()
    {
        var key = $"{AccessKeyId}OTHER";
        await CreateSecretAsync("other", accessKeyId: key);
        using (Environment.Aws.Interfere(request => request.AccessKeyId == key ? Interference.StsError("ServiceUnavailable", status: 503) : null))
        {
            await CreateProviderAsync("other", StaticKeys("other"));
            await UntilReasonAsync("other", ConditionTypes.Ready, Reasons.AWSUnavailable, AWSProvider.Kind);
            await CreateRepositoryAsync("app", Using("other"));
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady);

            // That it has a user now makes it look once more, in vain.
            await UntilAsync("other", value => (int?)value["status"]!["repositoryCount"] == 1, AWSProvider.Kind);
        }

        await AnnotateAsync("other", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
        await UntilReasonAsync("other", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        await UntilSyncedAsync("app");
    }

    /// <summary>A control plane that tries again by itself only when no test waits any longer.</summary>
    public sealed class Patient : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:MinRetryDelay"] = "01:00:00", ["Operator:MaxRetryDelay"] = "02:00:00" };
    }
}
