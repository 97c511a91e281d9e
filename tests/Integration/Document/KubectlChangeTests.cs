using System.Text.Json.Nodes;
using InfraOperator.Aws;

namespace InfraOperator.Integration.Document;

/// <summary>The document's commands that change: apply, patch, annotate, delete.</summary>
public sealed class KubectlChangeTests(DocumentFixture fixture) : DocumentTest(fixture)
{
    private const string OwnerTag = "aws-infra-operator.runner.codes/owner";

    [DocumentLine("kubectl apply -f ecr-repository.yaml", Shows = "makes the complete example in AWS")]
    public async Task The_complete_example_is_made_in_AWS_as_it_is_written()
    {
        await Fixture.RemoveAsync("app-backend");

        var output = (await RunAsync()).Success;

        var spec = DocumentObjects.All["app-backend"]["spec"]!;
        await Fixture.SettledAsync("app-backend");
        var repository = await DescribeAsync("app/backend");
        Assert.Contains("ecrrepository.aws-infra-operator.runner.codes/app-backend created", output);
        Assert.Equal((string?)spec["imageTagMutability"], (string?)repository["imageTagMutability"]);
        Assert.Equal((bool?)spec["scanOnPush"], (bool?)repository["imageScanningConfiguration"]!["scanOnPush"]);
        Assert.True(JsonNode.DeepEquals(spec["encryptionConfiguration"], repository["encryptionConfiguration"]), repository.ToJsonString());
        Assert.Equal(
            new SortedDictionary<string, string>
            {
                ["Environment"] = "production", ["Application"] = "backend", ["ManagedBy"] = "infra-operator",
                ["managed-by"] = "infra-operator", ["environment"] = "production",
                [OwnerTag] = "it/default/app-backend",
            },
            await TagsAsync("app/backend"));
        await AssertLifecyclePolicyAsync("app/backend", (string)spec["lifecyclePolicy"]!["policyText"]!);
    }

    [DocumentLine("kubectl annotate ecrrepository app-backend force-sync=\"$(date +%s)\" --overwrite")]
    public async Task Force_sync_compares_now_and_mends_what_somebody_changed()
    {
        await Fixture.EnsureAsync("app-backend");
        await EcrAsync("PutImageTagMutability", new() { ["repositoryName"] = "app/backend", ["imageTagMutability"] = "MUTABLE" });

        var output = (await RunAsync()).Success;

        Assert.Contains("app-backend annotated", output);
        var value = (string)(await Fixture.ReadAsync("ECRRepository", "app-backend"))["metadata"]!["annotations"]!["force-sync"]!;
        Assert.Matches("^[0-9]{10,}$", value);
        var synced = await Fixture.HoldsAsync("app-backend", resource => (string?)resource["status"]!["lastHandledForceSync"] == $"{value}|", $"force-sync {value} handled");
        Assert.Equal("IMMUTABLE", (string?)(await DescribeAsync("app/backend"))["imageTagMutability"]);
        Assert.Equal("IMMUTABLE", (string?)synced["status"]!["imageTagMutability"]);
        Assert.Contains("imageTagMutability", (await Fixture.Shell.RunAsync("kubectl describe ecrrepository app-backend | grep DriftCorrected")).Success);
    }

