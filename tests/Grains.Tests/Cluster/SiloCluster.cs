using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Grains.Hosting;
using InfraOperator.Grains.Placement;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>Silos in this process that share the objects of a sandbox, each with its own network.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    public const string ClusterId = "silos";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);

    private SiloCluster(SandboxEcr ecr, SandboxApiServer server, InProcessTestCluster silos, SiloLog log) => (Ecr, Server, Silos, Log) = (ecr, server, silos, log);

    public SandboxEcr Ecr { get; }

    public SandboxApiServer Server { get; }

    public InProcessTestCluster Silos { get; }

    /// <summary>What the silos have said.</summary>
    public SiloLog Log { get; }

    /// <param name="silos">How many there are at first.</param>
    /// <param name="configure">Changes their configuration.</param>
    /// <param name="awsTime">The clock of AWS, by which its answers are late; the system's unless given.</param>
    public static async Task<SiloCluster> StartAsync(int silos, Action<OperatorOptions>? configure = null, TimeProvider? awsTime = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var ecr = await SandboxEcr.StartAsync(new() { TimeProvider = awsTime ?? TimeProvider.System }, cancellation);
        var log = new SiloLog();
        var server = await SandboxApiServer.StartAsync(new() { Manifests = [.. Sandbox.SandboxResources.CustomResourceDefinitions] }, cancellation);
        var kubernetes = new KubernetesClientConfiguration { Host = server.Url.ToString() };
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.Configure<OperatorOptions>(options =>
            {
                options.ClusterId = ClusterId;
                options.AwsEndpointUrl = ecr.Url;
                options.RebalancePeriod = TimeSpan.FromSeconds(2);
                configure?.Invoke(options);
            });
            silo.ConfigureForControlPlane();
            silo.Services.AddSingleton<ILoggerProvider>(log);
            silo.Services.AddControlPlane(kubernetes, "test");
        });
        var cluster = builder.Build();
        await cluster.DeployAsync(cancellation);
        return new(ecr, server, cluster, log);
    }

    /// <summary>The grains of objects that each silo has, by silo.</summary>
    public IReadOnlyDictionary<SiloAddress, ILocalGrain[]> Grains => Silos.Silos.Where(silo => silo.IsActive).ToDictionary(silo => silo.SiloAddress, silo => Local(silo).All.ToArray());

    /// <summary>Whether every repository is where it belongs, and none on its way.</summary>
    public bool IsBalanced
    {
        get
        {
            var grains = Grains;
            return grains.All(silo => silo.Value.All(grain => grain.Plural == AWSProvider.Plural || Rendezvous.Pick(grain.Id, grains.Keys)!.Equals(silo.Key)));
        }
    }

    public static LocalGrains Local(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<LocalGrains>();

    public static ResourceKey KeyOf(string name, string ns = "default") => new(ClusterId, ns, name);

    public InProcessSiloHandle SiloOf(string grainType, string key) =>
        Silos.Silos.Single(silo => silo.IsActive
            && Rendezvous.Pick(GrainId.Create(grainType, key), Silos.Silos.Where(other => other.IsActive).Select(other => other.SiloAddress))!.Equals(silo.SiloAddress));

    public void ApplyProvider() => Server.Apply(Sandbox.SandboxResources.Demo.First());

    /// <summary>Has a provider put a tag on all its repositories. One that there was not comes to be, and works if <see cref="ApplyProvider"/> has made the keys.</summary>
    public void ApplyProviderTag(string key, string value, string provider = "localstack") => Server.Apply($$"""
        apiVersion: {{ApiNames.ApiVersion}}
        kind: AWSProvider
        metadata: {name: {{provider}}, namespace: default}
        spec:
          region: us-east-1
          accessKeyIDRef: {name: aws-credentials, key: access-key-id}
          secretAccessKeyRef: {name: aws-credentials, key: secret-access-key}
          defaultTags: { {{key}}: "{{value}}" }
        """);

    public void ApplyRepository(string name, string tag = "one", string provider = "localstack") => Server.Apply($$"""
        apiVersion: {{ApiNames.ApiVersion}}
        kind: ECRRepository
        metadata: {name: {{name}}, namespace: default}
        spec:
          providerRef: {name: {{provider}}}
          repositoryName: silos/{{name}}
          tags: {edit: "{{tag}}"}
        """);

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"It did not come to this: {what}");
            await Task.Delay(PollEvery);
        }
    }

    public Task UntilSyncedAsync(IEnumerable<string> names) => UntilAsync(
        () => names.All(name => Server.Get(ECRRepository.Plural, "default", name) is { } value
            && (long?)value["status"]?["appliedGeneration"] == (long)value["metadata"]!["generation"]!
            && (bool?)value["status"]?["ready"] == true),
        "every repository is synced");

    /// <summary>Waits until AWS has a tag on each repository.</summary>
    public async Task UntilTaggedAsync(IEnumerable<string> names, string key, string value)
    {
        using var factory = NewAwsClientFactory(out var aws);
        foreach (var name in names)
        {
            var started = TimeProvider.System.GetTimestamp();
            while ((await aws.Ecr.ListTagsForResourceAsync(new() { ResourceArn = ArnOf(name) })).Tags?.Any(tag => (tag.Key, tag.Value) == (key, value)) != true)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"The repository of {name} has not come to have the tag {key}={value}");
            }
        }
    }

    /// <summary>Takes a tag off a repository behind the silos' backs.</summary>
    public async Task UntagInAwsAsync(string name, string key)
    {
        using var factory = NewAwsClientFactory(out var aws);
        await aws.Ecr.UntagResourceAsync(new() { ResourceArn = ArnOf(name), TagKeys = [key] });
    }

    private AwsClientFactory NewAwsClientFactory(out AwsClients aws)
    {
        var factory = new AwsClientFactory(TimeProvider.System, NullLoggerFactory.Instance);
        aws = factory.Create(new StaticIdentity("test", "test", null), new("us-east-1", Ecr.Url));
        return factory;
    }

    private static string ArnOf(string name) => $"arn:aws:ecr:us-east-1:000000000000:repository/silos/{name}";

    public async ValueTask DisposeAsync()
    {
        await Silos.DisposeAsync();
        await Server.DisposeAsync();
        await Ecr.DisposeAsync();
    }
}
