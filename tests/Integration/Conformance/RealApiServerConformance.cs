using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using InfraOperator.Conformance.Kubernetes;
using k8s;

namespace InfraOperator.Integration.Conformance;

public sealed class RealWritingConformance : ApiServerConformance
{
    protected override Task<HttpClient> ConnectAsync() => RealApiServer.ConnectAsync();
}

public sealed class RealReadingConformance : ApiServerReadingConformance
{
    protected override Task<HttpClient> ConnectAsync() => RealApiServer.ConnectAsync();
}

public sealed class RealSchemaConformance : ApiServerSchemaConformance
{
    protected override Task<HttpClient> ConnectAsync() => RealApiServer.ConnectAsync();
}

/// <summary>The API server that <c>KUBECONFIG</c> names.</summary>
internal static class RealApiServer
{
    public static Task<HttpClient> ConnectAsync()
    {
        var config = KubernetesClientConfiguration.BuildConfigFromConfigFile(IntegrationEnvironment.Kubeconfig);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(config.SslCaCerts ?? []);
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        var client = new HttpClient(handler) { BaseAddress = new Uri(config.Host) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", config.AccessToken);
        return Task.FromResult(client);
    }
}
