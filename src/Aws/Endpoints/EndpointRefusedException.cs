namespace InfraOperator.Aws.Endpoints;

/// <summary>An endpoint leads to where its chooser may not go, so nothing was sent.</summary>
internal sealed class EndpointRefusedException(string message) : Exception(message);
