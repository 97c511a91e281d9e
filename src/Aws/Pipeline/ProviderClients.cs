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
        ProviderPipeline.Install(pipeline, Config, metrics);
    }
}

/// <summary>The tagging API with this room's pipeline.</summary>
internal sealed class ProviderTaggingClient(AWSCredentials credentials, AmazonResourceGroupsTaggingAPIConfig config, AwsMetrics metrics) : AmazonResourceGroupsTaggingAPIClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config, metrics);
    }
}

/// <summary>STS with this room's pipeline.</summary>
internal sealed class ProviderStsClient(AWSCredentials credentials, AmazonSecurityTokenServiceConfig config, AwsMetrics metrics) : AmazonSecurityTokenServiceClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config, metrics);
    }
}

/// <summary>What all have instead of the SDK's own.</summary>
internal static class ProviderPipeline
{
    public static void Install(RuntimePipeline pipeline, IClientConfig config, AwsMetrics metrics)
    {
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new ProviderRetryPolicy(config.MaxErrorRetry)));
        pipeline.AddHandlerAfter<RetryHandler>(new AttemptHandler(metrics));
    }
}
