namespace InfraOperator.Integration;

/// <summary>
/// The servers that this suite runs against, chosen by <c>KUBECONFIG</c> and <c>AWS_ENDPOINT_URL</c>.
/// The suite writes and deletes freely, so it refuses an AWS endpoint that is not on this machine.
/// </summary>
public static class IntegrationEnvironment
{
    public static string Kubeconfig => Require("KUBECONFIG", "the path of a kubeconfig whose cluster may be changed freely");

    public static Uri AwsEndpointUrl
    {
        get
        {
            var url = new Uri(Require("AWS_ENDPOINT_URL", "the URL of an AWS mock on this machine, such as moto"));
            return url.IsLoopback ? url : throw new InvalidOperationException($"AWS_ENDPOINT_URL is {url}; the integration suite only runs against a mock on this machine.");
        }
    }

    private static string Require(string name, string meaning) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{name} is not set. The integration suite needs it: {meaning}.");
}
