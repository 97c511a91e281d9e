using Amazon.ResourceGroupsTaggingAPI.Model;
using Amazon.Runtime;

namespace Amazon.ResourceGroupsTaggingAPI;

/// <summary>
/// The operation of the Resource Groups Tagging API that this system calls, in the names and shapes of the
/// AWSSDK.ResourceGroupsTaggingAPI package, which can take this folder's place. It throws
/// <see cref="AmazonResourceGroupsTaggingAPIException"/> or a class derived from it for an answer of AWS, and
/// <see cref="AmazonClientException"/> or a network exception where there was none.
/// </summary>
public interface IAmazonResourceGroupsTaggingAPI : IAmazonService, IDisposable
{
    /// <summary>
    /// Reads the tags of up to 100 resources by ARN, or of all that the filters let through, up to 100 per page. Resources that do
    /// not exist or never bore a tag are left out; those whose last tag was removed come without tags. The answer may be older than
    /// that of the resource's own service.
    /// </summary>
    Task<GetResourcesResponse> GetResourcesAsync(GetResourcesRequest request, CancellationToken cancellationToken = default);

    static ClientConfig IAmazonService.CreateDefaultClientConfig() => new AmazonResourceGroupsTaggingAPIConfig();

    static IAmazonService IAmazonService.CreateDefaultServiceClient(AWSCredentials awsCredentials, ClientConfig clientConfig) =>
        new AmazonResourceGroupsTaggingAPIClient(awsCredentials, (AmazonResourceGroupsTaggingAPIConfig)clientConfig);
}
