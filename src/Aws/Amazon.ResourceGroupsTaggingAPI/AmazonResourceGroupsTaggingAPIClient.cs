using Amazon.ResourceGroupsTaggingAPI.Internal;
using Amazon.ResourceGroupsTaggingAPI.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using InfraOperator.Aws.Protocol;

namespace Amazon.ResourceGroupsTaggingAPI;

/// <summary>The client of the Resource Groups Tagging API, on AWSSDK.Core's pipeline. Safe for concurrent use.</summary>
public class AmazonResourceGroupsTaggingAPIClient : AmazonServiceClient, IAmazonResourceGroupsTaggingAPI
{
    private static readonly IServiceMetadata Metadata = new AmazonResourceGroupsTaggingAPIMetadata();

    /// <summary>Creates a client.</summary>
    /// <param name="credentials">Whose calls these are.</param>
    /// <param name="config">Region or endpoint, retries, HTTP client.</param>
    public AmazonResourceGroupsTaggingAPIClient(AWSCredentials credentials, AmazonResourceGroupsTaggingAPIConfig config)
        : base(credentials, config)
    {
    }

    /// <inheritdoc/>
    protected override IServiceMetadata ServiceMetadata => Metadata;

    /// <inheritdoc/>
    public virtual Task<GetResourcesResponse> GetResourcesAsync(GetResourcesRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync<GetResourcesResponse>(request, Operation<AmazonResourceGroupsTaggingAPIMetadata, GetResourcesRequest, GetResourcesResponse>.Options, cancellationToken);

    /// <inheritdoc/>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) => pipeline.AddHandlerAfter<Marshaller>(new SigV4Handler());
}