    [DocumentLine(
        "kubectl patch ecrrepository app-backend --type merge -p '{\"spec\":{\"deletionPolicy\":\"Retain\"}}'",
        Then = ["kubectl delete ecrrepository app-backend", "kubectl apply -f ecr-repository.yaml"],
        Shows = "from deletionPolicy Delete: the repository and its images stay, and are taken up again")]
    public async Task The_last_resort_loses_nothing()
    {
        await Fixture.EnsureAsync("app-backend");
        await Fixture.EnsureImageAsync("app/backend", "v1.0.0");
        await PatchAsync("app-backend", """{"spec":{"deletionPolicy":"Delete"}}""");
        var before = await DescribeAsync("app/backend");

        _ = (await RunAsync(0)).Success;
        var deleted = (await RunAsync(1)).Success;

        Assert.Contains("ecrrepository.aws-infra-operator.runner.codes \"app-backend\" deleted", deleted);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await Fixture.Server.GetAsync($"{CustomResourceDefinitions.PathOf("ECRRepository", "default")}/app-backend")).Code);
        Assert.True(JsonNode.DeepEquals(before, await DescribeAsync("app/backend")), "The repository is not what it was.");
        Assert.StartsWith("released/", (await TagsAsync("app/backend"))[OwnerTag]);

        _ = (await RunAsync(2)).Success;

        var resource = await Fixture.SettledAsync("app-backend");
        Assert.Equal("Created", (string?)resource["status"]!["origin"]);
        Assert.Equal((string?)before["repositoryArn"], (string?)resource["status"]!["repositoryArn"]);
        Assert.NotEqual(0, (int?)resource["status"]!["imageCount"]);
        Assert.Equal(JsonValue.Create((double)before["createdAt"]!).ToJsonString(), (await DescribeAsync("app/backend"))["createdAt"]!.ToJsonString());
        Assert.Equal("it/default/app-backend", (await TagsAsync("app/backend"))[OwnerTag]);
    }

    [DocumentLine("kubectl describe ecrrepository app-backend", Shows = "what is wrong, and what to do")]
    public async Task A_problem_is_told_by_describe()
    {
        await Fixture.EnsureAsync("app-backend");
        await PatchAsync("app-backend", """{"spec":{"lifecyclePolicy":{"policyText":"{\"rules\": [}"}}}""");
        await Fixture.HoldsAsync("app-backend", resource => (string?)Condition(resource, "Synced")["reason"] == "InvalidLifecyclePolicy", "told of the bad policy");

        var text = (await RunAsync()).Success;

        Assert.Matches(@"Reason: +InvalidLifecyclePolicy\n", text);
        Assert.Matches(@"Message: +spec\.lifecyclePolicy\.policyText: .*\n", text);
        await Fixture.EnsureAsync("app-backend");
        Assert.Matches(@"Events:\n(.*\n)* +Warning +InvalidLifecyclePolicy .* spec\.lifecyclePolicy\.policyText: ", (await RunAsync()).Success);
    }

    [DocumentLine("kubectl annotate serviceaccount infra-operator-controller-manager -n infra-operator-system eks.amazonaws.com/role-arn=arn:aws:iam::123456789012:role/infra-operator-ecr-role")]
    public async Task The_service_account_takes_the_role()
    {
        var output = (await RunAsync()).Success;

        Assert.Contains("serviceaccount/infra-operator-controller-manager annotated", output);
    }

    [DocumentLine("lifecyclePolicy: policyText: | { \"rules\": [ { \"rulePriority\": 1, \"description\": \"Keep all tagged\"…", Shows = "as the spec's, by the sample's patch file")]
    public async Task The_more_conservative_policy_is_applied_by_the_samples_patch()
    {
        await Fixture.EnsureAsync("app-backend");

        await PatchFileAsync("app-backend", "app-backend-lifecycle.yaml");

        await AssertLifecyclePolicyAsync("app/backend", (string)YamlText.Parse(Line().Text)["lifecyclePolicy"]!["policyText"]!);
        await Fixture.EnsureAsync("app-backend");
    }

    [DocumentLine("lifecyclePolicy: policyText: | { \"rules\": [{ \"rulePriority\": 1, \"description\": \"Keep only 10 images\"…", Shows = "as the spec's")]
    public async Task The_more_aggressive_policy_is_applied()
    {
        await Fixture.EnsureAsync("app-backend");
        var fragment = YamlText.Parse(Line().Text);

        await PatchAsync("app-backend", new JsonObject { ["spec"] = fragment.DeepClone() }.ToJsonString());
        await Fixture.SettledAsync("app-backend");

        await AssertLifecyclePolicyAsync("app/backend", (string)fragment["lifecyclePolicy"]!["policyText"]!);
        await Fixture.EnsureAsync("app-backend");
    }

    [DocumentLine("kubectl patch ecrrepository shared-images --type merge -p '{ \"spec\": { \"repositoryPolicyText\": …", Then = ["aws ecr get-repository-policy --repository-name shared/images"], Shows = "mended: the sample's patch file, the repository's real name")]
    public async Task Another_accounts_role_is_let_in_by_the_samples_patch()
    {
        await Fixture.EnsureAsync("shared-images");

        await PatchFileAsync("shared-images", "shared-images-policy.yaml");

        var call = AwsCommand.Parse(Line(1).Name.Replace("shared/images", "shared/base-images", StringComparison.Ordinal), Fixture.Shell.Folder);
        var policy = JsonNode.Parse((string)(await Fixture.Aws.SendAsync(call)).Json["policyText"]!)!;
        Assert.Equal("arn:aws:iam::999888777666:role/ECS-Task-Role", (string?)policy["Statement"]![0]!["Principal"]!["AWS"]);
        Assert.Equal("RepositoryNotFoundException", (await CallAsync(1)).Error);
        await Fixture.EnsureAsync("shared-images");
    }

    internal static JsonNode Condition(JsonNode resource, string type) =>
        resource["status"]!["conditions"]!.AsArray().First(condition => (string?)condition!["type"] == type)!;

    private async Task PatchAsync(string name, string patch) =>
        _ = (await Fixture.Shell.RunAsync($"kubectl patch ecrrepository {name} --type merge --patch-file /dev/stdin", patch)).Success;

    private async Task PatchFileAsync(string name, string file)
    {
        var path = Path.Combine(CustomResourceDefinitions.SourceRoot, "samples", "patches", file);
        _ = (await Fixture.Shell.RunAsync($"kubectl patch ecrrepository {name} --type merge --patch-file '{path}'")).Success;
        await Fixture.SettledAsync(name);
    }

    private async Task AssertLifecyclePolicyAsync(string repository, string expected)
    {
        var actual = (string)(await EcrAsync("GetLifecyclePolicy", new() { ["repositoryName"] = repository }))["lifecyclePolicyText"]!;
        Assert.Equal(LifecyclePolicy.Parse(LifecyclePolicy.Spell(expected).Text).NormalForm, LifecyclePolicy.Parse(actual).NormalForm);
    }

    private async Task<SortedDictionary<string, string>> TagsAsync(string repository)
    {
        var tags = await EcrAsync("ListTagsForResource", new() { ["resourceArn"] = $"arn:aws:ecr:us-east-1:123456789012:repository/{repository}" });
        return new(tags["tags"]!.AsArray().ToDictionary(tag => (string)tag!["Key"]!, tag => (string)tag!["Value"]!));
    }
}
