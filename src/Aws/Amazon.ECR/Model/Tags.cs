using System.Text.Json.Serialization;
using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The request of <see cref="IAmazonECR.TagResourceAsync"/>.</summary>
public partial class TagResourceRequest : AmazonECRRequest
{
    /// <summary>The repository's ARN. Required.</summary>
    public string? ResourceArn { get; set; }

    /// <summary>Tags, at most 50 on a repository. Required.</summary>
    public List<Tag>? Tags { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.TagResourceAsync"/>.</summary>
public partial class TagResourceResponse : AmazonWebServiceResponse;

/// <summary>The request of <see cref="IAmazonECR.UntagResourceAsync"/>.</summary>
public partial class UntagResourceRequest : AmazonECRRequest
{
    /// <summary>The repository's ARN. Required.</summary>
    public string? ResourceArn { get; set; }

    /// <summary>The keys to remove. Required.</summary>
    public List<string>? TagKeys { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.UntagResourceAsync"/>.</summary>
public partial class UntagResourceResponse : AmazonWebServiceResponse;

/// <summary>The request of <see cref="IAmazonECR.ListTagsForResourceAsync"/>.</summary>
public partial class ListTagsForResourceRequest : AmazonECRRequest
{
    /// <summary>The repository's ARN. Required.</summary>
    public string? ResourceArn { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.ListTagsForResourceAsync"/>.</summary>
public partial class ListTagsForResourceResponse : AmazonWebServiceResponse
{
    /// <summary>Tags, at most 50 on a repository.</summary>
    public List<Tag>? Tags { get; set; }
}

/// <summary>A tag.</summary>
public partial class Tag
{
    /// <summary>The key, at most 128 characters; <c>aws:</c> is AWS's own. Required.</summary>
    [JsonPropertyName("Key")]
    public string? Key { get; set; }

    /// <summary>The value, at most 256 characters. Required.</summary>
    [JsonPropertyName("Value")]
    public string? Value { get; set; }
}
