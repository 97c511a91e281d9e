using Amazon.Runtime;

namespace Amazon.ResourceGroupsTaggingAPI.Model;

/// <summary>
/// The request of <see cref="IAmazonResourceGroupsTaggingAPI.GetResourcesAsync"/>: by ARN, or by type and in pages, not both.
/// </summary>
public partial class GetResourcesRequest : AmazonResourceGroupsTaggingAPIRequest
{
    /// <summary>The resources' ARNs, 1 to 100. Excludes all other members.</summary>
    public List<string>? ResourceARNList { get; set; }

    /// <summary>The types to read, as in the ARN: <c>ecr:repository</c>, or <c>ecr</c> for all of a service. None: all resources of the account in the region.</summary>
    public List<string>? ResourceTypeFilters { get; set; }

    /// <summary>How many resources a page holds at most, 1 to 100. A page may hold fewer although others follow.</summary>
    public int? ResourcesPerPage { get; set; }

    /// <summary>The token of the page before; null or empty for the first page. Good for 15 minutes.</summary>
    public string? PaginationToken { get; set; }
}

/// <summary>The answer of <see cref="IAmazonResourceGroupsTaggingAPI.GetResourcesAsync"/>.</summary>
public partial class GetResourcesResponse : AmazonWebServiceResponse
{
    /// <summary>Asks for the next page; null or empty on the last one.</summary>
    public string? PaginationToken { get; set; }

    /// <summary>The resources, in no order that AWS promises.</summary>
    public List<ResourceTagMapping>? ResourceTagMappingList { get; set; }
}

/// <summary>A resource and its tags.</summary>
public partial class ResourceTagMapping
{
    /// <summary>The resource's ARN.</summary>
    public string? ResourceARN { get; set; }

    /// <summary>All its tags; empty where it bore some once.</summary>
    public List<Tag>? Tags { get; set; }
}

/// <summary>A tag.</summary>
public partial class Tag
{
    /// <summary>The key.</summary>
    public string? Key { get; set; }

    /// <summary>The value.</summary>
    public string? Value { get; set; }
}
