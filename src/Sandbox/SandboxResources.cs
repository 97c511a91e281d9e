namespace InfraOperator.Sandbox;

/// <summary>The manifests that the sandbox carries with it: the chart's CRDs and the quick start of the samples.</summary>
public static class SandboxResources
{
    /// <summary>The custom resource definitions.</summary>
    public static IEnumerable<string> CustomResourceDefinitions => Read("crds/");

    /// <summary>The quick-start objects, in the order to apply them.</summary>
    public static IEnumerable<string> Demo => Read("demo/");

    private static IEnumerable<string> Read(string prefix)
    {
        var assembly = typeof(SandboxResources).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }
}
