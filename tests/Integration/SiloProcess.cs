using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration;

[assembly: AssemblyFixture(typeof(SiloProcess))]

namespace InfraOperator.Integration;

/// <summary>
/// The one silo of the whole run, as a process like in production, against the servers of <see cref="IntegrationEnvironment"/>.
/// Two silos on one API server would reconcile the same objects, so every test class that needs one takes this fixture by its
/// constructor and awaits <see cref="EnsureStartedAsync"/>. In the end it is stopped as a kubelet does, by SIGTERM; a silo that
/// does not end cleanly fails the run. What it said is then in <c>silo.log</c> beside the suite.
/// </summary>
public sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>The <c>clusterId</c> of the silo, as in its owner tags.</summary>
    public const string ClusterId = "it";

    private readonly Lazy<Task> _started;
    private SiloRun? _run;

    public SiloProcess() => _started = new(StartAsync);

    /// <summary>What the silo has said so far on standard output and standard error, line by line.</summary>
    public IReadOnlyList<string> Output => _run?.Output ?? [];

    /// <summary>Applies the custom resource definitions, starts the silo where none runs yet, and completes when it watches both kinds.</summary>
    public Task EnsureStartedAsync() => _started.Value;

    /// <summary>The first line of output, said already or still to come, that a predicate holds for.</summary>
    /// <param name="predicate">The predicate.</param>
    /// <param name="after">How many lines of <see cref="Output"/> are not looked at.</param>
    public Task<string> LineAsync(Func<string, bool> predicate, int after = 0) =>
        _run?.LineAsync(predicate, after) ?? throw new InvalidOperationException("The silo was not started.");

    public async ValueTask DisposeAsync()
    {
        if (_run is not { } run)
        {
            return;
        }

        using (run)
        {
            try
            {
                await NothingSecretIsToldAsync();
                await run.StopAsync();
            }
            finally
            {
                await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "silo.log"), run.Output);
            }

            if (run.ExitCode != 0)
            {
                throw new InvalidOperationException($"The silo ended with exit code {run.ExitCode}: {run.LastWords()}");
            }
        }
    }

    // All that it wrote: statuses with their conditions, and events.
    private static async Task NothingSecretIsToldAsync()
    {
        using var server = new RawApiServer();
        foreach (var path in (string[])[$"/apis/{ApiNames.ApiVersion}/{AWSProvider.Plural}", $"/apis/{ApiNames.ApiVersion}/{ECRRepository.Plural}", "/apis/events.k8s.io/v1/events"])
        {
            foreach (var item in (await server.GetAsync(path)).Success["items"]!.AsArray())
            {
                if (PlantedSecrets.FoundIn(item!.ToJsonString()).Any())
                {
                    throw new InvalidOperationException($"The silo told a secret: {item.ToJsonString()}");
                }
            }
        }
    }

    private async Task StartAsync()
    {
        await CustomResourceDefinitions.EnsureAppliedAsync();

        // moto takes any token, and real web identities need a file to be read.
        var token = Path.Combine(AppContext.BaseDirectory, "web-identity-token");
        await File.WriteAllTextAsync(token, PlantedSecrets.WebIdentityToken);
        _run = new(new Dictionary<string, string?>
        {
            ["KUBECONFIG"] = IntegrationEnvironment.Kubeconfig,
            ["AWS_ENDPOINT_URL"] = IntegrationEnvironment.AwsEndpointUrl.ToString(),
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token,
            ["Operator__ClusterId"] = ClusterId,
            ["Operator__PaceInitialRate"] = "1000",
            ["Silo__Port"] = "0",
            ["Http__Port"] = "0",
        });
        await _run.WatchingAsync();
    }
}
