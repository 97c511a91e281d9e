using System.Reflection;
using System.Text.Json.Nodes;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>
/// What a benchmark works on: the two real servers chosen by <c>KUBECONFIG</c> and <c>AWS_ENDPOINT_URL</c>, a counting proxy
/// before each, a namespace with a provider, and a watch of the namespace. Silos see the proxies only.
/// </summary>
internal sealed class Workbench : IAsyncDisposable
{
    /// <summary>The provider that the repositories name.</summary>
    public const string Provider = "benchmark";

    private readonly HttpClient _aws;
    private readonly string _kubeconfig;

    private Workbench(Cluster cluster, HttpClient aws, CountingProxy kubernetes, CountingProxy awsProxy, string ns)
    {
        (Cluster, _aws, Kubernetes, Aws, Namespace) = (cluster, aws, kubernetes, awsProxy, ns);
        Objects = new(cluster, ns);
        _kubeconfig = Path.Combine(Path.GetTempPath(), $"{ns}.kubeconfig");
    }

    public Cluster Cluster { get; }

    /// <summary>Before the API server.</summary>
    public CountingProxy Kubernetes { get; }

    /// <summary>Before AWS.</summary>
    public CountingProxy Aws { get; }

    /// <summary>A namespace of this run; also the prefix of all names.</summary>
    public string Namespace { get; }

    public ObjectWatch Objects { get; }

    /// <summary>The path of this run's repositories.</summary>
    public string Repositories => Cluster.PathOf(Namespace, "ecrrepositories");

    /// <summary>Starts the proxies and prepares the cluster. The provider is applied; no silo runs yet.</summary>
    public static async Task<Workbench> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = Cluster.Load(Require("KUBECONFIG", "the path of a kubeconfig whose cluster may be changed freely"));
        var endpoint = new Uri(Require("AWS_ENDPOINT_URL", "the URL of an AWS mock on this machine"));
        if (!endpoint.IsLoopback)
        {
            throw new BenchmarkException($"AWS_ENDPOINT_URL is {endpoint}; benchmarks only run against a mock on this machine.");
        }

        await cluster.ApplyDefinitionsAsync(Path.Combine(BuiltFrom("SourceRoot"), "helm", "infra-operator", "crds"), cancellationToken);
        var ns = $"bench-{Guid.NewGuid().ToString("N")[..8]}";
        await cluster.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } }, cancellationToken);
        await cluster.CreateAsync($"/api/v1/namespaces/{ns}/secrets", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "keys" },
            ["stringData"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "test" },
        }, cancellationToken);
        await cluster.CreateAsync(Cluster.PathOf(ns, "awsproviders"), new JsonObject
        {
            ["apiVersion"] = "aws-infra-operator.runner.codes/v1alpha1",
            ["kind"] = "AWSProvider",
            ["metadata"] = new JsonObject { ["name"] = Provider },
            ["spec"] = new JsonObject { ["region"] = "us-east-1", ["credentialsSecret"] = new JsonObject { ["name"] = "keys" } },
        }, cancellationToken);

        var aws = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        return new(
            cluster,
            aws,
            await CountingProxy.StartAsync(cluster.Url, cluster.ForwardAsync, CallNames.OfKubernetes, cancellationToken),
            await CountingProxy.StartAsync(endpoint, (request, token) => aws.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), CallNames.OfAws, cancellationToken),
            ns);
    }

    /// <summary>Starts a silo behind the proxies and returns when it watches and the provider is ready.</summary>
    /// <param name="comparePeriod">How often it compares each repository with AWS.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SiloProcess> StartSiloAsync(TimeSpan comparePeriod, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(_kubeconfig, $$$"""
            apiVersion: v1
            kind: Config
            current-context: proxy
            clusters: [{name: proxy, cluster: {server: "{{{Kubernetes.Url}}}"}}]
            users: [{name: proxy, user: {}}]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy}}]
            """, cancellationToken);
        var silo = await SiloProcess.StartAsync(BuiltFrom("Silo"), new Dictionary<string, string>
        {
            ["KUBECONFIG"] = _kubeconfig,
            ["AWS_ENDPOINT_URL"] = Aws.Url.AbsoluteUri,
            ["Operator__ClusterId"] = "benchmark",
            ["Operator__ComparePeriod"] = comparePeriod.ToString("c"),
            ["Silo__Port"] = "0",
        }, cancellationToken);
        await Until.TrueAsync(
            async () => (bool?)(await Cluster.GetAsync($"{Cluster.PathOf(Namespace, "awsproviders")}/{Provider}", cancellationToken))["status"]?["ready"] == true,
            "the provider to be ready",
            cancellationToken);
        return silo;
    }

    /// <summary>Waits until the silo has had nothing to say to either server for a second.</summary>
    public Task UntilQuietAsync(CancellationToken cancellationToken) => Until.TrueAsync(
        () => Kubernetes.Calls.IsQuiet(TimeSpan.FromSeconds(1)) && Aws.Calls.IsQuiet(TimeSpan.FromSeconds(1)), "the silo to be quiet", cancellationToken);

    /// <summary>What the AWS endpoint calls itself.</summary>
    public async Task<string> DescribeAwsAsync(CancellationToken cancellationToken)
    {
        using var answer = await _aws.GetAsync(Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL"), cancellationToken);
        return answer.Headers.Server.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Objects.DisposeAsync();
        await Cluster.DeleteAsync($"/api/v1/namespaces/{Namespace}", CancellationToken.None);
        await Kubernetes.DisposeAsync();
        await Aws.DisposeAsync();
        _aws.Dispose();
        Cluster.Dispose();
        File.Delete(_kubeconfig);
    }

    private static string BuiltFrom(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    private static string Require(string name, string meaning) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new BenchmarkException($"{name} is not set: {meaning}.");
}
