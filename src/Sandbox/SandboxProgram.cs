using InfraOperator.Grains;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using InfraOperator.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Sandbox;

/// <summary>What the sandbox is started with.</summary>
/// <param name="ApiPort">The port of the Kubernetes API; 0: a free one.</param>
/// <param name="AwsPort">The port of the ECR and STS API; 0: a free one.</param>
/// <param name="Demo">Whether to apply the quick-start objects.</param>
public sealed record SandboxSettings(int ApiPort, int AwsPort, bool Demo);

/// <summary>The sandbox as a program: starts the parts, applies the quick start, shows it become Ready, stays until Ctrl-C.</summary>
public static class SandboxProgram
{
    private const string Deployment = "infra-operator-system/infra-operator-controller-manager";
    private static readonly TimeSpan DemoPatience = TimeSpan.FromSeconds(60);

    /// <summary>Runs it.</summary>
    /// <param name="settings">What to start with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0 after Ctrl-C, 1 where the demonstration did not become Ready, 2 where a port is taken.</returns>
    public static async Task<int> RunAsync(SandboxSettings settings, CancellationToken cancellationToken)
    {
        var log = new RecentLog();
        var logs = new Dictionary<string, Func<int?, IEnumerable<string>>> { [Deployment] = log.Tail };
        try
        {
            await using var aws = await SandboxEcr.StartAsync(new() { Port = settings.AwsPort }, cancellationToken);
            await using var api = await SandboxApiServer.StartAsync(
                new() { Port = settings.ApiPort, Manifests = [.. SandboxResources.CustomResourceDefinitions], Logs = logs }, cancellationToken);
            var kubeconfig = WriteKubeconfig(api);
            using var silo = BuildSilo(kubeconfig, aws.Url, log);
            Introduce(api, aws, kubeconfig);
            await silo.StartAsync(cancellationToken);

            var ready = true;
            if (settings.Demo)
            {
                foreach (var manifest in SandboxResources.Demo)
                {
                    api.Apply(manifest);
                }

                ready = await new DemoView(api).ShowAsync(DemoPatience, cancellationToken);
            }

            ShowNextSteps(kubeconfig, aws, settings.Demo);
            await silo.WaitForShutdownAsync(cancellationToken);
            return ready ? 0 : 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"The sandbox cannot start: {exception.Message} Choose another port with --api-port or --aws-port.");
            return 2;
        }
    }

    private static string WriteKubeconfig(SandboxApiServer api)
    {
        var path = Path.Combine(".sandbox", "kubeconfig");
        Directory.CreateDirectory(".sandbox");
        File.WriteAllText(path, api.Kubeconfig);
        return path;
    }

    private static IHost BuildSilo(string kubeconfig, Uri aws, RecentLog log)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{OperatorOptions.Section}:{nameof(OperatorOptions.ClusterId)}"] = "sandbox",
            [$"{OperatorOptions.Section}:{nameof(OperatorOptions.AwsEndpointUrl)}"] = aws.ToString(),
            ["Kubernetes:Kubeconfig"] = Path.GetFullPath(kubeconfig),
            ["Silo:Port"] = "0",
        });
        SiloApplication.Configure(builder);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        return builder.Build();
    }

    private static void Introduce(SandboxApiServer api, SandboxEcr aws, string kubeconfig)
    {
        Console.WriteLine($"Kubernetes API  {api.Url}  (kubeconfig: {kubeconfig})");
        Console.WriteLine($"AWS (ECR, STS)  {aws.Url}");
        Console.WriteLine("Both are in memory and gone when this ends. What they leave out:");
        foreach (var limitation in api.Limitations)
        {
            Console.WriteLine($"  - {limitation}");
        }

        Console.WriteLine();
    }

    private static void ShowNextSteps(string kubeconfig, SandboxEcr aws, bool demo)
    {
        Console.WriteLine();
        Console.WriteLine("Try next, in another terminal:");
        Console.WriteLine($"  export KUBECONFIG=$PWD/{kubeconfig}");
        string[] commands = demo
            ?
            [
                "kubectl get awsprovider,ecr -o wide",
                "kubectl describe ecrrepository e2e-app-images",
                "kubectl patch ecrrepository e2e-app-images --type merge -p '{\"spec\":{\"imageTagMutability\":\"IMMUTABLE\"}}'",
                "kubectl annotate ecrrepository e2e-app-images force-sync=\"$(date +%s)\" --overwrite",
                "kubectl logs -n infra-operator-system deploy/infra-operator-controller-manager --tail=100 | grep -i ecr",
                "kubectl delete ecrrepository e2e-app-images",
            ]
            : ["kubectl apply -f samples/awsprovider-static-keys.yaml -f samples/quick-start.yaml", "kubectl get ecrrepositories -w"];
        foreach (var command in commands)
        {
            Console.WriteLine($"  {command}");
        }

        Console.WriteLine($"  aws ecr describe-repositories --region us-east-1 --endpoint-url {aws.Url}");
        Console.WriteLine();
        Console.WriteLine("Ctrl-C ends it.");
    }
}
