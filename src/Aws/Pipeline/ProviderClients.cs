using Amazon.ECR;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecurityToken;

namespace InfraOperator.Aws.Pipeline;

/// <summary>ECR with this room's pipeline.</summary>
internal sealed class ProviderEcrClient(AWSCredentials credentials, AmazonECRConfig config) : AmazonECRClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config);
    }
}

/// <summary>STS with this room's pipeline.</summary>
internal sealed class ProviderStsClient(AWSCredentials credentials, AmazonSecurityTokenServiceConfig config) : AmazonSecurityTokenServiceClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ProviderPipeline.Install(pipeline, Config);
    }
}

/// <summary>What both have instead of the SDK's own.</summary>
internal static class ProviderPipeline
{
    public static void Install(RuntimePipeline pipeline, IClientConfig config)
    {
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new ProviderRetryPolicy(config.MaxErrorRetry)));
        pipeline.AddHandlerAfter<RetryHandler>(new AttemptHandler());
    }
}
