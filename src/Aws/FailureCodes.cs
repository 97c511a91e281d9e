using System.Collections.Frozen;
using System.Net;
using Amazon.Runtime;

namespace InfraOperator.Aws;

/// <summary>What the error codes of ECR, of the tagging API, of STS and of what stands in front of them mean.</summary>
internal static class FailureCodes
{
    private static readonly FrozenDictionary<string, AwsFailureKind> Kinds = new Dictionary<string, AwsFailureKind>
    {
        ["Throttling"] = AwsFailureKind.Throttled,
        ["ThrottlingException"] = AwsFailureKind.Throttled,
        ["ThrottleException"] = AwsFailureKind.Throttled,
        ["ThrottledException"] = AwsFailureKind.Throttled,
        ["RequestThrottled"] = AwsFailureKind.Throttled,
        ["RequestThrottledException"] = AwsFailureKind.Throttled,
        ["RequestLimitExceeded"] = AwsFailureKind.Throttled,
        ["TooManyRequestsException"] = AwsFailureKind.Throttled,
        ["SlowDown"] = AwsFailureKind.Throttled,
        ["429"] = AwsFailureKind.Throttled,

        ["AccessDenied"] = AwsFailureKind.AccessDenied,
        ["AccessDeniedException"] = AwsFailureKind.AccessDenied,
        ["NotAuthorized"] = AwsFailureKind.AccessDenied,
        ["UnauthorizedOperation"] = AwsFailureKind.AccessDenied,
        ["OptInRequired"] = AwsFailureKind.AccessDenied,
        ["RegionDisabledException"] = AwsFailureKind.AccessDenied,
        ["BlockedByOrganizationPolicyException"] = AwsFailureKind.AccessDenied,

        ["ExpiredToken"] = AwsFailureKind.CredentialsExpired,
        ["ExpiredTokenException"] = AwsFailureKind.CredentialsExpired,
        ["RequestExpired"] = AwsFailureKind.CredentialsExpired,
        ["UnrecognizedClientException"] = AwsFailureKind.CredentialsExpired,
        ["InvalidClientTokenId"] = AwsFailureKind.CredentialsExpired,
        ["InvalidAccessKeyId"] = AwsFailureKind.CredentialsExpired,
        ["InvalidSignatureException"] = AwsFailureKind.CredentialsExpired,
        ["SignatureDoesNotMatch"] = AwsFailureKind.CredentialsExpired,
        ["IncompleteSignature"] = AwsFailureKind.CredentialsExpired,
        ["MissingAuthenticationToken"] = AwsFailureKind.CredentialsExpired,
        ["MissingAuthenticationTokenException"] = AwsFailureKind.CredentialsExpired,
        ["AuthFailure"] = AwsFailureKind.CredentialsExpired,
        ["InvalidIdentityToken"] = AwsFailureKind.CredentialsExpired,
        ["InvalidIdentityTokenException"] = AwsFailureKind.CredentialsExpired,
        ["IDPRejectedClaim"] = AwsFailureKind.CredentialsExpired,
        ["IDPRejectedClaimException"] = AwsFailureKind.CredentialsExpired,

        ["InvalidParameterException"] = AwsFailureKind.InvalidParameter,
        ["ValidationException"] = AwsFailureKind.InvalidParameter,
        ["ValidationError"] = AwsFailureKind.InvalidParameter,
        ["SerializationException"] = AwsFailureKind.InvalidParameter,
        ["PaginationTokenExpiredException"] = AwsFailureKind.InvalidParameter,
        ["InvalidTagParameterException"] = AwsFailureKind.InvalidTag,
        ["TooManyTagsException"] = AwsFailureKind.TooManyTags,
        ["LimitExceededException"] = AwsFailureKind.QuotaExceeded,
        ["KmsException"] = AwsFailureKind.KmsKeyNotUsable,
        ["RepositoryNotFoundException"] = AwsFailureKind.RepositoryNotFound,
        ["RepositoryAlreadyExistsException"] = AwsFailureKind.RepositoryAlreadyExists,
        ["RepositoryNotEmptyException"] = AwsFailureKind.RepositoryNotEmpty,
        ["LifecyclePolicyNotFoundException"] = AwsFailureKind.LifecyclePolicyNotFound,
        ["RepositoryPolicyNotFoundException"] = AwsFailureKind.RepositoryPolicyNotFound,
        ["LifecyclePolicyPreviewInProgressException"] = AwsFailureKind.LifecyclePolicyPreviewInProgress,
        ["LifecyclePolicyPreviewNotFoundException"] = AwsFailureKind.LifecyclePolicyPreviewNotFound,

        ["ServerException"] = AwsFailureKind.Unavailable,
        ["InternalFailure"] = AwsFailureKind.Unavailable,
        ["InternalServerError"] = AwsFailureKind.Unavailable,
        ["InternalServiceException"] = AwsFailureKind.Unavailable,
        ["ServiceUnavailable"] = AwsFailureKind.Unavailable,
        ["ServiceUnavailableException"] = AwsFailureKind.Unavailable,
        ["RequestTimeout"] = AwsFailureKind.Unavailable,
        ["RequestTimeoutException"] = AwsFailureKind.Unavailable,
        ["IDPCommunicationError"] = AwsFailureKind.Unavailable,
        ["IDPCommunicationErrorException"] = AwsFailureKind.Unavailable,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The meaning of a code, or null where it says nothing.</summary>
    public static AwsFailureKind? Find(string? code) => code is not null && Kinds.TryGetValue(code, out var kind) ? kind : null;

    /// <summary>Whether an answer without a code is a throttle.</summary>
    public static bool IsThrottle(AmazonServiceException nameless) =>
        nameless.StatusCode is HttpStatusCode.TooManyRequests || nameless.Message.Contains("Throttl", StringComparison.Ordinal);

    /// <summary>Whether credentials that were good are so no more, and newly fetched ones may be.</summary>
    public static bool IsExpiredToken(string code) => code is "ExpiredToken" or "ExpiredTokenException" or "UnrecognizedClientException" or "InvalidClientTokenId";
}
