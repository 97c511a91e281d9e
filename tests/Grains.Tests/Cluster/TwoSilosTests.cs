using System.Collections.Concurrent;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Hosting;
using InfraOperator.Kubernetes;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>The grains on two silos of one Orleans cluster, so that their messages are serialized and cross from one to the other.</summary>
public sealed class TwoSilosTests
{
    private const int Objects = 40;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Repositories_on_either_silo_become_Ready_through_one_provider()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var ecr = await SandboxEcr.StartAsync(new(), cancellation);
        await using var server = await SandboxApiServer.StartAsync(new() { Manifests = [.. Sandbox.SandboxResources.CustomResourceDefinitions] }, cancellation);
        var kubernetes = new KubernetesClientConfiguration { Host = server.Url.ToString() };

        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.Configure<OperatorOptions>(options =>
            {
                options.ClusterId = "two-silos";
                options.AwsEndpointUrl = ecr.Url;
            });
            silo.Services.AddControlPlane(kubernetes, "test");
        });
        await using var cluster = builder.Build();
        await cluster.DeployAsync(cancellation);

        foreach (var manifest in Sandbox.SandboxResources.Demo.Take(1).Concat(Enumerable.Range(0, Objects).Select(Repository)))
        {
            server.Apply(manifest);
        }

        await AllReadyAsync(kubernetes, cancellation);

        Assert.Equal(Objects, ecr.Calls("CreateRepository"));
        var repositories = (await cluster.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(types: null, hostsIds: null, cancellation))
            .Where(grain => grain.GrainId.Type.ToString() == "repository").ToArray();
        Assert.Equal(Objects, repositories.Length);
        Assert.Equal(2, repositories.Select(grain => grain.SiloAddress).Distinct().Count());
    }

    private static string Repository(int number) => $$"""
        apiVersion: {{ApiNames.ApiVersion}}
        kind: ECRRepository
        metadata: {name: app-{{number}}, namespace: default}
        spec:
          providerRef: {name: localstack}
          repositoryName: two-silos/app-{{number}}
          tags: {number: "{{number}}"}
        """;

    private static async Task AllReadyAsync(KubernetesClientConfiguration kubernetes, CancellationToken cancellationToken)
    {
        using var api = new KubernetesApi(kubernetes, TimeProvider.System, NullLoggerFactory.Instance);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ready = new ReadyRepositories();
        var watch = new ResourceWatcher<ECRRepository>(api, ResourceKinds.WatchedRepositories, null, new(), TimeProvider.System, NullLogger.Instance).RunAsync(ready, end.Token);
        await ready.All.Task.WaitAsync(Deadline, cancellationToken);
        await end.CancelAsync();
        await watch;
    }

    private sealed class ReadyRepositories : IResourceHandler<ECRRepository>
    {
        private readonly ConcurrentDictionary<string, bool> _ready = new();

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask ChangedAsync(ObjectReference reference, ECRRepository resource, CancellationToken ct)
        {
            if (resource.Status is { Ready: true } && _ready.TryAdd(reference.Name, true) && _ready.Count == Objects)
            {
                All.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken ct)
        {
            All.TrySetException(new InvalidOperationException($"{reference}: {error}"));
            return ValueTask.CompletedTask;
        }

        public ValueTask DeletedAsync(ObjectReference reference, CancellationToken ct) => ValueTask.CompletedTask;

        public ValueTask SyncedAsync(bool relisted, CancellationToken ct) => ValueTask.CompletedTask;
    }
}
