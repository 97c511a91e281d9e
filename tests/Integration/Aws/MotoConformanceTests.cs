using InfraOperator.Conformance.Ecr;

namespace InfraOperator.Integration.Aws;

/// <summary>The ECR suite on an implementation that is not ours.</summary>
public sealed class MotoConformanceTests : EcrConformance
{
    protected override Uri Endpoint => IntegrationEnvironment.AwsEndpointUrl;
}
