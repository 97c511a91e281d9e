using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The request of <see cref="IAmazonECR.StartLifecyclePolicyPreviewAsync"/>.</summary>
public partial class StartLifecyclePolicyPreviewRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy to try as JSON, 100 to 30,720 characters; absent means the one that the repository has.</summary>
    public string? LifecyclePolicyText { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.StartLifecyclePolicyPreviewAsync"/>.</summary>
public partial class StartLifecyclePolicyPreviewResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy that is tried, as JSON.</summary>
    public string? LifecyclePolicyText { get; set; }

    /// <summary>How far the preview is.</summary>
    public LifecyclePolicyPreviewStatus? Status { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.GetLifecyclePolicyPreviewAsync"/>.</summary>
public partial class GetLifecyclePolicyPreviewRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The images to tell of, 1 to 100; not together with paging.</summary>
    public List<ImageIdentifier>? ImageIds { get; set; }

    /// <summary>Where the next page starts; absent on the last.</summary>
    public string? NextToken { get; set; }

    /// <summary>How many per page, 1 to 100; AWS's default is 100.</summary>
    public int? MaxResults { get; set; }

    /// <summary>Which results to read.</summary>
    public LifecyclePolicyPreviewFilter? Filter { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.GetLifecyclePolicyPreviewAsync"/>.</summary>
public partial class GetLifecyclePolicyPreviewResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy that is tried, as JSON.</summary>
    public string? LifecyclePolicyText { get; set; }

    /// <summary>How far the preview is.</summary>
    public LifecyclePolicyPreviewStatus? Status { get; set; }

    /// <summary>Where the next page starts; absent on the last.</summary>
    public string? NextToken { get; set; }

    /// <summary>The images of this page that the policy would act on.</summary>
    public List<LifecyclePolicyPreviewResult>? PreviewResults { get; set; }

    /// <summary>How many images the policy would act on.</summary>
    public LifecyclePolicyPreviewSummary? Summary { get; set; }
}

/// <summary>Which results of a preview to read.</summary>
public partial class LifecyclePolicyPreviewFilter
{
    /// <summary>By tag.</summary>
    public TagStatus? TagStatus { get; set; }
}

/// <summary>An image that a lifecycle policy would act on.</summary>
public partial class LifecyclePolicyPreviewResult
{
    /// <summary>The image's tags.</summary>
    public List<string>? ImageTags { get; set; }

    /// <summary>The digest of the manifest, <c>sha256:…</c>.</summary>
    public string? ImageDigest { get; set; }

    /// <summary>When the image was pushed, UTC.</summary>
    public DateTime? ImagePushedAt { get; set; }

    /// <summary>What would be done with it.</summary>
    public LifecyclePolicyRuleAction? Action { get; set; }

    /// <summary>The priority of the rule that would do it, 1 or more.</summary>
    public int? AppliedRulePriority { get; set; }

    /// <summary>Where the image is stored now.</summary>
    public LifecyclePolicyStorageClass? StorageClass { get; set; }
}

/// <summary>What a lifecycle rule does with an image.</summary>
public partial class LifecyclePolicyRuleAction
{
    /// <summary>Whether the image expires or moves.</summary>
    public ImageActionType? Type { get; set; }

    /// <summary>Where it moves.</summary>
    public LifecyclePolicyTargetStorageClass? TargetStorageClass { get; set; }
}

/// <summary>How many images a lifecycle policy would act on.</summary>
public partial class LifecyclePolicyPreviewSummary
{
    /// <summary>How many would expire.</summary>
    public int? ExpiringImageTotalCount { get; set; }

    /// <summary>How many would move, by where.</summary>
    public List<TransitioningImageTotalCount>? TransitioningImageTotalCounts { get; set; }
}

/// <summary>How many images a lifecycle policy would move.</summary>
public partial class TransitioningImageTotalCount
{
    /// <summary>Where to.</summary>
    public LifecyclePolicyTargetStorageClass? TargetStorageClass { get; set; }

    /// <summary>How many.</summary>
    public int? ImageTotalCount { get; set; }
}
