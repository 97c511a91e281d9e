namespace InfraOperator.Benchmarks.Servers;

/// <summary>
/// What a benchmark works on: the two servers, chosen by <c>KUBECONFIG</c> and, where the benchmark brings no AWS of its own,
/// <c>AWS_ENDPOINT_URL</c>; a counting proxy before each, a namespace with a provider named <c>benchmark</c>, and a watch of the
/// namespace. Silos see the proxies only.
/// </summary>
internal sealed class Workbench : IAsyncDisposable
{
    private const string Group = "aws-infra-operator.runner.codes";
    private static readonly HttpClient AwsClient = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    private readonly string _kubeconfig;

    private Workbench(Cluster cluster, CountingProxy kubernetes, CountingProxy aws, string ns)
    {
        (Cluster, Kubernetes, Aws, Namespace) = (cluster, kubernetes, aws, ns);
        Objects = new(cluster, Repositories);
        _kubeconfig = Path.Combine(Path.GetTempPath(), $"{ns}.kubeconfig");
    }

    public Cluster Cluster { get; }

    /// <summary>Before the API server.</summary>
    public CountingProxy Kubernetes { get; }

    /// <summary>Before AWS.</summary>
    public CountingProxy Aws { get; }

    /// <summary>The namespace of this run; also the prefix of the names of its repositories.</summary>
    public string Namespace { get; }

    public ObjectWatch Objects { get; }

    /// <summary>The path of this run's repositories.</summary>
    public string Repositories => $"{PathOf(Namespace)}/ecrrepositories";

    /// <summary>The path of this run's provider.</summary>
    public string Provider => $"{PathOf(Namespace)}/awsproviders/benchmark";

    /// <summary>Starts the proxies and prepares the cluster. The provider is not applied, and no silo runs yet.</summary>
    /// <param name="aws">The AWS; null: the one of <c>AWS_ENDPOINT_URL</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Workbench> StartAsync(Uri? aws, CancellationToken cancellationToken)
    {
        var cluster = Cluster.Load(Built.RequireKubeconfig());
        var endpoint = aws ?? new Uri(Built.Require("AWS_ENDPOINT_URL", "the URL of an AWS mock on this machine"));
        if (!endpoint.IsLoopback)
        {
            throw new BenchmarkException($"AWS_ENDPOINT_URL is {endpoint}; benchmarks only run against a mock on this machine.");
        }

        await Built.ApplyDefinitionsAsync(cluster, cancellationToken);
        var ns = $"bench-{Guid.NewGuid().ToString("N")[..8]}";
        await cluster.CreateAsync("/api/v1/namespaces", $"metadata: {{name: {ns}}}", cancellationToken);
        await cluster.CreateAsync($"/api/v1/namespaces/{ns}/secrets", "{metadata: {name: keys}, stringData: {AWS_ACCESS_KEY_ID: test, AWS_SECRET_ACCESS_KEY: test}}", cancellationToken);
        return new(
            cluster,
            await CountingProxy.StartAsync(cluster.Url, cluster.SendAsync, CallNames.OfKubernetes, cancellationToken),
            await CountingProxy.StartAsync(endpoint, (request, token) => AwsClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), CallNames.OfAws, cancellationToken),
            ns);
    }

    /// <summary>Starts a silo behind the proxies and returns when it watches both kinds and the provider is ready.</summary>
    /// <param name="comparePeriod">How often it compares each repository with AWS.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SiloProcess> StartSiloAsync(TimeSpan comparePeriod, CancellationToken cancellationToken)
    {
        var silo = await LaunchAsync(new() { ["Operator__ComparePeriod"] = comparePeriod.ToString("c"), ["Silo__Port"] = "0" }, cancellationToken);
        await silo.UntilWatchingAsync(cancellationToken);
        await ApplyProviderAsync(cancellationToken);
        await silo.UntilReconciledAsync("awsprovider", ["benchmark"], cancellationToken);
        return silo;
    }

    /// <summary>Starts a silo behind the proxies, with settings as environment variables.</summary>
    public async Task<SiloProcess> LaunchAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(_kubeconfig, $$$"""
            apiVersion: v1
            kind: Config
            current-context: proxy
            clusters: [{name: proxy, cluster: {server: "{{{Kubernetes.Url}}}"}}]
            users: [{name: proxy, user: {token: of-the-proxy}}]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy}}]
            """, cancellationToken);
        return SiloProcess.Start(Built.Silo, new Dictionary<string, string>(settings)
        {
            ["KUBECONFIG"] = _kubeconfig,
            ["AWS_ENDPOINT_URL"] = Aws.Url.AbsoluteUri,
            ["Operator__ClusterId"] = "benchmark",
            ["Http__Port"] = "0",
        });
    }

    /// <summary>Applies the provider.</summary>
    public Task ApplyProviderAsync(CancellationToken cancellationToken) => Cluster.PatchAsync(
        $"{Provider}?fieldManager=benchmarks",
        "apply-patch+yaml",
        $"{{apiVersion: {Group}/v1alpha1, kind: AWSProvider, metadata: {{name: benchmark}}, spec: {{region: us-east-1, credentialsSecret: {{name: keys}}}}}}",
        cancellationToken);

    /// <summary>Waits until the silo has had nothing to say to either server for a second.</summary>
    public Task UntilQuietAsync(CancellationToken cancellationToken) => Until.TrueAsync(
        () => Kubernetes.IsQuiet(TimeSpan.FromSeconds(1)) && Aws.IsQuiet(TimeSpan.FromSeconds(1)), "the silo to be quiet", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Objects.DisposeAsync();
        await Cluster.DeleteAsync($"/api/v1/namespaces/{Namespace}", CancellationToken.None);
        await Kubernetes.DisposeAsync();
        await Aws.DisposeAsync();
        Cluster.Dispose();
        File.Delete(_kubeconfig);
    }

    private static string PathOf(string ns) => $"/apis/{Group}/v1alpha1/namespaces/{ns}";
}
