using System.Text;
using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Kubernetes;

/// <summary>What an answer was.</summary>
public sealed record Answer(int Code, JsonNode? Body, IReadOnlyList<string> Warnings)
{
    public JsonNode? this[string path] => path.Split('.').Aggregate(Body, (node, step) => node is JsonArray list ? list[int.Parse(step)] : node?[step]);

    public string? Text(string path) => this[path]?.ToString();

    /// <summary>Asserts the code and returns the answer, with the server's words in the failure.</summary>
    public Answer Expect(int code)
    {
        Assert.True(Code == code, $"expected {code}, was {Code}: {Body?.ToJsonString()}");
        return this;
    }
}

/// <summary>
/// Brings each test a connection to an API server that knows <see cref="Widgets"/>, and a namespace of its own.
/// </summary>
public abstract class ApiServerSuite : IAsyncLifetime
{
    private HttpClient? _client;

    /// <summary>A client whose base address is the server's, authorized to do everything.</summary>
    protected abstract Task<HttpClient> ConnectAsync();

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected string Namespace { get; } = $"conformance-{Guid.NewGuid():N}"[..24];

    protected string Collection => $"{Widgets.Resource}/namespaces/{Namespace}/widgets";

    protected HttpClient Client => _client ?? throw new InvalidOperationException("The suite has not connected yet.");

    public virtual async ValueTask InitializeAsync()
    {
        _client = await ConnectAsync();
        var defined = await SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Widgets.Definition, "application/yaml");
        Assert.Contains(defined.Code, new[] { 201, 409 });

        // A new kind is served a moment after its definition was accepted; only then is its watch cache filled.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        while ((await SendAsync("GET", $"{Widgets.Resource}/widgets?resourceVersion=0")).Code != 200)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        (await SendAsync("POST", "/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{Namespace}}}"}}""")).Expect(201);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await SendAsync("DELETE", $"/api/v1/namespaces/{Namespace}", ct: CancellationToken.None);
        Client.Dispose();
        GC.SuppressFinalize(this);
    }

    protected Task<Answer> CreateAsync(JsonObject widget) => SendAsync("POST", Collection, widget.ToJsonString());

    protected Task<Answer> GetAsync(string name) => SendAsync("GET", $"{Collection}/{name}");

    protected Task<Answer> MergeAsync(string path, string patch) => SendAsync("PATCH", $"{Collection}/{path}", patch, "application/merge-patch+json");

    protected Task<Answer> JsonPatchAsync(string path, string patch) => SendAsync("PATCH", $"{Collection}/{path}", patch, "application/json-patch+json");

    protected async Task<Answer> SendAsync(
        string method, string path, string? body = null, string contentType = "application/json", string accept = "application/json", CancellationToken? ct = null)
    {
        using var request = new HttpRequestMessage(new(method), path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using var response = await Client.SendAsync(request, ct ?? Cancelled);
        var text = await response.Content.ReadAsStringAsync(ct ?? Cancelled);
        return new((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : JsonValue.Create(text), [.. response.Headers.TryGetValues("Warning", out var warnings) ? warnings : []]);
    }

    /// <summary>Watches until <paramref name="until"/> holds of the events so far, or the server ends the watch.</summary>
    /// <returns>The events as (type, object).</returns>
    protected async Task<List<(string Type, JsonNode Object)>> WatchAsync(string query, Func<List<(string Type, JsonNode Object)>, bool> until, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Collection}?watch=true&{query}");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal(200, (int)response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));
        var events = new List<(string, JsonNode)>();
        while (!until(events) && await reader.ReadLineAsync(Cancelled) is { } line)
        {
            var item = JsonNode.Parse(line)!;
            events.Add(((string)item["type"]!, item["object"]!));
        }

        return events;
    }
}
