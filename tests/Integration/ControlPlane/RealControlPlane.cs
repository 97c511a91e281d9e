using System.Net.Http.Headers;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration.ControlPlane;
using k8s;

[assembly: AssemblyFixture(typeof(RealControlPlane))]

namespace InfraOperator.Integration.ControlPlane;

/// <summary>
/// The control plane between the real API server and moto. It starts with the first test of this namespace, and must be the only
/// control plane of that API server: the namespace is run by itself.
/// </summary>
public class RealControlPlane : ControlPlaneEnvironment
{
    public override Uri AwsUrl => IntegrationEnvironment.AwsEndpointUrl;

    protected override Task StartServersAsync() => CustomResourceDefinitions.EnsureAppliedAsync();

    protected override HttpClient OpenKubernetes()
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(IntegrationEnvironment.Kubeconfig);

        // The suite runs against a server on this machine only; whose certificate that is, is no claim of these tests.
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        var client = new HttpClient(handler) { BaseAddress = new(configuration.Host), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", configuration.AccessToken);
        return client;
    }
}
