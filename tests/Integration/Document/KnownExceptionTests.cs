using System.Net;
using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Document;

/// <summary>What the document prints and neither kubectl, the API nor AWS takes: each is refused with words that name the mend.</summary>
public sealed class KnownExceptionTests(DocumentFixture fixture) : DocumentTest(fixture)
{
    [DocumentLine("kubectl patch ecrrepository app-backend --type merge -p '{\"spec\":{\"lifecyclePolicy\":\"...\"}}'", Shows = "422: must be of type object")]
    public async Task A_lifecycle_policy_as_a_string_is_refused_by_its_field()
    {
        await Fixture.EnsureAsync("app-backend");
        var generation = (long?)(await Fixture.ReadAsync("ECRRepository", "app-backend"))["metadata"]!["generation"];

        var result = await RunAsync();

        var answer = await Fixture.Server.MergePatchAsync($"{CustomResourceDefinitions.PathOf("ECRRepository", "default")}/app-backend", Line().Name.Split('\'')[1]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The ECRRepository \"app-backend\" is invalid", result.Errors);
        Assert.Contains("spec.lifecyclePolicy: Invalid value: \"string\": spec.lifecyclePolicy in body must be of type object", result.Errors);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(answer.Causes, cause => cause.StartsWith("spec.lifecyclePolicy: ", StringComparison.Ordinal));
        Assert.Equal(generation, (long?)(await Fixture.ReadAsync("ECRRepository", "app-backend"))["metadata"]!["generation"]);
    }

    [DocumentLine("kubectl patch ecrrepository shared-images --type merge -p '{ \"spec\": { \"repositoryPolicyText\": …", Shows = "refused: line breaks inside a JSON string")]
    public async Task A_policy_with_raw_line_breaks_is_no_JSON()
    {
        await Fixture.EnsureAsync("shared-images");
        var generation = (long?)(await Fixture.ReadAsync("ECRRepository", "shared-images"))["metadata"]!["generation"];

        var result = await RunAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(@"invalid character '\n' in string literal", result.Errors);
        Assert.Equal(generation, (long?)(await Fixture.ReadAsync("ECRRepository", "shared-images"))["metadata"]!["generation"]);
    }

    [Theory]
    [InlineData("encrypted-production", "mapping values are not allowed")]
    [InlineData("shared-images", "did not find expected key")]
    public async Task An_example_without_its_indentation_is_refused_by_kubectl(string name, string words)
    {
        var printed = DocumentText.Yaml($"name: {name}\n");

        var result = await Fixture.Shell.RunAsync("kubectl apply -f -", printed);

        Assert.True(YamlText.IsMisindented(printed));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error converting YAML to JSON", result.Errors);
        Assert.Contains(words, result.Errors);
    }

    [Fact]
    public async Task The_lifecycle_example_with_any_before_another_rule_is_told_and_does_no_harm()
    {
        var fragment = YamlText.Parse(DocumentText.Yaml("Expire untagged images after 30 days"));
        await Fixture.EnsureAsync("my-app");

        await PatchMyAppAsync(fragment);

        var resource = await Fixture.HoldsAsync(
            "my-app",
            resource => (long?)resource["status"]!["observedGeneration"] == (long)resource["metadata"]!["generation"]!,
            "dealt with");
        Assert.Equal(("False", "InvalidLifecyclePolicy"), Of(resource, "Synced"));
        Assert.Equal(("True", "Available"), Of(resource, "Ready"));
        Assert.Equal(("True", "InvalidLifecyclePolicy"), Of(resource, "Stalled"));
        Assert.Contains("rule 1, selection.tagStatus: 'any' must come last", (string)resource["status"]!["message"]!);
        var policy = await Fixture.Aws.SendAsync("ecr", "GetLifecyclePolicy", new() { ["repositoryName"] = "my-company/my-app" });
        Assert.Equal("LifecyclePolicyNotFoundException", policy.Error);

        var sample = YamlText.Parse(await File.ReadAllTextAsync(Path.Combine(CustomResourceDefinitions.SourceRoot, "samples", "lifecycle-any-last.yaml"), TestContext.Current.CancellationToken));
        await PatchMyAppAsync(new JsonObject { ["lifecyclePolicy"] = sample["spec"]!["lifecyclePolicy"]!.DeepClone() });
        await Fixture.SettledAsync("my-app");
        await PatchMyAppAsync(new JsonObject { ["lifecyclePolicy"] = null });
        await Fixture.SettledAsync("my-app");
    }

    /// <summary>AWS wants a list of tags beside <c>tagged</c>, and the document's example has none.</summary>
    [Fact]
    public async Task The_lifecycle_example_with_tagged_alone_is_sent_in_AWSs_spelling_and_said_so()
    {
        await Fixture.EnsureAsync("continuous-build");

        var status = (await Fixture.ReadAsync("ECRRepository", "continuous-build"))["status"]!;
        var policy = await Fixture.Aws.SendAsync("ecr", "GetLifecyclePolicy", new() { ["repositoryName"] = "ci-cd/app-builder" });

        Assert.Contains("tagPatternList", (string?)status["message"]);
        Assert.Equal("*", (string?)JsonNode.Parse((string)policy.Json["lifecyclePolicyText"]!)!["rules"]![0]!["selection"]!["tagPatternList"]![0]);
    }

    [DocumentLine("aws kms get-key-policy --key-id alias/ecr-encryption --policy-name default", Shows = "refused: KMS takes no alias here; its key id works")]
    public async Task A_key_policy_is_read_by_the_keys_id()
    {
        var refused = await CallAsync();
        var key = await Fixture.Aws.SendAsync("kms", "DescribeKey", new() { ["KeyId"] = "alias/ecr-encryption" });
        var mended = Line().Name.Replace("alias/ecr-encryption", (string)key.Json["KeyMetadata"]!["KeyId"]!, StringComparison.Ordinal);

        var policy = await Fixture.Aws.SendAsync(AwsCommand.Parse(mended, Fixture.Shell.Folder));

        Assert.Equal("NotFoundException", refused.Error);
        Assert.Contains("kms:*", (string)policy.Json["Policy"]!);
    }

    private async Task PatchMyAppAsync(JsonNode spec) =>
        _ = (await Fixture.Shell.RunAsync("kubectl patch ecrrepository my-app --type merge --patch-file /dev/stdin", new JsonObject { ["spec"] = spec }.ToJsonString())).Success;

    private static (string? Status, string? Reason) Of(JsonNode resource, string type)
    {
        var condition = KubectlChangeTests.Condition(resource, type);
        return ((string?)condition["status"], (string?)condition["reason"]);
    }
}
