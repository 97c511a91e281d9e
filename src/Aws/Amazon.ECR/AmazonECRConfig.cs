using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Util.Internal;

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
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        if (ServiceURL is { Length: > 0 } url)
        {
            return UseFIPSEndpoint || UseDualstackEndpoint
                ? throw new AmazonClientException("Invalid Configuration: FIPS and dual stack cannot be combined with a custom endpoint.")
                : new Endpoint(url.EndsWith('/') ? url : url + "/");
        }

        var region = (parameters.AlternateEndpoint ?? RegionEndpoint)?.SystemName
            ?? throw new AmazonClientException("Invalid Configuration: Missing Region.");
        var partition = Fn.Partition(region);
        var fips = UseFIPSEndpoint ? "-fips" : "";
        return new Endpoint(UseDualstackEndpoint
            ? $"https://ecr{fips}.{region}.{partition.dualStackDnsSuffix}/"
            : $"https://api.ecr{fips}.{region}.{partition.dnsSuffix}/");
    }

    private sealed class StandardDefaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode) =>
            new DefaultConfiguration { RetryMode = RequestRetryMode.Standard };
    }
}
