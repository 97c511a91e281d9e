using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The request of <see cref="IAmazonECR.CreateRepositoryAsync"/>.</summary>
public partial class CreateRepositoryRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Tags, at most 50 on a repository.</summary>
    public List<Tag>? Tags { get; set; }

    /// <summary>Whether image tags can be overwritten.</summary>
    public ImageTagMutability? ImageTagMutability { get; set; }

    /// <summary>Which image tags are excepted, 1 to 5; only with the modes that have exclusions.</summary>
    public List<ImageTagMutabilityExclusionFilter>? ImageTagMutabilityExclusionFilters { get; set; }

    /// <summary>Scanning of pushed images.</summary>
    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }

    /// <summary>Encryption at rest; cannot be changed later.</summary>
    public EncryptionConfiguration? EncryptionConfiguration { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.CreateRepositoryAsync"/>.</summary>
public partial class CreateRepositoryResponse : AmazonWebServiceResponse
{
    /// <summary>The repository.</summary>
    public Repository? Repository { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.DescribeRepositoriesAsync"/>.</summary>
public partial class DescribeRepositoriesRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>1 to 100 names; not together with paging.</summary>
    public List<string>? RepositoryNames { get; set; }

    /// <summary>Where the next page starts; absent on the last.</summary>
    public string? NextToken { get; set; }

    /// <summary>How many per page, 1 to 1,000; AWS's default is 100.</summary>
    public int? MaxResults { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.DescribeRepositoriesAsync"/>.</summary>
public partial class DescribeRepositoriesResponse : AmazonWebServiceResponse
{
    /// <summary>The repositories of this page.</summary>
    public List<Repository>? Repositories { get; set; }

    /// <summary>Where the next page starts; absent on the last.</summary>
    public string? NextToken { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.DeleteRepositoryAsync"/>.</summary>
public partial class DeleteRepositoryRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Delete images with the repository; for a policy, accept one that locks the caller out.</summary>
    public bool? Force { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.DeleteRepositoryAsync"/>.</summary>
public partial class DeleteRepositoryResponse : AmazonWebServiceResponse
{
    /// <summary>The repository.</summary>
    public Repository? Repository { get; set; }
}

/// <summary>A repository as AWS describes it. Tags and policies have operations of their own.</summary>
public partial class Repository
{
    /// <summary>The repository's ARN.</summary>
    public string? RepositoryArn { get; set; }

    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>Where images are pushed to and pulled from.</summary>
    public string? RepositoryUri { get; set; }

    /// <summary>When the repository was created, UTC.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>Whether image tags can be overwritten.</summary>
    public ImageTagMutability? ImageTagMutability { get; set; }

    /// <summary>Which image tags are excepted, 1 to 5; only with the modes that have exclusions.</summary>
    public List<ImageTagMutabilityExclusionFilter>? ImageTagMutabilityExclusionFilters { get; set; }

    /// <summary>Scanning of pushed images.</summary>
    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }

    /// <summary>Encryption at rest; cannot be changed later.</summary>
    public EncryptionConfiguration? EncryptionConfiguration { get; set; }
}

/// <summary>Encryption at rest.</summary>
public partial class EncryptionConfiguration
{
    /// <summary>The kind of encryption. Required.</summary>
    public EncryptionType? EncryptionType { get; set; }

    /// <summary>The KMS key: ARN, id or alias when creating, an ARN when reading.</summary>
    public string? KmsKey { get; set; }
}

/// <summary>Scanning of pushed images.</summary>
public partial class ImageScanningConfiguration
{
    /// <summary>Whether an image is scanned when it is pushed.</summary>
    public bool? ScanOnPush { get; set; }
}

/// <summary>A pattern of image tags that are excepted from the mutability mode.</summary>
public partial class ImageTagMutabilityExclusionFilter
{
    /// <summary>How the filter matches. Required.</summary>
    public ImageTagMutabilityExclusionFilterType? FilterType { get; set; }

    /// <summary>Which to read, or which tags match: letters, digits, <c>._-</c> and <c>*</c>, at most 128. Required.</summary>
    public string? Filter { get; set; }
}
