using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace InfraOperator.Aws.Protocol;

/// <summary>The endpoint rules that services without peculiarities share.</summary>
internal static class ServiceEndpoint
{
    /// <summary>The override, else by region, FIPS and dual stack.</summary>
    /// <param name="config">What is asked for.</param>
    /// <param name="parameters">The operation; these rules do not look at it.</param>
    /// <param name="host">What stands before the region in the host's name.</param>
    /// <param name="dualStackHost">The same of the dual stack endpoint.</param>
    /// <exception cref="AmazonClientException">Neither region nor override is set, or the override is combined with FIPS or dual stack.</exception>
    public static Endpoint Of(ClientConfig config, ServiceOperationEndpointParameters parameters, string host, string dualStackHost)
    {
        if (config.ServiceURL is { Length: > 0 } url)
        {
            return config.UseFIPSEndpoint || config.UseDualstackEndpoint
                ? throw new AmazonClientException("Invalid Configuration: FIPS and dual stack cannot be combined with a custom endpoint.")
                : new Endpoint(url.EndsWith('/') ? url : url + "/");
        }

        var region = (parameters.AlternateEndpoint ?? config.RegionEndpoint)?.SystemName
            ?? throw new AmazonClientException("Invalid Configuration: Missing Region.");
        var partition = Fn.Partition(region);
        var fips = config.UseFIPSEndpoint ? "-fips" : "";
        return new Endpoint(config.UseDualstackEndpoint
            ? $"https://{dualStackHost}{fips}.{region}.{partition.dualStackDnsSuffix}/"
            : $"https://{host}{fips}.{region}.{partition.dnsSuffix}/");
    }
}
