using System.Net;
using System.Text.Json.Nodes;
using InfraOperator.Conformance;
using InfraOperator.Integration.Chart;
using InfraOperator.Integration.Document;

namespace InfraOperator.Integration.Image;

/// <summary>
/// The commands of docs/install.md in their order, from a cluster that knows nothing of the operator to one that knows nothing of it
/// any more. Between helm install and helm uninstall the pod runs.
/// </summary>
[Collection(nameof(ImageCollection))]
public sealed class InstallGuideCommandsTests(PublishedImage image) : IAsyncLifetime
{
    /// <summary>What only a whole cluster, a registry or AWS could answer.</summary>
    private static readonly string[] NotHere =
    [
        "docker buildx ",
        "aws eks ",
        "kubectl -n infra-operator-system rollout ",
        "kubectl -n infra-operator-system port-forward ",
        "kubectl get --raw '/apis/custom.metrics.k8s.io/",
    ];

    // As far as the guide goes: renders, applies under Helm's name, and remembers what it made.
    private const string Helm = """
        helm() {
          local verb=$1 release=$2 chart= namespace= created=
          local -a values=()
          shift 2
          while (($#)); do
            case $1 in
              --namespace) namespace=$2; shift 2 ;;
              --create-namespace) created=yes; shift ;;
              --wait) shift ;;
              -f) values+=(-f "$2"); shift 2 ;;
              -*) echo "helm: $1 is not known here" >&2; return 1 ;;
              *) chart=$1; shift ;;
            esac
          done
          if [ "$verb" = uninstall ]; then
            kubectl delete -f "$release.yaml"
            return
          fi
          ${HELM_TEMPLATE:-command helm template} "$release" "$chart" -n "$namespace" "${values[@]}" > "$release.yaml"
          if [ "$verb" = install ]; then
            if [ -n "$created" ]; then kubectl create namespace "$namespace"; fi
            kubectl create --field-manager=helm -f "$chart/crds"
            kubectl wait --for=condition=Established -f "$chart/crds" --timeout=30s
          fi
          kubectl apply --server-side --field-manager=helm --validate=strict -f "$release.yaml"
        }
        """;

    private readonly RawApiServer _server = new();
    private readonly AwsEndpoint _aws = new();
    private readonly Shell _shell = new(Directory.CreateTempSubdirectory("install-").FullName);

    public async ValueTask InitializeAsync()
    {
        foreach (var folder in (string[])["helm", "samples"])
        {
            Directory.CreateSymbolicLink(Path.Combine(_shell.Folder, folder), Path.Combine(SourceTree.Root, folder));
        }

        await File.WriteAllTextAsync(Path.Combine(_shell.Folder, "my-values.yaml"), InstallGuide.Blocks("yaml").Single(block => block.StartsWith("# my-values.yaml", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        await RunAsync("kubectl delete -f helm/infra-operator/crds --ignore-not-found");
    }

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        _aws.Dispose();
        Directory.Delete(_shell.Folder, recursive: true);
        return default;
    }

    [Fact]
    public async Task Every_command_does_what_the_guide_says()
    {
        var blocks = InstallGuide.Blocks("bash").Select(Runnable).Where(block => block.Length > 0).ToList();
        var byHand = blocks[^1];
        blocks.RemoveAt(blocks.Count - 1);

        await RunUntilAsync(blocks, "helm install ");
        using (var run = await StartAsync())
        {
            await RunUntilAsync(blocks, "kubectl get awsproviders,ecrrepositories");
            await OutdateAsync();
            await RunUntilAsync(blocks, "helm upgrade ");
            Assert.DoesNotContain("An older version", await RunAsync("kubectl get crd ecrrepositories.aws-infra-operator.runner.codes -o yaml"), StringComparison.Ordinal);

            await RunUntilAsync(blocks, "kubectl get awsproviders,ecrrepositories -A");
            Assert.Empty(await RunAsync("kubectl get awsproviders,ecrrepositories -A -o name"));
            await RunUntilAsync(blocks, "helm uninstall ");
            await run.StopAsync();
            Assert.Equal(0, run.ExitCode);
        }

        await RunUntilAsync(blocks, "kubectl delete namespace ");
        Assert.Empty(blocks);
        Assert.Empty(await RunAsync("kubectl get crd -o name | grep runner.codes || true"));
        Assert.Equal(HttpStatusCode.NotFound, (await _server.GetAsync("/api/v1/namespaces/infra-operator-system")).Code);

        // Retained, as the guide has it.
        _ = (await _aws.SendAsync("ecr", "DeleteRepository", new() { ["repositoryName"] = "my-company/my-app" })).Json;

        await LeaveBehindAsync();
        await RunAsync(byHand);
        Assert.Empty(await RunAsync("kubectl get ecrrepositories -A -o name"));
    }

    private static string Runnable(string block) => string.Join('\n', block.Split('\n').Where(line => !NotHere.Any(command => line.StartsWith(command, StringComparison.Ordinal))));

    /// <summary>Runs the blocks up to the one that has a command.</summary>
    private async Task RunUntilAsync(List<string> blocks, string command)
    {
        while (true)
        {
            Assert.True(blocks.Count > 0, $"The guide has no '{command}' where it was looked for.");
            var block = blocks[0];
            blocks.RemoveAt(0);
            await RunAsync(block);
            if (block.Contains(command, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private async Task<string> RunAsync(string block) => (await _shell.RunAsync($"set -eu\n{Helm}\n{block}")).Success;

    /// <summary>The pod of the release, before a mock of AWS.</summary>
    private async Task<SiloRun> StartAsync()
    {
        var values = Release.Values(await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "my-values.yaml"), TestContext.Current.CancellationToken));
        values["ports"] = new JsonObject { ["silo"] = Pod.FreePort(), ["http"] = Pod.FreePort() };
        values["operator"] = new JsonObject { ["awsEndpointUrl"] = IntegrationEnvironment.AwsEndpointUrl.ToString() };
        var run = Pod.Start(image, await Release.RenderAsync(values), new Dictionary<string, string>());
        await run.WatchingAsync();
        return run;
    }

    /// <summary>Makes the definitions those of an older chart, as Helm installed them.</summary>
    private async Task OutdateAsync()
    {
        await RunAsync("""
            kubectl patch crd ecrrepositories.aws-infra-operator.runner.codes --field-manager=helm --type json \
              -p '[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/description","value":"An older version"}]'
            """);
        var refused = await _shell.RunAsync("kubectl apply --server-side -f helm/infra-operator/crds");
        Assert.Contains("conflict with \"helm\"", refused.Errors, StringComparison.Ordinal);
    }

    /// <summary>An object that no operator lets go.</summary>
    private async Task LeaveBehindAsync() => await RunAsync("""
        kubectl apply -f helm/infra-operator/crds
        kubectl wait --for=condition=Established -f helm/infra-operator/crds --timeout=30s
        until kubectl get ecrrepositories > /dev/null 2>&1; do :; done
        kubectl apply -f samples/basic.yaml
        kubectl patch ecrrepository my-app --type merge -p '{"metadata":{"finalizers":["aws-infra-operator.runner.codes/finalizer"]}}'
        kubectl delete ecrrepository my-app --wait=false
        """);
}

/// <summary>One after the other, since each runs a control plane.</summary>
[CollectionDefinition(nameof(ImageCollection))]
public sealed class ImageCollection : ICollectionFixture<PublishedImage>;
