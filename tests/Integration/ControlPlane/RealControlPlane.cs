using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration.ControlPlane;
using InfraOperator.Sandbox.Ecr;

[assembly: AssemblyFixture(typeof(RealControlPlane))]
[assembly: TestCollectionOrderer(typeof(CallsLast))]

namespace InfraOperator.Integration.ControlPlane;

/// <summary>
/// The control plane between the real API server and moto. It starts with the first test of this namespace, and must be the only
/// control plane of that API server: the namespace is run by itself.
/// </summary>
public class RealControlPlane : ControlPlaneEnvironment
{
    // moto's.
    private const string AccountId = "123456789012";

    public override Uri AwsUrl => IntegrationEnvironment.AwsEndpointUrl;

    /// <summary>moto knows no permissions: the proxy before it denies what the policy does not allow, as the sandbox does.</summary>
    public override IDisposable Enforce(string accessKeyId, IdentityPolicy policy)
    {
        var permissions = new EcrPermissions();
        permissions.Set(accessKeyId, policy);
        return Aws.Interfere(request =>
            request.Actions.Any(action => !action.StartsWith("sts:", StringComparison.Ordinal))
            && permissions.Refusal(request.AccessKeyId, $"arn:aws:iam::{AccountId}:user/moto", request.Operation, $"arn:aws:ecr:us-east-1:{AccountId}:repository/", request.Body) is { } refusal
                ? Interference.AwsError("AccessDeniedException", refusal)
                : null);
    }

    protected override Task StartServersAsync() => CustomResourceDefinitions.EnsureAppliedAsync();

    protected override HttpClient OpenKubernetes() => IntegrationEnvironment.OpenKubernetes();
}
