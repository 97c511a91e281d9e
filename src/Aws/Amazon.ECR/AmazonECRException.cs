using System.Net;
using System.Text.Json;
using Amazon.ECR.Model;
using Amazon.Runtime;

namespace Amazon.ECR;

/// <summary>An error that Amazon ECR answered with. The errors of the service's model have classes of their own.</summary>
public partial class AmazonECRException : AmazonServiceException
{
    /// <summary>Creates the exception from AWS's answer.</summary>
    public AmazonECRException(string? message, Exception? innerException, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }

    internal static AmazonECRException Create(string? code, string? message, Exception? inner, string? requestId, HttpStatusCode status, string? body)
    {
        var type = (int)status >= 500 ? ErrorType.Receiver : ErrorType.Sender;
        return code switch
        {
            nameof(InvalidParameterException) => new InvalidParameterException(message, inner, type, code, requestId, status),
            nameof(InvalidTagParameterException) => new InvalidTagParameterException(message, inner, type, code, requestId, status),
            nameof(KmsException) => new KmsException(message, inner, type, code, requestId, status) { KmsError = ReadKmsError(body) },
            nameof(LifecyclePolicyNotFoundException) => new LifecyclePolicyNotFoundException(message, inner, type, code, requestId, status),
            nameof(LifecyclePolicyPreviewInProgressException) => new LifecyclePolicyPreviewInProgressException(message, inner, type, code, requestId, status),
            nameof(LifecyclePolicyPreviewNotFoundException) => new LifecyclePolicyPreviewNotFoundException(message, inner, type, code, requestId, status),
            nameof(LimitExceededException) => new LimitExceededException(message, inner, type, code, requestId, status),
            nameof(RepositoryAlreadyExistsException) => new RepositoryAlreadyExistsException(message, inner, type, code, requestId, status),
            nameof(RepositoryNotEmptyException) => new RepositoryNotEmptyException(message, inner, type, code, requestId, status),
            nameof(RepositoryNotFoundException) => new RepositoryNotFoundException(message, inner, type, code, requestId, status),
            nameof(RepositoryPolicyNotFoundException) => new RepositoryPolicyNotFoundException(message, inner, type, code, requestId, status),
            nameof(ServerException) => new ServerException(message, inner, type, code, requestId, status),
            nameof(TooManyTagsException) => new TooManyTagsException(message, inner, type, code, requestId, status),
            nameof(ValidationException) => new ValidationException(message, inner, type, code, requestId, status),
            nameof(ImageNotFoundException) => new ImageNotFoundException(message, inner, type, code, requestId, status),
            _ => new AmazonECRException(message, inner, type, code, requestId, status),
        };
    }

    private static string? ReadKmsError(string? body)
    {
        try
        {
            using var document = JsonDocument.Parse(body ?? "{}");
            return document.RootElement.TryGetProperty("kmsError", out var error) ? error.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
