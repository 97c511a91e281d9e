namespace InfraOperator.Aws;

/// <summary>Where AWS is called.</summary>
/// <param name="Region">The region, such as <c>eu-west-1</c>; signatures name it also where an endpoint is given.</param>
/// <param name="Endpoint">
/// Takes the place of AWS's own endpoints of ECR, STS and the tagging API; null means AWS. The environment's
/// <c>AWS_ENDPOINT_URL</c> is not looked at here: who may redirect whom is the caller's decision.
/// </param>
/// <param name="IsGuarded">Whether the endpoint was chosen by somebody who may not reach everything that this process can.</param>
public sealed record AwsTarget(string Region, Uri? Endpoint, bool IsGuarded = false);
