using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

public sealed class CreationTests(SandboxControlPlane environment) : CreationConformance(environment);

public sealed class UpdateTests(SandboxControlPlane environment) : UpdateConformance(environment);

public sealed class ComparisonTests(SandboxControlPlane environment) : ComparisonConformance(environment);

public sealed class DeletionTests(SandboxControlPlane environment) : DeletionConformance(environment);

public sealed class NamespaceDeletionTests(SandboxControlPlane environment) : NamespaceDeletionConformance(environment);

public sealed class GuardedDeletionTests(SandboxControlPlane environment) : GuardedDeletionConformance(environment);

public sealed class OwnershipTests(SandboxControlPlane environment) : OwnershipConformance(environment);

public sealed class UntaggedTests(SandboxControlPlane environment) : UntaggedConformance(environment);

public sealed class DeletionBrakeTests(SandboxControlPlane environment) : DeletionBrakeConformance(environment);

public sealed class IamTests(SandboxControlPlane environment) : IamConformance(environment);

public sealed class ProviderTests(SandboxControlPlane environment) : ProviderConformance(environment);

public sealed class ProviderChangeTests(SandboxControlPlane environment) : ProviderChangeConformance(environment);

public sealed class AwsFailureTests(SandboxControlPlane environment) : AwsFailureConformance(environment);

public sealed class KubernetesFailureTests(SandboxControlPlane environment) : KubernetesFailureConformance(environment);

public sealed class BadInputTests(SandboxControlPlane environment) : BadInputConformance(environment);

public sealed class KstatusTests(SandboxControlPlane environment) : KstatusConformance(environment);

public sealed class ReasonTests(SandboxControlPlane environment) : ReasonConformance(environment);

public sealed class ObserveTests(SandboxControlPlane environment) : ObserveConformance(environment);

public sealed class DeletedOutsideTests(SandboxControlPlane environment) : DeletedOutsideConformance(environment);

public sealed class RequestTests(SandboxControlPlane environment) : RequestConformance(environment);

public sealed class StatusTests(SandboxControlPlane environment) : StatusConformance(environment);

/// <summary>Runs when all others are done.</summary>
[CollectionDefinition(nameof(CallsTests), DisableParallelization = true)]
[Collection(nameof(CallsTests))]
public sealed class CallsTests(SandboxControlPlane environment) : CallsConformance(environment);
