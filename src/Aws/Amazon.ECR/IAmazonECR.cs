using Amazon.ECR.Model;
using Amazon.Runtime;

namespace Amazon.ECR;

/// <summary>
/// The operations of Amazon ECR that this system calls, in the names and shapes of the AWSSDK.ECR package, which can take
/// this folder's place. Every operation throws <see cref="AmazonECRException"/> or a class derived from it for an answer of
/// AWS, and <see cref="AmazonClientException"/> or a network exception where there was none.
/// </summary>
public interface IAmazonECR : IAmazonService, IDisposable
{
    /// <summary>Creates a repository, with its tags, scanning, mutability and encryption in the same call.</summary>
    Task<CreateRepositoryResponse> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads up to 100 repositories by name (one unknown name fails all) or up to 1,000 per page.</summary>
    Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(DescribeRepositoriesRequest request, CancellationToken cancellationToken = default);

    /// <summary>Deletes a repository; with images in it only when forced.</summary>
    Task<DeleteRepositoryResponse> DeleteRepositoryAsync(DeleteRepositoryRequest request, CancellationToken cancellationToken = default);

    /// <summary>Creates or replaces the lifecycle policy.</summary>
    Task<PutLifecyclePolicyResponse> PutLifecyclePolicyAsync(PutLifecyclePolicyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the lifecycle policy.</summary>
    Task<GetLifecyclePolicyResponse> GetLifecyclePolicyAsync(GetLifecyclePolicyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Deletes the lifecycle policy.</summary>
    Task<DeleteLifecyclePolicyResponse> DeleteLifecyclePolicyAsync(DeleteLifecyclePolicyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Starts finding out what a lifecycle policy would do, without applying it. One at a time for each repository.</summary>
    Task<StartLifecyclePolicyPreviewResponse> StartLifecyclePolicyPreviewAsync(StartLifecyclePolicyPreviewRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads how far the newest preview is, and once it is complete its results, 1 to 100 per page.</summary>
    Task<GetLifecyclePolicyPreviewResponse> GetLifecyclePolicyPreviewAsync(GetLifecyclePolicyPreviewRequest request, CancellationToken cancellationToken = default);

    /// <summary>Creates or replaces the repository policy.</summary>
    Task<SetRepositoryPolicyResponse> SetRepositoryPolicyAsync(SetRepositoryPolicyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the repository policy.</summary>
    Task<GetRepositoryPolicyResponse> GetRepositoryPolicyAsync(GetRepositoryPolicyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Deletes the repository policy.</summary>
    Task<DeleteRepositoryPolicyResponse> DeleteRepositoryPolicyAsync(DeleteRepositoryPolicyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Adds tags or replaces their values; other tags stay.</summary>
    Task<TagResourceResponse> TagResourceAsync(TagResourceRequest request, CancellationToken cancellationToken = default);

    /// <summary>Removes tags; keys that are not there are no error.</summary>
    Task<UntagResourceResponse> UntagResourceAsync(UntagResourceRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads all tags.</summary>
    Task<ListTagsForResourceResponse> ListTagsForResourceAsync(ListTagsForResourceRequest request, CancellationToken cancellationToken = default);

    /// <summary>Sets whether images are scanned when pushed.</summary>
    Task<PutImageScanningConfigurationResponse> PutImageScanningConfigurationAsync(PutImageScanningConfigurationRequest request, CancellationToken cancellationToken = default);

    /// <summary>Sets whether image tags can be overwritten, and which are excepted.</summary>
    Task<PutImageTagMutabilityResponse> PutImageTagMutabilityAsync(PutImageTagMutabilityRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the images of a repository, up to 100 by identifier or up to 1,000 per page.</summary>
    Task<DescribeImagesResponse> DescribeImagesAsync(DescribeImagesRequest request, CancellationToken cancellationToken = default);

    static ClientConfig IAmazonService.CreateDefaultClientConfig() => new AmazonECRConfig();

    static IAmazonService IAmazonService.CreateDefaultServiceClient(AWSCredentials awsCredentials, ClientConfig clientConfig) =>
        new AmazonECRClient(awsCredentials, (AmazonECRConfig)clientConfig);
}
