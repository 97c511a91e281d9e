using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace InfraOperator.Aws.Protocol;

/// <summary>The defaults of a client's configuration: the SDK's standard retries.</summary>
internal sealed class StandardDefaults : IDefaultConfigurationProvider
{
    public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode) =>
        new DefaultConfiguration { RetryMode = RequestRetryMode.Standard };
}
