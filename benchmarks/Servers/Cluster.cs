using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Exceptions;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>The API server as the benchmark itself speaks to it: directly, so that its own calls are not counted.</summary>
internal sealed class Cluster(KubernetesClientConfiguration configuration) : IDisposable
{
    private readonly k8s.Kubernetes _client = new(configuration);

    /// <summary>Where the API server is.</summary>
    public Uri Url => _client.BaseUri;

    public static Cluster Load(string kubeconfig)
    {
        try
        {
            return new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        }
        catch (Exception exception) when (exception is KubeConfigException or IOException)
        {
            throw new BenchmarkException($"KUBECONFIG cannot be used: {exception.Message}");
        }
    }

    /// <summary>Sends a request with the kubeconfig's credentials in place of its own.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // As the silo would by itself: otherwise each request of a burst would shake hands for a connection of its own.
        request.Version = HttpVersion.Version20;
        request.Headers.Authorization = null;
        await _client.Credentials.ProcessHttpRequestAsync(request, cancellationToken);
        return await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, path));
        using var answer = await SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadAsStringAsync(cancellationToken)
            : throw new BenchmarkException($"The API server answered {(int)answer.StatusCode} to GET {path}.");
    }

    public Task<JsonNode> CreateAsync(string path, string yaml, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, new StringContent(yaml, Encoding.UTF8, new MediaTypeHeaderValue("application/yaml")), cancellationToken);

    /// <summary>Patches an object.</summary>
    /// <param name="path">The object.</param>
    /// <param name="type">How: <c>merge-patch+json</c>, <c>json-patch+json</c> or <c>apply-patch+yaml</c>.</param>
    /// <param name="patch">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<JsonNode> PatchAsync(string path, string type, string patch, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, new StringContent(patch, Encoding.UTF8, new MediaTypeHeaderValue($"application/{type}")), cancellationToken);

    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, path, null, cancellationToken);

    public void Dispose() => _client.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path)) { Content = body };
        using var answer = await SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new BenchmarkException($"The API server answered {(int)answer.StatusCode} to {method} {path}: {text}");
    }
}
