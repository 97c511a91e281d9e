using System.Text.Json.Nodes;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Conformance.Ecr;
using InfraOperator.Integration.Document;

namespace InfraOperator.Integration.Migration;

/// <summary>
/// <c>docs/migration.md</c>, step by step and command by command, on a cluster as the Go operator leaves it, with this operator as a
/// process. The objects have the names that the guide uses.
/// </summary>
[Collection(nameof(MigrationCollection))]
public sealed class GuideTests : IAsyncLifetime
{
    private const string Repository = "guide/app";
    private static readonly string[] Namespaces = ["team-a", "shared", "infra-operator-system"];

    private readonly RawApiServer _server = new();
    private readonly AwsEndpoint _aws = new();
    private readonly Shell _shell = new(Directory.CreateTempSubdirectory("migration-").FullName);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateSymbolicLink(Path.Combine(_shell.Folder, "helm"), Path.Combine(CustomResourceDefinitions.SourceRoot, "helm"));
        foreach (var definition in GoOperator.Definitions)
        {
            _ = (await _shell.RunAsync("kubectl apply -f -", definition.ToJsonString())).Success;
        }

        await UntilServedAsync(spec => !spec.ContainsKey("adoptionPolicy"));
        _ = (await _aws.SendAsync("ecr", "CreateRepository", new() { ["repositoryName"] = Repository })).Json;
        await EcrPush.ImageAsync(IntegrationEnvironment.AwsEndpointUrl, Repository, "one", TestContext.Current.CancellationToken);
        _ = (await _shell.RunAsync("kubectl create -f -", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. Objects()]) }.ToJsonString())).Success;
        _ = (await _shell.RunAsync("kubectl patch ecrrepository app -n team-a --subresource=status --type merge -p '{\"status\":{\"ready\":true,\"createdAt\":\"2025-01-01T00:00:00Z\"}}'")).Success;
    }

    public async ValueTask DisposeAsync()
    {
        await _shell.RunAsync("kubectl patch ecrrepository app -n team-a --type merge -p '{\"metadata\":{\"finalizers\":null}}'; kubectl patch awsprovider production-aws -n team-a --type merge -p '{\"metadata\":{\"finalizers\":null}}'");
        await _shell.RunAsync($"kubectl delete namespace {string.Join(' ', Namespaces)} --timeout=60s");
        await _aws.SendAsync("ecr", "DeleteRepository", new() { ["repositoryName"] = Repository, ["force"] = true });
        Directory.Delete(_shell.Folder, recursive: true);
        _server.Dispose();
        _aws.Dispose();
    }

    [Fact]
    public async Task Every_command_does_what_the_guide_says()
    {
        await RunAsync("1. Stop the Go operator");
        Assert.Equal("0", (await _shell.RunAsync("kubectl get deployment infra-operator-controller-manager -n infra-operator-system -o jsonpath='{.spec.replicas}'")).Success);

        var found = await RunAsync("2. See what will change");
        Assert.Matches(@"team-a +production-aws +shared +<none>", found);
        Assert.Matches(@"team-a +app +<none> +Retain", found);

        using (var refused = Start())
        {
            await refused.ExitAsync();
            Assert.Equal(2, refused.ExitCode);
            var words = Assert.Single(refused.Output, line => line.StartsWith("infra-operator cannot start: CustomResourceDefinition awsproviders.", StringComparison.Ordinal));
            Assert.Contains("CustomResourceDefinition ecrrepositories.", words);
            Assert.Contains("kubectl apply -f helm/infra-operator/crds", words);
        }

        await RunAsync("3. Apply the definitions");
        using (var silo = Start())
        {
            await silo.WatchingAsync();
            await _server.HoldsAsync("AWSProvider", "team-a", "production-aws", value => ((string?)value["status"]!["message"])?.Contains("spec.credentialsSecret.namespace: 'shared' is refused", StringComparison.Ordinal) == true);
            await RunAsync("4. Start this operator");
            await RunAsync("5. Mend what is refused");
            var app = await _server.HoldsAsync("ECRRepository", "team-a", "app", value => (string?)value["status"]!["origin"] == "Adopted" && (long?)value["status"]!["appliedGeneration"] is not null);
            Assert.Equal("2025-01-01T00:00:00Z", (string?)app["status"]!["createdAt"]);
            await silo.StopAsync();
        }

        await RunAsync("The way back");
        Assert.Equal(
            "[\"aws-infra-operator.runner.codes/ecr-finalizer\"]",
            (await _shell.RunAsync("kubectl get ecrrepository app -n team-a -o jsonpath='{.metadata.finalizers}'; kubectl get awsprovider production-aws -n team-a -o jsonpath='{.metadata.finalizers}'")).Success);
    }

    private static SiloRun Start() => new(new Dictionary<string, string?>
    {
        ["KUBECONFIG"] = IntegrationEnvironment.Kubeconfig,
        ["AWS_ENDPOINT_URL"] = IntegrationEnvironment.AwsEndpointUrl.ToString(),
        ["Operator__ClusterId"] = "guide",
        ["Silo__Port"] = "0",
        ["Http__Port"] = "0",
    });

    /// <summary>Runs the commands below a heading of the guide.</summary>
    private async Task<string> RunAsync(string heading)
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(CustomResourceDefinitions.SourceRoot, "docs", "migration.md"), TestContext.Current.CancellationToken);
        var section = guide.Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal));
        var commands = section.Split("```bash\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToArray();
        Assert.NotEmpty(commands);
        return (await _shell.RunAsync($"set -e\nexport AWS_ACCESS_KEY_ID=AKIAGUIDE AWS_SECRET_ACCESS_KEY='{PlantedSecrets.SecretAccessKey}'\n{string.Concat(commands)}")).Success;
    }

    private async Task UntilServedAsync(Func<JsonObject, bool> holds)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await _server.GetAsync($"/openapi/v3{CustomResourceDefinitions.ApiPath}") is var answer
            && !(answer.Body is JsonObject document && GoOperator.Fields(document, "ECRRepository", "spec") is { } spec && GoOperator.Fields(document, "AWSProvider", "spec") is not null && holds(spec)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Eventually.Deadline, "The definitions are not served.");
        }
    }

    private static IEnumerable<JsonNode> Objects()
    {
        foreach (var name in Namespaces)
        {
            yield return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };
        }

        yield return JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"infra-operator-controller-manager","namespace":"infra-operator-system","labels":{"control-plane":"controller-manager"}},
             "spec":{"replicas":1,"selector":{"matchLabels":{"control-plane":"controller-manager"}},
               "template":{"metadata":{"labels":{"control-plane":"controller-manager"}},"spec":{"containers":[{"name":"manager","image":"manager"}]}}}}
            """)!;
        yield return JsonNode.Parse("""
            {"apiVersion":"aws-infra-operator.runner.codes/v1alpha1","kind":"AWSProvider","metadata":{"name":"production-aws","namespace":"team-a"},
             "spec":{"region":"us-east-1","credentialsSecret":{"name":"aws-credentials","namespace":"shared"}}}
            """)!;
        yield return JsonNode.Parse($$"""
            {"apiVersion":"aws-infra-operator.runner.codes/v1alpha1","kind":"ECRRepository",
             "metadata":{"name":"app","namespace":"team-a","finalizers":["aws-infra-operator.runner.codes/ecr-finalizer"]},
             "spec":{"providerRef":{"name":"production-aws"},"repositoryName":"{{Repository}}","deletionPolicy":"Retain"} }
            """)!;
    }
}

/// <summary>Tests that change the definitions, one after the other.</summary>
[CollectionDefinition(nameof(MigrationCollection))]
public sealed class MigrationCollection;
