using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.ControlPlane;

public sealed class CreationTests(RealControlPlane environment) : CreationConformance(environment);

public sealed class UpdateTests(RealControlPlane environment) : UpdateConformance(environment);

public sealed class ComparisonTests(RealControlPlane environment) : ComparisonConformance(environment);

public sealed class DeletionTests(RealControlPlane environment) : DeletionConformance(environment);

public sealed class GuardedDeletionTests(RealControlPlane environment) : GuardedDeletionConformance(environment);

public sealed class OwnershipTests(RealControlPlane environment) : OwnershipConformance(environment);

public sealed class ProviderTests(RealControlPlane environment) : ProviderConformance(environment);

public sealed class AwsFailureTests(RealControlPlane environment) : AwsFailureConformance(environment);

public sealed class KubernetesFailureTests(RealControlPlane environment) : KubernetesFailureConformance(environment);

public sealed class BadInputTests(RealControlPlane environment) : BadInputConformance(environment);

/// <summary>The mock has no previews, and that is seen too.</summary>
public sealed class LifecyclePreviewTests(RealControlPlane environment) : LifecyclePreviewConformance(environment)
{
    [Fact]
    public async Task An_AWS_without_previews_is_told_and_all_else_goes_on()
    {
        await CreateSyncedAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } });
        await AskAsync("app", "now");
        var told = await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Pending);
        Assert.StartsWith("StartLifecyclePolicyPreview: ", (string?)told["status"]!["lifecyclePreview"]!["message"], StringComparison.Ordinal);

        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("app");
        Assert.True((await InAwsAsync("app")).ImageScanningConfiguration!.ScanOnPush);
    }
}

/// <summary>Runs when the others are done, because it stops their silo.</summary>
[CollectionDefinition(nameof(RestartTests), DisableParallelization = true)]
[Collection(nameof(RestartTests))]
public sealed class RestartTests(RealControlPlane environment) : RestartConformance(environment);
