using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace InfraOperator.Integration;

/// <summary>An answer of the API server: the object, list or table, or the Status that says why not.</summary>
public sealed record ApiAnswer(HttpStatusCode Code, JsonNode Body)
{
    /// <summary>The body of an answer in the 200s; anything else fails the test with the server's words.</summary>
    public JsonNode Success => (int)Code is >= 200 and < 300
        ? Body
        : throw new InvalidOperationException($"The API server answered {(int)Code}: {Body.ToJsonString()}");

    /// <summary>The server's words about each field that it refused, as <c>field: message</c>.</summary>
    public IReadOnlyList<string> Causes =>
        [.. Body["details"]?["causes"]?.AsArray().Select(cause => $"{cause!["field"]}: {cause["message"]}") ?? []];
}

/// <summary>
/// The API server of <see cref="IntegrationEnvironment.Kubeconfig"/> by plain HTTP: what is sent is what the test says, with no
/// typed model between that would drop or add a field.
/// </summary>
public sealed class RawApiServer : IDisposable
{
    private readonly k8s.Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(IntegrationEnvironment.Kubeconfig));

    public Task<ApiAnswer> GetAsync(string path, string accept = "application/json") => SendAsync(HttpMethod.Get, path, null, null, accept);

    public Task<ApiAnswer> PostYamlAsync(string path, string yaml) => SendAsync(HttpMethod.Post, path, yaml, "application/yaml");

    public Task<ApiAnswer> MergePatchAsync(string path, string json) => SendAsync(HttpMethod.Patch, path, json, "application/merge-patch+json");

    public Task<ApiAnswer> ApplyYamlAsync(string path, string yaml) => SendAsync(HttpMethod.Patch, path, yaml, "application/apply-patch+yaml");

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null, null);

    /// <summary>The events of a watch, as long as the server keeps it open (<c>timeoutSeconds</c> in the path).</summary>
    public async IAsyncEnumerable<JsonNode> WatchAsync(string path)
    {
        using var response = await OpenAsync(HttpMethod.Get, path, null, null, "application/json");
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            yield return JsonNode.Parse(line)!;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? body, string? contentType, string accept = "application/json")
    {
        using var response = await OpenAsync(method, path, body, contentType, accept);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // What no handler serves is answered in plain text.
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        return new(response.StatusCode, isJson ? JsonNode.Parse(text)! : JsonValue.Create(text));
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, string? body, string? contentType, string accept)
    {
        using var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType!));
        }

        await _client.Credentials.ProcessHttpRequestAsync(request, TestContext.Current.CancellationToken);
        return await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
