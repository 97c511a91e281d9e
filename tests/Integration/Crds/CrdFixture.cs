namespace InfraOperator.Integration.Crds;

/// <summary>The definitions applied, and a namespace of the test class's own.</summary>
public sealed class CrdFixture : IAsyncLifetime
{
    public RawApiServer Server { get; } = new();

    public string Namespace { get; } = $"crds-{Guid.NewGuid():N}"[..20];

    public async ValueTask InitializeAsync()
    {
        await CustomResourceDefinitions.EnsureAppliedAsync();
        _ = (await Server.PostYamlAsync("/api/v1/namespaces", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Namespace}}}}}")).Success;
    }

    public async ValueTask DisposeAsync()
    {
        _ = (await Server.DeleteAsync($"/api/v1/namespaces/{Namespace}")).Success;
        Server.Dispose();
    }

    /// <summary>Creates an object whose spec is given as one line of YAML, refusing unknown fields.</summary>
    public Task<ApiAnswer> CreateAsync(string kind, string name, string spec, bool dryRun = false, string fieldValidation = "Strict") =>
        Server.PostYamlAsync(
            $"{CustomResourceDefinitions.PathOf(kind, Namespace)}?fieldValidation={fieldValidation}{(dryRun ? "&dryRun=All" : "")}",
            $"""
            apiVersion: {CustomResourceDefinitions.Group}/v1alpha1
            kind: {kind}
            metadata:
              name: {name}
            spec: {spec}
            """);

    public string PathOf(string kind, string name) => $"{CustomResourceDefinitions.PathOf(kind, Namespace)}/{name}";
}
