using Amazon.Runtime;

namespace Amazon.ResourceGroupsTaggingAPI.Model;

/// <summary>The base of all requests to the Resource Groups Tagging API.</summary>
public partial class AmazonResourceGroupsTaggingAPIRequest : AmazonWebServiceRequest;
