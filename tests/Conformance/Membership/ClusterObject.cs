using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace InfraOperator.Conformance.Membership;

/// <summary>The OrleansCluster object of one cluster by plain HTTP, past the provider: what is stored, and what others may do to it.</summary>
public sealed class ClusterObject(KubernetesClientConfiguration configuration, string ns, string name) : IDisposable
{
    private readonly k8s.Kubernetes _client = new(configuration);

    private string Path => $"apis/orleans.runner.codes/v1alpha1/namespaces/{ns}/orleansclusters";

    /// <summary>The object; null where there is none.</summary>
    public async Task<JsonObject?> GetAsync()
    {
        var (code, body) = await SendAsync(HttpMethod.Get, $"{Path}/{name}", null, null);
        return code == HttpStatusCode.NotFound ? null : Expect(code, body);
    }

    /// <summary>The stored row of a silo; null where there is none.</summary>
    public async Task<JsonObject?> RowAsync(string key) => (await GetAsync())?["table"]?["silos"]?[key]?.AsObject();

    public async Task<JsonObject> CreateAsync(JsonObject body)
    {
        var (code, answer) = await SendAsync(HttpMethod.Post, Path, body.ToJsonString(), "application/json");
        return Expect(code, answer);
    }

    public async Task<JsonObject> MergeAsync(JsonObject patch)
    {
        var (code, answer) = await SendAsync(HttpMethod.Patch, $"{Path}/{name}", patch.ToJsonString(), "application/merge-patch+json");
        return Expect(code, answer);
    }

    /// <summary>Deletes it; that it is not there is as good.</summary>
    public async Task DeleteAsync() => await SendAsync(HttpMethod.Delete, $"{Path}/{name}", null, null);

    public void Dispose() => _client.Dispose();

    private static JsonObject Expect(HttpStatusCode code, JsonNode? body) =>
        (int)code is >= 200 and < 300 ? body!.AsObject() : throw new InvalidOperationException($"The API server answered {(int)code}: {body?.ToJsonString()}");

    private async Task<(HttpStatusCode Code, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body, string? type)
    {
        using var request = new HttpRequestMessage(method, new Uri(new Uri(_client.BaseUri.AbsoluteUri.TrimEnd('/') + "/"), path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type!));
        }

        await (_client.Credentials?.ProcessHttpRequestAsync(request, CancellationToken.None) ?? Task.CompletedTask);
        using var response = await _client.HttpClient.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : JsonValue.Create(text));
    }
}
