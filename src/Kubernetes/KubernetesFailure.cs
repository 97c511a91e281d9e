namespace InfraOperator.Kubernetes;

/// <summary>What a failed request means to the caller. Closed: a switch over it can be complete.</summary>
public enum KubernetesFailure
{
    /// <summary>The server's answer fits none of the others.</summary>
    Unknown = 0,

    /// <summary>404: no such object; of a collection or a document, that the server does not serve the kind.</summary>
    NotFound,

    /// <summary>409: somebody else was faster, or the object exists already. Read again.</summary>
    Conflict,

    /// <summary>
    /// 422 to a JSON Patch: a <c>test</c> in it failed, a path in it does not exist, or it adds a finalizer to an object that
    /// is being deleted: the object is not what the caller believed. Nothing was written. Read again.
    /// </summary>
    PreconditionFailed,

    /// <summary>403: the credentials do not allow it.</summary>
    Forbidden,

    /// <summary>422, 400, 413: the server refuses what was sent, and would refuse it again.</summary>
    Invalid,

    /// <summary>429: wait for <see cref="KubernetesApiException.RetryAfter"/>.</summary>
    TooManyRequests,

    /// <summary>410: the history that was asked for is gone. List again.</summary>
    Gone,

    /// <summary>401, or no credentials could be made.</summary>
    Unauthorized,

    /// <summary>5xx, a network error, no answer in time, or that the kind of an object is not served now. A write may have happened or not.</summary>
    Unavailable,

    /// <summary>403 because the namespace is being deleted: nothing can be created in it any more.</summary>
    NamespaceTerminating,
}
