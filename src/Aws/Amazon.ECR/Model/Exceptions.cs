using System.Net;
using Amazon.Runtime;

namespace Amazon.ECR.Model;

/// <summary>A parameter is not valid for the operation.</summary>
public partial class InvalidParameterException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public InvalidParameterException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>A tag's key or value is not valid.</summary>
public partial class InvalidTagParameterException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public InvalidTagParameterException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>AWS KMS refused the key.</summary>
public partial class KmsException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public KmsException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>What KMS said, such as <c>KMS.DisabledException</c>.</summary>
    public string? KmsError { get; set; }
}

/// <summary>The repository has no lifecycle policy.</summary>
public partial class LifecyclePolicyNotFoundException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public LifecyclePolicyNotFoundException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>An earlier preview of the repository has not completed.</summary>
public partial class LifecyclePolicyPreviewInProgressException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public LifecyclePolicyPreviewInProgressException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The repository has no preview.</summary>
public partial class LifecyclePolicyPreviewNotFoundException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public LifecyclePolicyPreviewNotFoundException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>A quota of the account is used up. This is no throttle: waiting does not help.</summary>
public partial class LimitExceededException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public LimitExceededException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The registry has a repository of that name.</summary>
public partial class RepositoryAlreadyExistsException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public RepositoryAlreadyExistsException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The repository holds images, and the deletion was not forced.</summary>
public partial class RepositoryNotEmptyException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public RepositoryNotEmptyException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The registry has no repository of that name (or does not show it yet).</summary>
public partial class RepositoryNotFoundException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public RepositoryNotFoundException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The repository has no repository policy.</summary>
public partial class RepositoryPolicyNotFoundException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public RepositoryPolicyNotFoundException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>AWS failed; the operation may have acted.</summary>
public partial class ServerException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public ServerException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The repository would bear more than 50 tags.</summary>
public partial class TooManyTagsException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public TooManyTagsException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>AWS rejected the request before looking at the repository.</summary>
public partial class ValidationException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public ValidationException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The repository has no such image.</summary>
public partial class ImageNotFoundException : AmazonECRException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public ImageNotFoundException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
