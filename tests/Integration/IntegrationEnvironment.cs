using System.Net.Http.Headers;
using InfraOperator.Conformance.ControlPlane;
using k8s;

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

    /// <summary>Opens a client of the API server, with the kubeconfig's token.</summary>
    public static HttpClient OpenKubernetes()
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig);

        // The suite runs against a server on this machine only; whose certificate that is, is no claim of these tests.
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        PlantedSecrets.Learn(configuration.AccessToken);
        var client = new HttpClient(handler) { BaseAddress = new(configuration.Host), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", configuration.AccessToken);
        return client;
    }

    private static string Require(string name, string meaning) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{name} is not set. The integration suite needs it: {meaning}.");
}
