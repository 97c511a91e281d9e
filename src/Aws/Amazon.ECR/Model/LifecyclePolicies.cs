using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The request of <see cref="IAmazonECR.PutLifecyclePolicyAsync"/>.</summary>
public partial class PutLifecyclePolicyRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, 100 to 30,720 characters. Required.</summary>
    public string? LifecyclePolicyText { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.PutLifecyclePolicyAsync"/>.</summary>
public partial class PutLifecyclePolicyResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, 100 to 30,720 characters.</summary>
    public string? LifecyclePolicyText { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.GetLifecyclePolicyAsync"/>.</summary>
public partial class GetLifecyclePolicyRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.GetLifecyclePolicyAsync"/>.</summary>
public partial class GetLifecyclePolicyResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, 100 to 30,720 characters.</summary>
    public string? LifecyclePolicyText { get; set; }

    /// <summary>When AWS last ran the policy, UTC.</summary>
    public DateTime? LastEvaluatedAt { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.DeleteLifecyclePolicyAsync"/>.</summary>
public partial class DeleteLifecyclePolicyRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.DeleteLifecyclePolicyAsync"/>.</summary>
public partial class DeleteLifecyclePolicyResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, 100 to 30,720 characters.</summary>
    public string? LifecyclePolicyText { get; set; }

    /// <summary>When AWS last ran the policy, UTC.</summary>
    public DateTime? LastEvaluatedAt { get; set; }
}
