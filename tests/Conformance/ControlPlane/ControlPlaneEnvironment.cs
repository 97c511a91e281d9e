using System.Collections.Concurrent;
using InfraOperator.Aws;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// A control plane as it is shipped, one silo in this process, between an API server and an AWS. Many tests share it, each with a
/// namespace and a repository prefix of its own. It starts with the first test that needs it.
/// </summary>
public abstract class ControlPlaneEnvironment : IAsyncDisposable
{
    /// <summary>Names the cluster in owner tags.</summary>
    public const string ClusterId = "suite";

    private readonly Lazy<Task> _started;
    private readonly AwsClientFactory _aws = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly string _folder = Directory.CreateTempSubdirectory("control-plane-").FullName;
    private HttpClient? _http;
    private RecordingProxy? _kubernetesProxy;
    private RecordingProxy? _awsProxy;
    private IHost? _silo;

    protected ControlPlaneEnvironment() => _started = new(StartAllAsync);

    /// <summary>Objects, past the proxy.</summary>
    public KubernetesObjects Objects => new(Started(_http));

    /// <summary>What the control plane asks of Kubernetes.</summary>
    public RecordingProxy Kubernetes => Started(_kubernetesProxy);

    /// <summary>What the control plane asks of AWS.</summary>
    public RecordingProxy Aws => Started(_awsProxy);

    /// <summary>What the silos of this environment log.</summary>
    public SiloLog Log { get; } = new();

    /// <summary>What this process measures and traces.</summary>
    public SecretWatch Secrets { get; } = new();

    /// <summary>The tests that have begun here, by class and method.</summary>
    public ConcurrentDictionary<(string Class, string Method), bool> Began { get; } = new();

    /// <summary>Where AWS is, past the proxy.</summary>
    public abstract Uri AwsUrl { get; }

    /// <summary>Settings of the silo. Retries come soon, so that no test waits; comparisons come only when they are asked for.</summary>
    protected virtual Dictionary<string, string?> Settings => new()
    {
        ["Operator:ClusterId"] = ClusterId,
        ["Operator:AwsEndpointUrl"] = Aws.Url.ToString(),
        ["Operator:ComparePeriod"] = "40.00:00:00",
        ["Operator:MinRetryDelay"] = "00:00:00.100",
        ["Operator:MaxRetryDelay"] = "00:00:01",
        ["Operator:WebIdentityTokenFile"] = Path.Combine(_folder, "token"),
        ["Operator:InternalEndpointHosts:0"] = AwsUrl.Host,
        ["Operator:AcceptedOwners:0"] = "accepted",
        ["Operator:AcceptedOwners:1"] = "half-accepted/team-a/*",
        ["Operator:DeletionBrakeLimit"] = "40",

        // All classes share one account, and some have it throttled.
        ["Operator:PaceInitialRate"] = "1000",
        ["Operator:PaceMinRate"] = "1000",
        // One suite keeps to namespaces of a rule of its own; the others' are not bound.
        ["Operator:Tenants:0:Name"] = "fenced",
        ["Operator:Tenants:0:Namespaces:0"] = "t-*fenced",
        ["Operator:Tenants:0:RoleARNs:0"] = "arn:aws:iam::*:role/fenced-*",
        ["Operator:Tenants:0:AccountIDs:0"] = "000000000000",
        ["Operator:Tenants:0:AccountIDs:1"] = "123456789012",
        ["Operator:Tenants:0:Regions:0"] = "us-east-1",
        ["Operator:Tenants:0:EndpointHosts:0"] = "*.fenced.example",
        ["Operator:Tenants:0:RepositoryNames:0"] = "t-*fenced/*",
        ["Operator:Tenants:0:MaxRepositories"] = "3",
        ["Operator:Tenants:1:Name"] = "narrow",
        ["Operator:Tenants:1:Namespaces:0"] = "t-*narrow",
        ["Operator:Tenants:1:RepositoryNames:0"] = "narrow/*",
        ["Operator:Tenants:2:Name"] = "open",
        ["Operator:Tenants:2:Namespaces:0"] = "*",
        ["Kubernetes:Kubeconfig"] = Path.Combine(_folder, "kubeconfig"),
        ["Silo:Port"] = "0",
        ["Http:Port"] = "0",
    };

    /// <summary>Whether the silo starts with the servers.</summary>
    protected virtual bool StartsWithSilo => true;

    /// <summary>Starts silo and servers, once.</summary>
    public Task EnsureStartedAsync() => _started.Value;

    /// <summary>AWS as an identity sees it, past the proxy.</summary>
    public AwsClients ClientsOf(string accessKeyId, string region = "us-east-1") => _aws.Create(new StaticIdentity(accessKeyId, PlantedSecrets.SecretAccessKey, null), new(region, AwsUrl));

    /// <summary>Lets an access key do only what its IAM policy allows, until disposed.</summary>
    public abstract IDisposable Enforce(string accessKeyId, IdentityPolicy policy);

    /// <summary>Starts a silo, as its process does.</summary>
    public async Task StartSiloAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(Settings);
        SiloApplication.Configure(builder);
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Debug)
            .AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        var silo = builder.Build();
        try
        {
            await SiloApplication.CheckAsync(silo);
            await silo.StartAsync();
            _silo = silo;
        }
        finally
        {
            if (_silo != silo)
            {
                silo.Dispose();
            }
        }
    }

    /// <summary>Stops the silo; all that it had in memory is lost.</summary>
    public async Task StopSiloAsync()
    {
        if (_silo is { } silo)
        {
            _silo = null;
            await silo.StopAsync();
            silo.Dispose();
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await StopSiloAsync();
        await (_kubernetesProxy?.DisposeAsync() ?? default);
        await (_awsProxy?.DisposeAsync() ?? default);
        _http?.Dispose();
        _aws.Dispose();
        Secrets.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the servers, or finds them.</summary>
    protected abstract Task StartServersAsync();

    /// <summary>A client of the API server, with its base address and authentication, and no time limit.</summary>
    protected abstract HttpClient OpenKubernetes();

    private async Task StartAllAsync()
    {
        // The identity that the process was given, for providers that name no other.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKIAAMBIENT");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", PlantedSecrets.SecretAccessKey);

        await StartServersAsync();
        _http = OpenKubernetes();
        _kubernetesProxy = await RecordingProxy.StartAsync(OpenKubernetes());
        _awsProxy = await RecordingProxy.StartAsync(new HttpClient { BaseAddress = AwsUrl, Timeout = Timeout.InfiniteTimeSpan });
        await File.WriteAllTextAsync(Path.Combine(_folder, "token"), PlantedSecrets.WebIdentityToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "kubeconfig"), $$"""
            apiVersion: v1
            kind: Config
            current-context: proxy
            clusters: [{name: proxy, cluster: {server: "{{Kubernetes.Url}}"} }]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy} }]
            users: [{name: proxy, user: {token: {{PlantedSecrets.BearerToken}}} }]
            """);
        if (StartsWithSilo)
        {
            await StartSiloAsync();
        }
    }

    private static T Started<T>(T? part)
        where T : class => part ?? throw new InvalidOperationException("The environment is not started.");
}
