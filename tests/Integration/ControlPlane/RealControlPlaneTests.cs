using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.ControlPlane;

public sealed class CreationTests(RealControlPlane environment) : CreationConformance(environment);

public sealed class UpdateTests(RealControlPlane environment) : UpdateConformance(environment);

public sealed class ComparisonTests(RealControlPlane environment) : ComparisonConformance(environment);

public sealed class SweepTests(RealControlPlane environment) : SweepConformance(environment);

public sealed class DeletionTests(RealControlPlane environment) : DeletionConformance(environment);

public sealed class NamespaceDeletionTests(RealControlPlane environment) : NamespaceDeletionConformance(environment);

public sealed class GuardedDeletionTests(RealControlPlane environment) : GuardedDeletionConformance(environment);

public sealed class OwnershipTests(RealControlPlane environment) : OwnershipConformance(environment);

public sealed class UntaggedTests(RealControlPlane environment) : UntaggedConformance(environment);

public sealed class DeletionBrakeTests(RealControlPlane environment) : DeletionBrakeConformance(environment);

public sealed class IamTests(RealControlPlane environment) : IamConformance(environment);

public sealed class ProviderTests(RealControlPlane environment) : ProviderConformance(environment);

public sealed class ProviderChangeTests(RealControlPlane environment) : ProviderChangeConformance(environment);

public sealed class TenancyTests(RealControlPlane environment) : TenancyConformance(environment);

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

public sealed class KstatusTests(RealControlPlane environment) : KstatusConformance(environment);

public sealed class ReasonTests(RealControlPlane environment) : ReasonConformance(environment);

public sealed class ObserveTests(RealControlPlane environment) : ObserveConformance(environment);

public sealed class DeletedOutsideTests(RealControlPlane environment) : DeletedOutsideConformance(environment);

public sealed class RequestTests(RealControlPlane environment) : RequestConformance(environment);

public sealed class StatusTests(RealControlPlane environment) : StatusConformance(environment);

/// <summary>Runs when the others are done, because it stops their silo.</summary>
[CollectionDefinition(nameof(RestartTests), DisableParallelization = true)]
[Collection(nameof(RestartTests))]
public sealed class RestartTests(RealControlPlane environment) : RestartConformance(environment);

/// <summary>Runs when all others are done.</summary>
[CollectionDefinition(nameof(CallsTests), DisableParallelization = true)]
[Collection(nameof(CallsTests))]
public sealed class CallsTests(RealControlPlane environment) : CallsConformance(environment);

/// <inheritdoc cref="CallsTests"/>
[Collection(nameof(CallsTests))]
public sealed class SecretsTests(RealControlPlane environment) : SecretsConformance(environment);
