using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Document;

/// <summary>The objects that the document prints, with the indentation that some of them lost.</summary>
internal static class DocumentObjects
{
    /// <summary>Each object of ours, and the Secret, by its name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> All { get; } = DocumentText.Blocks
        .Where(block => block.Language == "yaml" && block.Text.StartsWith("apiVersion:", StringComparison.Ordinal))
        .SelectMany(block => block.Text.Split("\n---\n"))
        .Select(text => YamlText.Parse(YamlText.Mend(text)).AsObject())
        .ToDictionary(item => (string)item["metadata"]!["name"]!);

    /// <summary>The name in ECR of an ECRRepository of the document.</summary>
    public static string RepositoryName(string name) => (string)All[name]["spec"]!["repositoryName"]!;
}
