using Amazon.ECR;
using Amazon.ResourceGroupsTaggingAPI;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecurityToken;

namespace InfraOperator.Aws.Pipeline;

/// <summary>ECR with this room's pipeline.</summary>
internal sealed class ProviderEcrClient(AWSCredentials credentials, AmazonECRConfig config, AwsMetrics metrics) : AmazonECRClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config, metrics, retriesThrottles: false);
    }
}

/// <summary>The tagging API with this room's pipeline.</summary>
internal sealed class ProviderTaggingClient(AWSCredentials credentials, AmazonResourceGroupsTaggingAPIConfig config, AwsMetrics metrics) : AmazonResourceGroupsTaggingAPIClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config, metrics, retriesThrottles: false);
    }
}

/// <summary>STS with this room's pipeline.</summary>
internal sealed class ProviderStsClient(AWSCredentials credentials, AmazonSecurityTokenServiceConfig config, AwsMetrics metrics) : AmazonSecurityTokenServiceClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config, metrics, retriesThrottles: true);
    }
}

/// <summary>What all have instead of the SDK's own.</summary>
internal static class ProviderPipeline
{
    public static void Install(RuntimePipeline pipeline, IClientConfig config, AwsMetrics metrics, bool retriesThrottles)
    {
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new ProviderRetryPolicy(config.MaxErrorRetry, retriesThrottles)));
        pipeline.AddHandlerAfter<RetryHandler>(new AttemptHandler(metrics));
    }
}
