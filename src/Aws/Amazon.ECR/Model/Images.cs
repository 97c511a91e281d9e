using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The request of <see cref="IAmazonECR.PutImageScanningConfigurationAsync"/>.</summary>
public partial class PutImageScanningConfigurationRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Scanning of pushed images. Required.</summary>
    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.PutImageScanningConfigurationAsync"/>.</summary>
public partial class PutImageScanningConfigurationResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Scanning of pushed images.</summary>
    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.PutImageTagMutabilityAsync"/>.</summary>
public partial class PutImageTagMutabilityRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Whether image tags can be overwritten. Required.</summary>
    public ImageTagMutability? ImageTagMutability { get; set; }

    /// <summary>Which image tags are excepted, 1 to 5; only with the modes that have exclusions.</summary>
    public List<ImageTagMutabilityExclusionFilter>? ImageTagMutabilityExclusionFilters { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.PutImageTagMutabilityAsync"/>.</summary>
public partial class PutImageTagMutabilityResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Whether image tags can be overwritten.</summary>
    public ImageTagMutability? ImageTagMutability { get; set; }

    /// <summary>Which image tags are excepted, 1 to 5; only with the modes that have exclusions.</summary>
    public List<ImageTagMutabilityExclusionFilter>? ImageTagMutabilityExclusionFilters { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.DescribeImagesAsync"/>.</summary>
public partial class DescribeImagesRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>1 to 100 images; not together with paging.</summary>
    public List<ImageIdentifier>? ImageIds { get; set; }

    /// <summary>Where the next page starts; absent on the last.</summary>
    public string? NextToken { get; set; }

    /// <summary>How many per page, 1 to 1,000; AWS's default is 100.</summary>
    public int? MaxResults { get; set; }

    /// <summary>Which to read, or which tags match: letters, digits, <c>._-</c> and <c>*</c>, at most 128.</summary>
    public DescribeImagesFilter? Filter { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.DescribeImagesAsync"/>.</summary>
public partial class DescribeImagesResponse : AmazonWebServiceResponse
{
    /// <summary>The images of this page.</summary>
    public List<ImageDetail>? ImageDetails { get; set; }

    /// <summary>Where the next page starts; absent on the last.</summary>
    public string? NextToken { get; set; }
}

/// <summary>An image.</summary>
public partial class ImageDetail
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The digest of the manifest, <c>sha256:…</c>.</summary>
    public string? ImageDigest { get; set; }

    /// <summary>The image's tags.</summary>
    public List<string>? ImageTags { get; set; }

    /// <summary>Size in the registry, in bytes.</summary>
    public long? ImageSizeInBytes { get; set; }

    /// <summary>When the image was pushed, UTC.</summary>
    public DateTime? ImagePushedAt { get; set; }

    /// <summary>How far the scan is.</summary>
    public ImageScanStatus? ImageScanStatus { get; set; }

    /// <summary>Media type of the manifest.</summary>
    public string? ImageManifestMediaType { get; set; }

    /// <summary>Media type of the artifact.</summary>
    public string? ArtifactMediaType { get; set; }

    /// <summary>When the image was last pulled, UTC, about a day exact.</summary>
    public DateTime? LastRecordedPullTime { get; set; }

    /// <summary>The digest this one refers to.</summary>
    public string? SubjectManifestDigest { get; set; }

    /// <summary>By status, or the image's own.</summary>
    public ImageStatus? ImageStatus { get; set; }

    /// <summary>When the image was last archived, UTC.</summary>
    public DateTime? LastArchivedAt { get; set; }

    /// <summary>When the image was last restored, UTC.</summary>
    public DateTime? LastActivatedAt { get; set; }
}

/// <summary>How far an image's scan is.</summary>
public partial class ImageScanStatus
{
    /// <summary>The status.</summary>
    public ScanStatus? Status { get; set; }

    /// <summary>What AWS says about it.</summary>
    public string? Description { get; set; }
}

/// <summary>An image by digest or tag.</summary>
public partial class ImageIdentifier
{
    /// <summary>The digest of the manifest, <c>sha256:…</c>.</summary>
    public string? ImageDigest { get; set; }

    /// <summary>An image tag.</summary>
    public string? ImageTag { get; set; }
}

/// <summary>Which images to read.</summary>
public partial class DescribeImagesFilter
{
    /// <summary>By tag.</summary>
    public TagStatus? TagStatus { get; set; }

    /// <summary>By status, or the image's own.</summary>
    public ImageStatusFilter? ImageStatus { get; set; }
}
