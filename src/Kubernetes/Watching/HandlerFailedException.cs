namespace InfraOperator.Kubernetes.Watching;

/// <summary>Tells the handler's failures from the server's.</summary>
internal sealed class HandlerFailedException(Exception inner) : Exception(inner.Message, inner);
