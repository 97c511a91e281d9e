using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Exceptions;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>The API server as the benchmark itself speaks to it: directly, so that its own calls are not counted.</summary>
internal sealed class Cluster(KubernetesClientConfiguration configuration) : IDisposable
{
    private const string Group = "aws-infra-operator.runner.codes";

    private readonly k8s.Kubernetes _client = new(configuration);

    /// <summary>Where the API server is.</summary>
    public Uri Url => _client.BaseUri;

    /// <summary>The cluster of a kubeconfig.</summary>
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

    /// <summary>The path of our objects of one kind in a namespace.</summary>
    public static string PathOf(string ns, string plural) => $"/apis/{Group}/v1alpha1/namespaces/{ns}/{plural}";

    /// <summary>Sends a request with the kubeconfig's credentials.</summary>
    public async Task<HttpResponseMessage> ForwardAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = null;
        await _client.Credentials.ProcessHttpRequestAsync(request, cancellationToken);
        return await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, string type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        }

        using var answer = await ForwardAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new BenchmarkException($"The API server answered {(int)answer.StatusCode} to {method} {path}: {text}");
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, "", cancellationToken);

    public Task<JsonNode> CreateAsync(string path, JsonNode resource, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, resource.ToJsonString(), "application/json", cancellationToken);

    public Task<JsonNode> MergeAsync(string path, JsonNode patch, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, patch.ToJsonString(), "application/merge-patch+json", cancellationToken);

    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, path, null, "", cancellationToken);

    /// <summary>Applies the chart's definitions and returns when both kinds are served.</summary>
    public async Task ApplyDefinitionsAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.yaml"))
        {
            var plural = Path.GetFileNameWithoutExtension(file);
            var path = $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{Group}?fieldManager=benchmarks&force=true";
            await SendAsync(HttpMethod.Patch, path, await File.ReadAllTextAsync(file, cancellationToken), "application/apply-patch+yaml", cancellationToken);
            await Until.TrueAsync(() => IsServedAsync(plural, cancellationToken), $"{plural} to be served", cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<bool> IsServedAsync(string plural, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, $"/apis/{Group}/v1alpha1/{plural}?limit=1"));
        using var answer = await ForwardAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode;
    }
}
