using System.Net;
using Amazon.Runtime;

namespace Amazon.ResourceGroupsTaggingAPI.Model;

/// <summary>AWS failed; the call can be repeated.</summary>
public partial class InternalServiceException : AmazonResourceGroupsTaggingAPIException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public InternalServiceException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>A parameter is not valid, or not beside another one.</summary>
public partial class InvalidParameterException : AmazonResourceGroupsTaggingAPIException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public InvalidParameterException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>The token is more than 15 minutes old: begin again with the first page.</summary>
public partial class PaginationTokenExpiredException : AmazonResourceGroupsTaggingAPIException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public PaginationTokenExpiredException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}

/// <summary>Too many calls.</summary>
public partial class ThrottledException : AmazonResourceGroupsTaggingAPIException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public ThrottledException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
