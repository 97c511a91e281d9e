using System.Text.Json.Nodes;
using InfraOperator.Conformance.Ecr;

namespace InfraOperator.Integration.Document;

/// <summary>
/// The document's objects have fixed names in namespace <c>default</c> and in ECR, so all tests of them run one after another.
/// </summary>
[CollectionDefinition]
public sealed class DocumentCollection : ICollectionFixture<DocumentFixture>;

/// <summary>
/// A user who has followed the document: its operator runs, its providers, repositories, role and key exist, all as the document
/// prints them. Tests come in any order; each that changes an object leaves it to the next one's <see cref="EnsureAsync"/>.
/// </summary>
public sealed class DocumentFixture(SiloProcess silo) : IAsyncLifetime
{
    private static readonly string[] QuickStart = ["e2e-app-images", "e2e-production-images", "app-backend"];

    public SiloProcess Silo => silo;

    public RawApiServer Server { get; } = new();

    public AwsEndpoint Aws { get; } = new();

    public Shell Shell { get; } = new(Directory.CreateTempSubdirectory("document-").FullName);

    public async ValueTask InitializeAsync()
    {
        await silo.EnsureStartedAsync();
        await CleanAsync();

        // "kubectl apply -f ecr-repository.yaml" comes after the three examples of the document's quick start.
        var quickStart = QuickStart.Select(name => DocumentText.Yaml($"name: {name}\n"));
        await File.WriteAllTextAsync(Path.Combine(Shell.Folder, "ecr-repository.yaml"), string.Join("---\n", quickStart));
        await File.WriteAllTextAsync(Path.Combine(Shell.Folder, "ecr-policy.json"), DocumentText.Blocks.First(block => block.Text.Contains("ecr:CreateRepository", StringComparison.Ordinal)).Text);

        // What the document says must exist: the key behind the alias, and the chart's service account.
        var key = await Aws.SendAsync("kms", "CreateKey", []);
        await Aws.SendAsync("kms", "CreateAlias", new() { ["AliasName"] = "alias/ecr-encryption", ["TargetKeyId"] = (string)key.Json["KeyMetadata"]!["KeyId"]! });
        _ = (await Shell.RunAsync("kubectl create namespace infra-operator-system && kubectl create serviceaccount infra-operator-controller-manager -n infra-operator-system")).Success;

        await EnsureAsync([.. DocumentObjects.All.Keys]);
    }

    public async ValueTask DisposeAsync()
    {
        await CleanAsync();
        Directory.Delete(Shell.Folder, recursive: true);
        Server.Dispose();
        Aws.Dispose();
    }

    /// <summary>Applies objects as the document prints them, and waits until the operator says that they hold.</summary>
    public async Task EnsureAsync(params string[] names)
    {
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. names.Select(name => DocumentObjects.All[name].DeepClone())]) };
        _ = (await Shell.RunAsync("kubectl apply -f -", list.ToJsonString())).Success;
        foreach (var name in names.Where(name => (string?)DocumentObjects.All[name]["kind"] != "Secret"))
        {
            await SettledAsync(name);
        }
    }

    /// <summary>Waits until the operator has dealt with the newest spec of an object and all is well.</summary>
    public Task<JsonNode> SettledAsync(string name) => HoldsAsync(name, IsSettled);

    /// <summary>Waits for a state of an object of the document.</summary>
    public Task<JsonNode> HoldsAsync(string name, Func<JsonNode, bool> predicate, string? words = null) =>
        Server.HoldsAsync((string)DocumentObjects.All[name]["kind"]!, "default", name, predicate, words ?? "settled");

    /// <summary>An object of ours as it is now.</summary>
    public async Task<JsonNode> ReadAsync(string kind, string name) =>
        (await Server.GetAsync($"{CustomResourceDefinitions.PathOf(kind, "default")}/{name}")).Success;

    /// <summary>Takes a repository away, in Kubernetes and in AWS, whatever its deletion policy is.</summary>
    public async Task RemoveAsync(string name)
    {
        const string Delete = """'{"spec":{"deletionPolicy":"Delete"}}'""";
        _ = (await Shell.RunAsync($"kubectl patch ecrrepository {name} --type merge -p {Delete} && kubectl delete ecrrepository {name} --timeout=60s")).Success;
        var repository = DocumentObjects.RepositoryName(name);
        Assert.Equal("RepositoryNotFoundException", (await Aws.SendAsync("ecr", "DescribeRepositories", new() { ["repositoryNames"] = new JsonArray(repository) })).Error);
    }

    /// <summary>Pushes an image where the tag has none yet, and has it scanned. In AWS <c>scanOnPush</c> does that; the mock waits to be told.</summary>
    public async Task EnsureImageAsync(string repository, string tag)
    {
        var image = new JsonObject { ["repositoryName"] = repository, ["imageId"] = new JsonObject { ["imageTag"] = tag } };
        if ((await Aws.SendAsync("ecr", "DescribeImageScanFindings", image)).Code is not System.Net.HttpStatusCode.OK)
        {
            await EcrPush.ImageAsync(IntegrationEnvironment.AwsEndpointUrl, repository, tag, TestContext.Current.CancellationToken);
            _ = (await Aws.SendAsync("ecr", "StartImageScan", image)).Json;
        }
    }

    private static bool IsSettled(JsonNode resource) =>
        resource["metadata"]!["deletionTimestamp"] is null
        && (long?)resource["status"]!["observedGeneration"] == (long)resource["metadata"]!["generation"]!
        && resource["status"]!["conditions"]!.AsArray() is var conditions
        && conditions.Any(condition => (string?)condition!["type"] == "Ready")
        && conditions.All(condition => (string?)condition!["type"] is not ("Ready" or "Synced") || (string?)condition["status"] == "True");

    /// <summary>Takes away what a run leaves behind, and what a run that was broken off has left.</summary>
    private async Task CleanAsync()
    {
        _ = (await Shell.RunAsync("""
            kubectl delete ecrrepositories --all --timeout=60s &&
            kubectl delete awsproviders --all --timeout=60s &&
            kubectl delete secret aws-credentials --ignore-not-found &&
            kubectl delete namespace infra-operator-system --ignore-not-found --timeout=60s
            """)).Success;
        foreach (var name in DocumentObjects.All.Where(item => (string?)item.Value["kind"] == "ECRRepository").Select(item => item.Key))
        {
            await Aws.SendAsync("ecr", "DeleteRepository", new() { ["repositoryName"] = DocumentObjects.RepositoryName(name), ["force"] = true });
        }

        await Aws.SendAsync("kms", "DeleteAlias", new() { ["AliasName"] = "alias/ecr-encryption" });
    }
}
