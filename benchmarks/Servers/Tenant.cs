namespace InfraOperator.Benchmarks.Servers;

/// <summary>A namespace of a <see cref="Testbed"/>, its providers and its repositories, watched as its user would.</summary>
internal sealed class Tenant
{
    /// <summary>The provider that repositories name where a benchmark chooses none.</summary>
    public const string DefaultProvider = "benchmark";

    /// <summary>How many objects are applied or edited at a time.</summary>
    public const int Concurrency = 64;

    private const string Group = "aws-infra-operator.runner.codes";

    private readonly Cluster _cluster;
    private int _grown;

    private Tenant(Cluster cluster, string ns)
    {
        (_cluster, Namespace) = (cluster, ns);
        Objects = new(cluster, Repositories);
    }

    /// <summary>The namespace; also the prefix of the names of its repositories.</summary>
    public string Namespace { get; }

    public ObjectWatch Objects { get; }

    /// <summary>The path of the repositories.</summary>
    public string Repositories => $"{Path}/ecrrepositories";

    private string Path => $"/apis/{Group}/v1alpha1/namespaces/{Namespace}";

    public static async Task<Tenant> CreateAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var ns = $"bench-{Guid.NewGuid().ToString("N")[..8]}";
        await cluster.CreateAsync("/api/v1/namespaces", $"metadata: {{name: {ns}}}", cancellationToken);
        return new(cluster, ns);
    }

    /// <summary>The names of some repositories.</summary>
    public string[] Names(string group, int count) => [.. Enumerable.Range(0, count).Select(number => $"{Namespace}-{group}-{number:00000}")];

    /// <summary>Applies a provider and the Secret that it calls an account with.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="account">The account, 12 digits.</param>
    /// <param name="allowed">Another namespace that may use it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AddProviderAsync(string name, string account, string? allowed, CancellationToken cancellationToken)
    {
        await _cluster.CreateAsync(
            $"/api/v1/namespaces/{Namespace}/secrets",
            $"{{metadata: {{name: {name}}}, stringData: {{AWS_ACCESS_KEY_ID: {FastAws.AccessKeyOf(account)}, AWS_SECRET_ACCESS_KEY: secret}}}}",
            cancellationToken);
        await _cluster.CreateAsync(
            $"{Path}/awsproviders",
            $"{{apiVersion: {Group}/v1alpha1, kind: AWSProvider, metadata: {{name: {name}}}, spec: {{region: us-east-1, credentialsSecret: {{name: {name}}}{(allowed is null ? "" : $", allowedNamespaces: [{allowed}]")}}}}}",
            cancellationToken);
    }

    /// <summary>Applies repositories.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="make">The object of a name.</param>
    /// <param name="applied">Is told of each when the API server has accepted it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="atOnce">How many at a time.</param>
    public Task ApplyAsync(IEnumerable<string> names, Func<string, string> make, Action<string>? applied, CancellationToken cancellationToken, int atOnce = Concurrency) =>
        Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, async (name, token) =>
        {
            await _cluster.CreateAsync(Repositories, make(name), token);
            applied?.Invoke(name);
        });

    /// <summary>Applies repositories until there are so many, and waits until each is Ready.</summary>
    /// <param name="count">How many there are then.</param>
    /// <param name="make">The object of a name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names of all.</returns>
    public async Task<string[]> GrowAsync(int count, Func<string, string> make, CancellationToken cancellationToken)
    {
        var names = Names("r", count);
        await ApplyAsync(names.Skip(_grown), make, null, cancellationToken);
        _grown = Math.Max(_grown, count);
        await Objects.UntilAsync(names, state => state.IsReady, "Ready", cancellationToken);
        return names;
    }

    /// <summary>Edits a repository.</summary>
    public Task<Edit> EditAsync(string name, string value, CancellationToken cancellationToken) => Edit.MakeAsync(_cluster, Repositories, name, value, cancellationToken);

    /// <summary>Ends the watch, and removes the namespace and what is in it. No silo runs any longer, so nobody else takes the finalizers off.</summary>
    /// <param name="keep">Whether the namespace stays.</param>
    public async ValueTask DisposeAsync(bool keep)
    {
        var names = Objects.Names;
        await Objects.DisposeAsync();
        if (keep)
        {
            return;
        }

        foreach (var plural in (string[])["ecrrepositories", "awsproviders"])
        {
            await _cluster.DeleteAsync($"{Path}/{plural}", CancellationToken.None);
        }

        var list = await _cluster.GetAsync($"{Path}/awsproviders", CancellationToken.None);
        string[] rest = [.. names.Select(name => $"{Repositories}/{name}"), .. list["items"]!.AsArray().Select(item => $"{Path}/awsproviders/{item!["metadata"]!["name"]}")];
        await Parallel.ForEachAsync(rest, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (path, token) =>
        {
            try
            {
                await _cluster.PatchAsync(path, "merge-patch+json", """{"metadata":{"finalizers":null}}""", token);
            }
            catch (BenchmarkException)
            {
                // It had none, and is gone.
            }
        });
        await _cluster.DeleteAsync($"/api/v1/namespaces/{Namespace}", CancellationToken.None);
    }
}
