using System.Net;

namespace InfraOperator.Kubernetes.Requests;

/// <summary>Turns the server's refusal, as an HTTP answer or as the ERROR event of a watch, into an exception.</summary>
internal static class ApiRefusal
{
    public const string JsonPatchType = "application/json-patch+json";

    public static KubernetesApiException From(ApiRequest request, HttpStatusCode code, ApiStatus status, TimeSpan? retryAfter)
    {
        var failure = Classify(request, code, status);
        if (retryAfter is null && status.Details?.RetryAfterSeconds is > 0 and var seconds)
        {
            retryAfter = TimeSpan.FromSeconds(seconds);
        }

        return new KubernetesApiException(request, failure, Words(failure, code, status), code, status.Reason ?? "", retryAfter);
    }

    private static KubernetesFailure Classify(ApiRequest request, HttpStatusCode code, ApiStatus status) => (int)code switch
    {
        400 or 413 => KubernetesFailure.Invalid,
        401 => KubernetesFailure.Unauthorized,
        403 when HasCause(status, "NamespaceTerminating") => KubernetesFailure.NamespaceTerminating,
        403 => KubernetesFailure.Forbidden,

        // An API server that starts answers so, in plain text, before it serves custom resources again: no object has gone.
        404 when request.Name is not null && string.IsNullOrEmpty(status.Reason) => KubernetesFailure.Unavailable,
        404 => KubernetesFailure.NotFound,
        409 => KubernetesFailure.Conflict,
        410 => KubernetesFailure.Gone,
        422 when IsPatchThatDoesNotApply(request, status) => KubernetesFailure.PreconditionFailed,
        422 => KubernetesFailure.Invalid,
        429 => KubernetesFailure.TooManyRequests,
        408 or >= 500 => KubernetesFailure.Unavailable,
        _ => KubernetesFailure.Unknown,
    };

    private static bool HasCause(ApiStatus status, string reason) => status.Details?.Causes?.Any(cause => cause.Reason == reason) is true;

    /// <summary>
    /// The API server answers 422 both to a patch that does not apply and to an object that its rules refuse. The second
    /// says which fields are at fault; the first names none. A finalizer that comes too late, because the object is being
    /// deleted, is a change of the object as well.
    /// </summary>
    private static bool IsPatchThatDoesNotApply(ApiRequest request, ApiStatus status) =>
        request.BodyType == JsonPatchType
        && (status.Details?.Causes is not { Count: > 0 } causes || causes.All(cause => cause is { Field: "metadata.finalizers", Reason: "FieldValueForbidden" }));

    private static string Words(KubernetesFailure failure, HttpStatusCode code, ApiStatus status)
    {
        var kind = failure switch
        {
            KubernetesFailure.NotFound => "not found",
            KubernetesFailure.Conflict => "conflict",
            KubernetesFailure.PreconditionFailed => "the object is not as expected",
            KubernetesFailure.Forbidden => "forbidden",
            KubernetesFailure.Invalid => "invalid",
            KubernetesFailure.TooManyRequests => "too many requests",
            KubernetesFailure.Gone => "too old",
            KubernetesFailure.Unauthorized => "unauthorized",
            KubernetesFailure.Unavailable => "unavailable",
            KubernetesFailure.NamespaceTerminating => "the namespace is being deleted",
            _ => "unexpected answer",
        };
        return string.IsNullOrWhiteSpace(status.Message) ? $"{kind} (HTTP {(int)code})" : $"{kind}: {status.Message}";
    }
}
