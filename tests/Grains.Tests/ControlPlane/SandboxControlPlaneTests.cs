using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

public sealed class CreationTests(SandboxControlPlane environment) : CreationConformance(environment);
