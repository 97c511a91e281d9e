using System.Net;
using Amazon.ResourceGroupsTaggingAPI.Model;
using Amazon.Runtime;

namespace Amazon.ResourceGroupsTaggingAPI;

/// <summary>An error that the Resource Groups Tagging API answered with. The errors of the service's model have classes of their own.</summary>
public partial class AmazonResourceGroupsTaggingAPIException : AmazonServiceException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public AmazonResourceGroupsTaggingAPIException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }

    internal static AmazonResourceGroupsTaggingAPIException Create(string? code, string? message, Exception? inner, string? requestId, HttpStatusCode status)
    {
        var type = (int)status >= 500 ? ErrorType.Receiver : ErrorType.Sender;
        return code switch
        {
            nameof(InternalServiceException) => new InternalServiceException(message, inner, type, code, requestId, status),
            nameof(InvalidParameterException) => new InvalidParameterException(message, inner, type, code, requestId, status),
            nameof(PaginationTokenExpiredException) => new PaginationTokenExpiredException(message, inner, type, code, requestId, status),
            nameof(ThrottledException) => new ThrottledException(message, inner, type, code, requestId, status),
            _ => new AmazonResourceGroupsTaggingAPIException(message, inner, type, code, requestId, status),
        };
    }
}
