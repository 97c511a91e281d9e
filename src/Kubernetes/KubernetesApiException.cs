using System.Net;
using InfraOperator.Kubernetes.Requests;

namespace InfraOperator.Kubernetes;

/// <summary>
/// A request that the API server refused or did not answer. The message is for people, and names verb, resource and object
/// beside the server's own words.
/// </summary>
public sealed class KubernetesApiException : Exception
{
    internal KubernetesApiException(
        ApiRequest request,
        KubernetesFailure failure,
        string words,
        HttpStatusCode? status = null,
        string reason = "",
        TimeSpan? retryAfter = null,
        Exception? inner = null)
        : base($"cannot {request}: {words}", inner)
    {
        Failure = failure;
        Status = status;
        Reason = reason;
        RetryAfter = retryAfter;
        Verb = request.Verb;
        Resource = request.Kind.QualifiedName(request.Subresource);
        Namespace = request.Namespace;
        Name = request.Name;
    }

    /// <summary>What the failure means to the caller.</summary>
    public KubernetesFailure Failure { get; }

    /// <summary>The HTTP status, or null where there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The <c>reason</c> of the server's Status object, such as <c>Forbidden</c>; empty if it sent none.</summary>
    public string Reason { get; }

    /// <summary>The verb as in an RBAC rule: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>patch</c>.</summary>
    public string Verb { get; }

    /// <summary>The resource with subresource and group, as the server's messages name it: <c>deployments/status.apps</c>.</summary>
    public string Resource { get; }

    /// <summary>The namespace asked for, or null for all of them or none.</summary>
    public string? Namespace { get; }

    /// <summary>The object asked for, or null for a collection.</summary>
    public string? Name { get; }

    /// <summary>How long the server asks to wait before the next try, if it said so.</summary>
    public TimeSpan? RetryAfter { get; }
}
