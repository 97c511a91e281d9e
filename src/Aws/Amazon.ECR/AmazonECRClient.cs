using Amazon.ECR.Internal;
using Amazon.ECR.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using InfraOperator.Aws.Protocol;

namespace Amazon.ECR;

/// <summary>The client of Amazon ECR, on AWSSDK.Core's pipeline. Safe for concurrent use.</summary>
public class AmazonECRClient : AmazonServiceClient, IAmazonECR
{
    private static readonly IServiceMetadata Metadata = new AmazonECRMetadata();

    /// <summary>Creates a client.</summary>
    /// <param name="credentials">Whose calls these are.</param>
    /// <param name="config">Region or endpoint, retries, HTTP client.</param>
    public AmazonECRClient(AWSCredentials credentials, AmazonECRConfig config)
        : base(credentials, config)
    {
    }

    /// <inheritdoc/>
    protected override IServiceMetadata ServiceMetadata => Metadata;

    /// <inheritdoc/>
    public virtual Task<CreateRepositoryResponse> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancellationToken = default) =>
        Call<CreateRepositoryRequest, CreateRepositoryResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(DescribeRepositoriesRequest request, CancellationToken cancellationToken = default) =>
        Call<DescribeRepositoriesRequest, DescribeRepositoriesResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<DeleteRepositoryResponse> DeleteRepositoryAsync(DeleteRepositoryRequest request, CancellationToken cancellationToken = default) =>
        Call<DeleteRepositoryRequest, DeleteRepositoryResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<PutLifecyclePolicyResponse> PutLifecyclePolicyAsync(PutLifecyclePolicyRequest request, CancellationToken cancellationToken = default) =>
        Call<PutLifecyclePolicyRequest, PutLifecyclePolicyResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<GetLifecyclePolicyResponse> GetLifecyclePolicyAsync(GetLifecyclePolicyRequest request, CancellationToken cancellationToken = default) =>
        Call<GetLifecyclePolicyRequest, GetLifecyclePolicyResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<DeleteLifecyclePolicyResponse> DeleteLifecyclePolicyAsync(DeleteLifecyclePolicyRequest request, CancellationToken cancellationToken = default) =>
        Call<DeleteLifecyclePolicyRequest, DeleteLifecyclePolicyResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<StartLifecyclePolicyPreviewResponse> StartLifecyclePolicyPreviewAsync(StartLifecyclePolicyPreviewRequest request, CancellationToken cancellationToken = default) =>
        Call<StartLifecyclePolicyPreviewRequest, StartLifecyclePolicyPreviewResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<GetLifecyclePolicyPreviewResponse> GetLifecyclePolicyPreviewAsync(GetLifecyclePolicyPreviewRequest request, CancellationToken cancellationToken = default) =>
        Call<GetLifecyclePolicyPreviewRequest, GetLifecyclePolicyPreviewResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<SetRepositoryPolicyResponse> SetRepositoryPolicyAsync(SetRepositoryPolicyRequest request, CancellationToken cancellationToken = default) =>
        Call<SetRepositoryPolicyRequest, SetRepositoryPolicyResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<GetRepositoryPolicyResponse> GetRepositoryPolicyAsync(GetRepositoryPolicyRequest request, CancellationToken cancellationToken = default) =>
        Call<GetRepositoryPolicyRequest, GetRepositoryPolicyResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<DeleteRepositoryPolicyResponse> DeleteRepositoryPolicyAsync(DeleteRepositoryPolicyRequest request, CancellationToken cancellationToken = default) =>
        Call<DeleteRepositoryPolicyRequest, DeleteRepositoryPolicyResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<TagResourceResponse> TagResourceAsync(TagResourceRequest request, CancellationToken cancellationToken = default) =>
        Call<TagResourceRequest, TagResourceResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<UntagResourceResponse> UntagResourceAsync(UntagResourceRequest request, CancellationToken cancellationToken = default) =>
        Call<UntagResourceRequest, UntagResourceResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<ListTagsForResourceResponse> ListTagsForResourceAsync(ListTagsForResourceRequest request, CancellationToken cancellationToken = default) =>
        Call<ListTagsForResourceRequest, ListTagsForResourceResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<PutImageScanningConfigurationResponse> PutImageScanningConfigurationAsync(PutImageScanningConfigurationRequest request, CancellationToken cancellationToken = default) =>
        Call<PutImageScanningConfigurationRequest, PutImageScanningConfigurationResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<PutImageTagMutabilityResponse> PutImageTagMutabilityAsync(PutImageTagMutabilityRequest request, CancellationToken cancellationToken = default) =>
        Call<PutImageTagMutabilityRequest, PutImageTagMutabilityResponse>(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<DescribeImagesResponse> DescribeImagesAsync(DescribeImagesRequest request, CancellationToken cancellationToken = default) =>
        Call<DescribeImagesRequest, DescribeImagesResponse>(request, cancellationToken);

    /// <inheritdoc/>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) => pipeline.AddHandlerAfter<Marshaller>(new SigV4Handler());

    private Task<TResponse> Call<TRequest, TResponse>(TRequest request, CancellationToken cancellationToken)
        where TRequest : AmazonECRRequest
        where TResponse : AmazonWebServiceResponse, new() =>
        InvokeAsync<TResponse>(request, Operation<AmazonECRMetadata, TRequest, TResponse>.Options, cancellationToken);
}
