using System.Globalization;
using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Document;

/// <summary>The document's YAML: its objects, the fields of its reference, its expected output.</summary>
[Collection<DocumentCollection>]
public sealed class ExampleTests(DocumentFixture fixture)
{
    private static readonly Dictionary<string, string> Samples = new()
    {
        ["production-aws"] = "awsprovider-irsa.yaml",
        ["aws-credentials"] = "awsprovider-static-keys.yaml",
        ["localstack"] = "awsprovider-static-keys.yaml",
        ["e2e-app-images"] = "quick-start.yaml",
        ["e2e-production-images"] = "quick-start-lifecycle.yaml",
        ["app-backend"] = "complete.yaml",
        ["my-app"] = "basic.yaml",
        ["secure-backend"] = "scan-on-push.yaml",
        ["continuous-build"] = "lifecycle.yaml",
        ["encrypted-production"] = "kms.yaml",
        ["shared-images"] = "cross-account.yaml",
    };

    public static TheoryData<string> Objects => [.. DocumentObjects.All.Keys];

    /// <summary>The pieces of a spec that the reference prints; where one shows two ways to write a field, each is a piece.</summary>
    public static TheoryData<string> Fragments =>
    [
        .. DocumentText.Blocks
            .Where(block => block.Language == "yaml" && !block.Text.StartsWith("apiVersion:", StringComparison.Ordinal) && !block.Text.StartsWith("status:", StringComparison.Ordinal) && !IsPipeline(block))
            .SelectMany(block => block.Text.Split("# or without prefix\n")),
    ];

    [Theory]
    [MemberData(nameof(Objects))]
    public void The_sample_is_the_documents_object(string name)
    {
        var sample = File.ReadAllText(Path.Combine(CustomResourceDefinitions.SourceRoot, "samples", Samples[name]))
            .Split("\n---\n").Select(YamlText.Parse).Single(item => (string?)item["metadata"]!["name"] == name);

        Assert.True(JsonNode.DeepEquals(DocumentObjects.All[name], sample), sample.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Fragments))]
    public async Task A_field_of_the_reference_is_accepted(string fragment)
    {
        var spec = YamlText.Parse(fragment).AsObject();
        spec["providerRef"] = new JsonObject { ["name"] = "production-aws" };
        spec["repositoryName"] ??= "reference";
        var resource = new JsonObject
        {
            ["apiVersion"] = $"{CustomResourceDefinitions.Group}/v1alpha1",
            ["kind"] = "ECRRepository",
            ["metadata"] = new JsonObject { ["name"] = "reference" },
            ["spec"] = spec.DeepClone(),
        };

        var kept = JsonNode.Parse((await fixture.Shell.RunAsync("kubectl apply --dry-run=server -o json -f -", resource.ToJsonString())).Success)!;

        Assert.True(JsonNode.DeepEquals(spec, kept["spec"]), kept["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task The_status_is_the_documents_expected_output()
    {
        await fixture.EnsureAsync("secure-backend");
        var expected = YamlText.Parse(YamlText.Mend(DocumentText.Yaml("lastSyncTime:")))["status"]!.AsObject();

        var actual = (await fixture.ReadAsync("ECRRepository", "secure-backend"))["status"]!;

        // The times are another day's; all else is the same to the letter.
        Assert.Equal(
            ["repositoryArn", "repositoryUri", "registryId", "creationDate", "imageTagMutability", "encryptionType", "imageScanningConfiguration", "ready", "lastSyncTime"],
            expected.Select(field => field.Key));
        Assert.All(expected, field =>
        {
            var (wanted, found) = (field.Value!, actual[field.Key]);
            if (field.Key is "creationDate" or "lastSyncTime")
            {
                Assert.True(IsTime(wanted) && IsTime(found), $"{field.Key} is {found?.ToJsonString()}, where {wanted.ToJsonString()} is the form.");
            }
            else
            {
                Assert.True(JsonNode.DeepEquals(wanted, found), $"{field.Key} is {found?.ToJsonString()}, not {wanted.ToJsonString()}.");
            }
        });
    }

    [Fact]
    public void Pipelines_of_others_are_the_only_YAML_that_is_not_tested() =>
        Assert.Equal(["# GitLab CI Example", "name: Build and Push to ECR"], DocumentText.Blocks.Where(IsPipeline).Select(block => block.Text.Split('\n')[0]));

    private static bool IsPipeline(DocumentBlock block) =>
        block.Language == "yaml" && (block.Text.Contains("\nstages:", StringComparison.Ordinal) || block.Text.Contains("\njobs:", StringComparison.Ordinal));

    private static bool IsTime(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var time) && DateTime.TryParseExact(time, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
