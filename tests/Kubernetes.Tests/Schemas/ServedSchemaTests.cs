using InfraOperator.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Kubernetes.Tests.Schemas;

/// <summary>What the OpenAPI document of a group and version says of a kind.</summary>
public sealed class ServedSchemaTests : IAsyncLifetime
{
    private const string Gadgets = """
        {"paths":{"/apis/example.com/v1/namespaces/{namespace}/gadgets/{name}/status":{}},
         "components":{"schemas":{
          "com.example.v1.WidgetList":{"x-kubernetes-group-version-kind":[{"group":"example.com","version":"v1","kind":"WidgetList"}]},
          "com.example.v1.Widget":{"x-kubernetes-group-version-kind":[{"group":"example.com","version":"v1","kind":"Widget"}],"properties":{
            "spec":{"properties":{
              "size":{"type":"integer","default":1},
              "parts":{"items":{"properties":{"name":{"type":"string"}}}},
              "labels":{"additionalProperties":{"properties":{"text":{"type":"string"}}}},
              "extra":{"x-kubernetes-preserve-unknown-fields":true,"properties":{"known":{"properties":{}}}}}}}}}}}
        """;

    private FakeApiServer _server = null!;
    private KubernetesApi _api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = new KubernetesApi(_server.Configuration, new ObservedTime(), NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("spec.size", true)]
    [InlineData("spec.colour", false)]
    [InlineData("status", false)]
    [InlineData("spec.parts.*.name", true)]
    [InlineData("spec.parts.*.price", false)]
    [InlineData("spec.labels.*.text", true)]
    [InlineData("spec.labels.*.font", false)]
    [InlineData("spec.extra.anything.at.all", true)]
    [InlineData("spec.extra.known.nothing", false)]
    public async Task What_a_schema_names_or_leaves_open_is_kept(string path, bool kept) =>
        Assert.Equal(kept, (await FindAsync(Gadgets))!.Keeps(path.Split('.')));

    [Fact]
    public async Task Names_and_defaults_are_those_of_the_schema()
    {
        var schema = (await FindAsync(Gadgets))!;

        Assert.Equal(1, (int?)schema.DefaultOf("spec", "size"));
        Assert.Null(schema.DefaultOf("spec", "colour", "name"));
        Assert.True(schema.Names("spec", "extra"));
        Assert.False(schema.Names("spec", "extra", "anything"));
    }

    [Fact]
    public async Task A_status_subresource_is_the_kinds_own()
    {
        Assert.False((await FindAsync(Gadgets))!.HasStatusSubresource);
        Assert.True((await FindAsync(Gadgets.Replace("gadgets/", "widgets/", StringComparison.Ordinal)))!.HasStatusSubresource);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"components":{"schemas":{"a":{"x-kubernetes-group-version-kind":[{"group":"other.com","version":"v1","kind":"Widget"}]},"b":{}}}}""")]
    public async Task A_kind_that_the_document_does_not_have_is_not_served(string document) => Assert.Null(await FindAsync(document));

    [Theory]
    [InlineData(404, "404 page not found")]
    [InlineData(200, "")]
    public async Task A_group_without_a_document_is_not_served(int code, string body)
    {
        var find = _api.FindSchemaAsync(Json.Kind, Cancellation);
        await (await _server.NextAsync()).RespondAsync(body, code);
        Assert.Null(await find);
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_is_no_answer()
    {
        var find = _api.FindSchemaAsync(Json.Kind, Cancellation);
        await (await _server.NextAsync()).RespondAsync("<html>");
        Assert.Equal(KubernetesFailure.Unknown, (await Assert.ThrowsAsync<KubernetesApiException>(() => find)).Failure);
    }

    [Fact]
    public async Task A_refusal_names_the_document()
    {
        var find = _api.FindSchemaAsync(Json.Kind, Cancellation);
        await (await _server.NextAsync()).RefuseAsync(403, "Forbidden");
        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => find);
        Assert.StartsWith("cannot get openapi/v3/apis/example.com/v1: forbidden", refusal.Message);
    }

    private async Task<ServedSchema?> FindAsync(string document)
    {
        var find = _api.FindSchemaAsync(Json.Kind, Cancellation);
        var request = await _server.NextAsync();
        Assert.Equal(("GET", "/openapi/v3/apis/example.com/v1"), (request.Method, request.Path));
        await request.RespondAsync(document);
        return await find;
    }
}
