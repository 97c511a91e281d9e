using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Util.Internal;
using InfraOperator.Aws.Protocol;

namespace Amazon.ECR;

/// <summary>The configuration of an <see cref="AmazonECRClient"/>.</summary>
public class AmazonECRConfig : ClientConfig
{
    private static readonly string Agent = InternalSDKUtils.BuildUserAgentString("ECR", "4.0");

    /// <summary>Creates a configuration with the SDK's standard retries.</summary>
    public AmazonECRConfig()
        : base(new StandardDefaults())
    {
        ServiceId = "ECR";
        AuthenticationServiceName = "ecr";
    }

    /// <inheritdoc/>
    public override string RegionEndpointServiceName => "api.ecr";

    /// <inheritdoc/>
    public override string ServiceVersion => "2015-09-21";

    /// <inheritdoc/>
    public override string UserAgent => Agent;

    /// <summary>The endpoint by the service's endpoint rules: the override, else by region, FIPS and dual stack.</summary>
    /// <param name="parameters">The operation; ECR's endpoint does not depend on it.</param>
    /// <exception cref="AmazonClientException">Neither region nor override is set, or the override is combined with FIPS or dual stack.</exception>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        ServiceEndpoint.Of(this, parameters, host: "api.ecr", dualStackHost: "ecr");
}
