using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Util.Internal;
using InfraOperator.Aws.Protocol;

namespace Amazon.ResourceGroupsTaggingAPI;

/// <summary>The configuration of an <see cref="AmazonResourceGroupsTaggingAPIClient"/>.</summary>
public class AmazonResourceGroupsTaggingAPIConfig : ClientConfig
{
    private static readonly string Agent = InternalSDKUtils.BuildUserAgentString("Resource Groups Tagging API", "4.0");

    /// <summary>Creates a configuration with the SDK's standard retries.</summary>
    public AmazonResourceGroupsTaggingAPIConfig()
        : base(new StandardDefaults())
    {
        ServiceId = "Resource Groups Tagging API";
        AuthenticationServiceName = "tagging";
    }

    /// <inheritdoc/>
    public override string RegionEndpointServiceName => "tagging";

    /// <inheritdoc/>
    public override string ServiceVersion => "2017-01-26";

    /// <inheritdoc/>
    public override string UserAgent => Agent;

    /// <summary>The endpoint by the service's endpoint rules: the override, else by region, FIPS and dual stack.</summary>
    /// <param name="parameters">The operation; the tagging API's endpoint does not depend on it.</param>
    /// <exception cref="AmazonClientException">Neither region nor override is set, or the override is combined with FIPS or dual stack.</exception>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        ServiceEndpoint.Of(this, parameters, host: "tagging", dualStackHost: "tagging");
}
