using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.Kubernetes;

/// <summary>What an API server says of a definition's schema, and what becomes of objects when the schema changes under them.</summary>
public abstract class ApiServerSchemaConformance : ApiServerSuite
{
    private readonly string _group = $"g{Guid.NewGuid():N}.example.com";

    private string Gizmos => $"/apis/{_group}/v1/namespaces/{Namespace}/gizmos";

    private string Definitions => "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    public override async ValueTask DisposeAsync()
    {
        await SendAsync("DELETE", $"{Definitions}/gizmos.{_group}", ct: CancellationToken.None);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task OpenAPI_tells_what_is_kept_and_filled_in()
    {
        var document = (await SendAsync("GET", "/openapi/v3/apis/conformance.example.com/v1alpha1")).Expect(200).Body!;
        var schema = document["components"]!["schemas"]!["com.example.conformance.v1alpha1.Widget"]!;
        var kind = Assert.Single(schema["x-kubernetes-group-version-kind"]!.AsArray())!;
        Assert.Equal(("conformance.example.com", "v1alpha1", "Widget"), ((string?)kind["group"], (string?)kind["version"], (string?)kind["kind"]));
        Assert.Equal("Pending", (string?)schema["properties"]!["status"]!["default"]!["conditions"]![0]!["reason"]);
        Assert.True((bool?)schema["properties"]!["spec"]!["properties"]!["free"]!["x-kubernetes-preserve-unknown-fields"]);
        Assert.NotNull(schema["properties"]!["spec"]!["properties"]!["filters"]!["items"]!["properties"]!["filter"]);
        Assert.True(document["paths"]!.AsObject().ContainsKey($"{Widgets.Resource}/namespaces/{{namespace}}/widgets/{{name}}/status"));
    }

    [Fact]
    public async Task OpenAPI_of_a_group_that_is_not_served_is_empty()
    {
        using var response = await Client.GetAsync(new Uri("/openapi/v3/apis/none.example.com/v1", UriKind.Relative), Cancelled);
        Assert.Equal((200, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled)));
    }

    [Fact]
    public async Task What_a_newer_schema_refuses_is_let_stand_until_it_is_changed()
    {
        await DefineAsync("""{"colour":{"type":"string"},"old":{"type":"string"},"size":{"type":"integer"}}""");
        (await SendAsync("POST", Gizmos, Gizmo("""{"colour":"mauve","old":"x","size":1}"""))).Expect(201);
        (await SendAsync("PATCH", $"{Gizmos}/one/status", """{"status":{"old":"x","seen":true}}""", "application/merge-patch+json")).Expect(200);
        await DefineAsync("""{"colour":{"type":"string","enum":["red"]},"size":{"type":"integer"},"new":{"type":"string"}}""");

        // Pruned on reading, the rest as it was.
        var read = (await SendAsync("GET", $"{Gizmos}/one")).Expect(200);
        Assert.Equal(("mauve", null, "True"), (read.Text("spec.colour"), read.Text("spec.old"), bool.Parse(read.Text("status.seen")!).ToString()));
        (await SendAsync("PATCH", $"{Gizmos}/one", """{"metadata":{"finalizers":["example.com/a"]}}""", "application/merge-patch+json")).Expect(200);
        (await SendAsync("PATCH", $"{Gizmos}/one/status", """{"status":{"seen":false}}""", "application/merge-patch+json")).Expect(200);
        (await SendAsync("PATCH", $"{Gizmos}/one", """{"spec":{"size":2}}""", "application/merge-patch+json")).Expect(200);
        (await SendAsync("PATCH", $"{Gizmos}/one", """{"spec":{"colour":"pink"}}""", "application/merge-patch+json")).Expect(422);
        (await SendAsync("POST", Gizmos, Gizmo("""{"colour":"mauve"}""", "two"))).Expect(422);
        (await SendAsync("PATCH", $"{Gizmos}/one", """{"spec":{"colour":"red"},"metadata":{"finalizers":null}}""", "application/merge-patch+json")).Expect(200);
        (await SendAsync("PATCH", $"{Gizmos}/one", """{"spec":{"colour":"mauve"}}""", "application/merge-patch+json")).Expect(422);
    }

    private string Gizmo(string spec, string name = "one") => $$"""{"apiVersion":"{{_group}}/v1","kind":"Gizmo","metadata":{"name":"{{name}}"},"spec":{{spec}}}""";

    /// <summary>Defines the kind with these fields in its spec, and waits until that is what is served.</summary>
    private async Task DefineAsync(string fields)
    {
        var definition = $$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"gizmos.{{{_group}}}"},
             "spec":{"group":"{{{_group}}}","scope":"Namespaced","names":{"plural":"gizmos","singular":"gizmo","kind":"Gizmo","listKind":"GizmoList"},
              "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{} },
               "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{{{fields}}} },"status":{"type":"object","properties":{"seen":{"type":"boolean"} } } } } } }] } }
            """;
        if ((await SendAsync("POST", Definitions, definition)).Code == 409)
        {
            (await SendAsync("PATCH", $"{Definitions}/gizmos.{_group}", definition, "application/merge-patch+json")).Expect(200);
        }

        var expected = JsonNode.Parse(fields)!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        while (!((await SendAsync("GET", $"/openapi/v3/apis/{_group}/v1", ct: deadline.Token)).Body is JsonObject document
            && (document["components"]?["schemas"] as JsonObject ?? []).FirstOrDefault(schema => schema.Key.EndsWith(".Gizmo", StringComparison.Ordinal)).Value?["properties"]?["spec"]?["properties"] is JsonObject served
            && served.Select(field => field.Key).Order(StringComparer.Ordinal).SequenceEqual(expected)
            && (await SendAsync("GET", Gizmos, ct: deadline.Token)).Code == 200))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
