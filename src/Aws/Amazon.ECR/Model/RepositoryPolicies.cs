using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>The request of <see cref="IAmazonECR.SetRepositoryPolicyAsync"/>.</summary>
public partial class SetRepositoryPolicyRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, at most 10,240 characters. Required.</summary>
    public string? PolicyText { get; set; }

    /// <summary>Delete images with the repository; for a policy, accept one that locks the caller out.</summary>
    public bool? Force { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.SetRepositoryPolicyAsync"/>.</summary>
public partial class SetRepositoryPolicyResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, at most 10,240 characters.</summary>
    public string? PolicyText { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.GetRepositoryPolicyAsync"/>.</summary>
public partial class GetRepositoryPolicyRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.GetRepositoryPolicyAsync"/>.</summary>
public partial class GetRepositoryPolicyResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, at most 10,240 characters.</summary>
    public string? PolicyText { get; set; }
}

/// <summary>The request of <see cref="IAmazonECR.DeleteRepositoryPolicyAsync"/>.</summary>
public partial class DeleteRepositoryPolicyRequest : AmazonECRRequest
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters. Required.</summary>
    public string? RepositoryName { get; set; }
}

/// <summary>The answer of <see cref="IAmazonECR.DeleteRepositoryPolicyAsync"/>.</summary>
public partial class DeleteRepositoryPolicyResponse : AmazonWebServiceResponse
{
    /// <summary>The account whose registry this is, 12 digits; absent means the caller's own.</summary>
    public string? RegistryId { get; set; }

    /// <summary>The repository's name, 2 to 256 characters.</summary>
    public string? RepositoryName { get; set; }

    /// <summary>The policy as JSON, at most 10,240 characters.</summary>
    public string? PolicyText { get; set; }
}
