using System.Net;

namespace InfraOperator.Clustering.Kubernetes;

/// <summary>The API server refused, did not answer, or holds a membership table that cannot be read. Nothing is known to be written.</summary>
/// <param name="message">What was tried, what came of it, and the mend where there is one.</param>
/// <param name="statusCode">The HTTP status of the answer; null where there was none.</param>
/// <param name="innerException">What is beneath it.</param>
[GenerateSerializer, Alias("orleans.runner.codes.KubernetesClusteringException")]
public sealed class KubernetesClusteringException(string message, HttpStatusCode? statusCode = null, Exception? innerException = null) : OrleansException(message, innerException!)
{
    /// <summary>The HTTP status of the answer; null where there was none.</summary>
    [Id(0)]
    public HttpStatusCode? StatusCode { get; private set; } = statusCode;
}
