using System.Reflection;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>What was built with the benchmarks, and what they need from whoever runs them.</summary>
internal static class Built
{
    /// <summary>The assembly of the silo.</summary>
    public static string Silo => Metadata("Silo");

    /// <summary>Applies the definitions of both kinds to a cluster.</summary>
    public static async Task ApplyDefinitionsAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Metadata("SourceRoot"), "helm", "infra-operator", "crds"), "*.yaml"))
        {
            var definition = await File.ReadAllTextAsync(file, cancellationToken);
            var name = definition.Split('\n').First(line => line.StartsWith("  name: ", StringComparison.Ordinal))["  name: ".Length..].Trim();
            await cluster.PatchAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}?fieldManager=benchmarks&force=true", "apply-patch+yaml", definition, cancellationToken);
        }
    }

    /// <summary>An environment variable.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="meaning">What it has to be.</param>
    /// <exception cref="BenchmarkException">It is not set.</exception>
    public static string Require(string name, string meaning) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new BenchmarkException($"{name} is not set: {meaning}.");

    /// <inheritdoc cref="Require(string, string)"/>
    public static string RequireKubeconfig() => Require("KUBECONFIG", "the path of a kubeconfig whose cluster may be changed freely");

    private static string Metadata(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
