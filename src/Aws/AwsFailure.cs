using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using InfraOperator.Aws.Credentials;
using InfraOperator.Aws.Endpoints;
using InfraOperator.Aws.Pipeline;

namespace InfraOperator.Aws;

/// <summary>What a failed call means for its caller.</summary>
public enum AwsFailureKind
{
    /// <summary>AWS says nothing that this system knows; the code and the message are all there is.</summary>
    Unknown,

    /// <summary>Too many calls: go slower and come back.</summary>
    Throttled,

    /// <summary>No answer, or one that says that AWS is in trouble: come back.</summary>
    Unavailable,

    /// <summary>The caller may not do this; the message names the action.</summary>
    AccessDenied,

    /// <summary>The credentials are expired, unknown, revoked or could not be had.</summary>
    CredentialsExpired,

    /// <summary>A value in the request is wrong.</summary>
    InvalidParameter,

    /// <summary>A tag's key or value is wrong.</summary>
    InvalidTag,

    /// <summary>More than 50 tags.</summary>
    TooManyTags,

    /// <summary>A quota of the account is used up. No throttle: waiting does not help.</summary>
    QuotaExceeded,

    /// <summary>The KMS key cannot be used.</summary>
    KmsKeyNotUsable,

    /// <summary>No repository of that name, or not yet visible after its creation.</summary>
    RepositoryNotFound,

    /// <summary>A repository of that name exists.</summary>
    RepositoryAlreadyExists,

    /// <summary>The repository holds images and the deletion was not forced.</summary>
    RepositoryNotEmpty,

    /// <summary>The repository has no lifecycle policy.</summary>
    LifecyclePolicyNotFound,

    /// <summary>The repository has no repository policy.</summary>
    RepositoryPolicyNotFound,

    /// <summary>An earlier preview of a lifecycle policy has not completed: come back.</summary>
    LifecyclePolicyPreviewInProgress,

    /// <summary>The repository has no preview of a lifecycle policy.</summary>
    LifecyclePolicyPreviewNotFound,
}

/// <summary>A failed call to AWS as a value.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Operation">The operation that failed: the caller's, or the STS operation that was to fetch its credentials.</param>
/// <param name="Code">AWS's error code, null where there was no answer.</param>
/// <param name="Message">AWS's own words, at most 1,024 characters and never with a secret.</param>
/// <param name="RequestId">AWS's id of the request, for its support; null where there was no answer.</param>
/// <param name="OutcomeUnknown">
/// Whether an attempt of this call may have acted although its answer was lost (reset, timeout, 5xx). True also where a later
/// attempt was answered: a creation may then end in <see cref="AwsFailureKind.RepositoryAlreadyExists"/> because of itself.
/// </param>
public sealed record AwsFailure(AwsFailureKind Kind, string Operation, string? Code, string Message, string? RequestId, bool OutcomeUnknown)
{
    private const int MaxMessage = 1024;

    /// <summary>The failure that an exception of a call to AWS stands for.</summary>
    /// <param name="exception">What the call threw.</param>
    /// <param name="operation">The operation, such as <c>CreateRepository</c>.</param>
    /// <returns>Null where it is no failure of AWS: a bug of ours, or our own cancellation.</returns>
    public static AwsFailure? From(Exception exception, string operation) => exception switch
    {
        AggregateException { InnerExceptions: [var only] } => From(only, operation),
        CredentialsUnavailableException unavailable => FromCredentials(unavailable),
        AmazonUnmarshallingException garbled => new(AwsFailureKind.Unavailable, operation, null, "The answer cannot be read: it is not what this operation answers.", garbled.RequestId, true),
        AmazonServiceException { StatusCode: > 0 } answered => FromAnswer(answered, operation),
        OperationCanceledException and not TaskCanceledException { InnerException: TimeoutException } => null,
        _ when Find<EndpointRefusedException>(exception) is { } refused => new(AwsFailureKind.InvalidParameter, operation, null, Shorten(refused.Message), null, false),
        _ when IsNetwork(exception) => new(AwsFailureKind.Unavailable, operation, null, Shorten(exception.Message), null, AttemptHandler.IsOutcomeUnknown(exception)),
        AmazonClientException other => new(AwsFailureKind.Unknown, operation, null, Shorten(other.Message), null, AttemptHandler.IsOutcomeUnknown(other)),
        AmazonServiceException other => new(AwsFailureKind.Unknown, operation, other.ErrorCode, Shorten(other.Message), other.RequestId, AttemptHandler.IsOutcomeUnknown(other)),
        _ => null,
    };

    private static AwsFailure FromAnswer(AmazonServiceException answered, string operation)
    {
        var code = answered.ErrorCode is { Length: > 0 } known ? known : null;
        var kind = FailureCodes.Find(code) ?? answered.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => AwsFailureKind.Throttled,
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => AwsFailureKind.Unavailable,
            HttpStatusCode.Unauthorized => AwsFailureKind.CredentialsExpired,
            HttpStatusCode.Forbidden => AwsFailureKind.AccessDenied,
            _ => AwsFailureKind.Unknown,
        };
        var message = answered.Message is { Length: > 0 } words ? Shorten(words) : $"HTTP {(int)answered.StatusCode} without a word of explanation.";
        return new(kind, operation, code, message, answered.RequestId is { Length: > 0 } id ? id : null, AttemptHandler.IsOutcomeUnknown(answered));
    }

    private static AwsFailure FromCredentials(CredentialsUnavailableException unavailable)
    {
        var cause = unavailable.InnerException is { } inner ? From(inner, unavailable.Operation) : null;
        return cause is null or { Kind: AwsFailureKind.Unknown }
            ? new(AwsFailureKind.CredentialsExpired, unavailable.Operation, cause?.Code, Shorten(unavailable.Message), cause?.RequestId, false)
            : cause with { OutcomeUnknown = false };
    }

    private static bool IsNetwork(Exception exception) =>
        Find<HttpRequestException>(exception) is not null || Find<IOException>(exception) is not null || Find<SocketException>(exception) is not null || Find<TimeoutException>(exception) is not null;

    private static T? Find<T>(Exception? exception)
        where T : Exception => exception is null or T ? (T?)exception : Find<T>(exception.InnerException);

    private static string Shorten(string message)
    {
        // AWS explains a wrong signature with the canonical request, and that holds the session token.
        var secret = message.IndexOf("The Canonical String for this request", StringComparison.OrdinalIgnoreCase);
        var end = Math.Min(secret < 0 ? message.Length : secret, MaxMessage);
        return message[..end].TrimEnd();
    }
}
