namespace InfraOperator.Benchmarks.Servers;

/// <summary>
/// What a benchmark of times works on: the API server of <c>KUBECONFIG</c>, a <see cref="FastAws"/>, tenants, and silos that speak to
/// both directly. Calls are counted by the servers themselves.
/// </summary>
internal sealed class Testbed : IAsyncDisposable
{
    private readonly List<Tenant> _tenants = [];
    private readonly List<SiloProcess> _silos = [];
    private readonly Arguments _arguments;
    private int _started;

    private Testbed(Cluster cluster, FastAws aws, Arguments arguments) => (Cluster, Aws, _arguments) = (cluster, aws, arguments);

    public Cluster Cluster { get; }

    public FastAws Aws { get; }

    /// <summary>Starts AWS and prepares the cluster. No silo runs yet.</summary>
    /// <param name="arguments">What AWS's latency is, what else is set for each silo, and whether the namespaces stay.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Testbed> StartAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var cluster = Cluster.Load(Built.RequireKubeconfig());
        await Built.ApplyDefinitionsAsync(cluster, cancellationToken);
        var aws = await FastAws.StartAsync(cancellationToken);
        aws.Latency = arguments.Latency;
        return new(cluster, aws, arguments);
    }

    /// <summary>Adds a tenant without a provider.</summary>
    public async Task<Tenant> AddTenantAsync(CancellationToken cancellationToken)
    {
        var tenant = await Tenant.CreateAsync(Cluster, cancellationToken);
        _tenants.Add(tenant);
        return tenant;
    }

    /// <summary>Adds a tenant with a provider.</summary>
    public async Task<Tenant> AddTenantAsync(string account, CancellationToken cancellationToken)
    {
        var tenant = await AddTenantAsync(cancellationToken);
        await tenant.AddProviderAsync(Tenant.DefaultProvider, account, null, cancellationToken);
        return tenant;
    }

    /// <summary>Starts a silo that serves some tenants alone, and returns when it watches.</summary>
    /// <param name="tenants">Whom it serves.</param>
    /// <param name="comparePeriod">How often it compares each repository with AWS.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SiloProcess> StartSiloAsync(IReadOnlyList<Tenant> tenants, TimeSpan comparePeriod, CancellationToken cancellationToken)
    {
        var silo = Launch(tenants, comparePeriod, []);
        await silo.UntilServingAsync(cancellationToken);
        await silo.UntilWatchingAsync(cancellationToken);
        return silo;
    }

    /// <summary>Starts silos of one cluster that serve some tenants, one after the other, and returns when each is part of it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="tenants">Whom they serve.</param>
    /// <param name="comparePeriod">How often they compare each repository with AWS.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<SiloProcess>> StartSilosAsync(int count, IReadOnlyList<Tenant> tenants, TimeSpan comparePeriod, CancellationToken cancellationToken)
    {
        var silos = new List<SiloProcess>();
        var cluster = $"silos-{++_started}";
        for (var number = 0; number < count; number++)
        {
            silos.Add(Launch(tenants, comparePeriod, new()
            {
                ["Operator__RebalancePeriod"] = Fleet.RebalancePeriod.ToString("c"),
                ["Silo__Clustering"] = "Kubernetes",
                ["Silo__ListensOnAnyAddress"] = "false",
                ["Silo__OrleansClusterId"] = cluster,
                ["POD_NAME"] = $"{cluster}-{number}",
                ["POD_NAMESPACE"] = tenants[0].Namespace,
                ["POD_IP"] = "127.0.0.1",
            }));
            await silos[^1].UntilServingAsync(cancellationToken);
        }

        return silos;
    }

    /// <summary>What both servers have served, once a second has brought no request about a repository.</summary>
    public async Task<ServedCalls> CountWhenQuietAsync(CancellationToken cancellationToken)
    {
        var before = await CountAsync(cancellationToken);
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            var now = await CountAsync(cancellationToken);
            if (now.Since(before) is { Aws.Count: 0, Repositories.Count: 0 })
            {
                return now;
            }

            before = now;
        }
    }

    /// <summary>What both servers have served.</summary>
    public async Task<ServedCalls> CountAsync(CancellationToken cancellationToken)
    {
        var kubernetes = await ApiServerCounts.ReadAsync(Cluster, cancellationToken);
        return new(kubernetes.Requests, Aws.Counts().GroupBy(count => count.Key.Operation).ToDictionary(operation => operation.Key, operation => operation.Sum(count => count.Value)));
    }

    /// <summary>Ends a silo as its pod would be.</summary>
    public async Task StopAsync(SiloProcess silo, CancellationToken cancellationToken)
    {
        _silos.Remove(silo);
        await silo.SignalAsync("TERM", cancellationToken);
        await silo.ExitAsync(cancellationToken);
        await silo.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        foreach (var tenant in _tenants)
        {
            await tenant.DisposeAsync(_arguments.Keep);
        }

        await Aws.DisposeAsync();
        Cluster.Dispose();
    }

    private SiloProcess Launch(IReadOnlyList<Tenant> tenants, TimeSpan comparePeriod, Dictionary<string, string> settings)
    {
        settings["AWS_ENDPOINT_URL"] = Aws.Url.AbsoluteUri;
        settings["Operator__ClusterId"] = "benchmark";
        settings["Operator__ComparePeriod"] = comparePeriod.ToString("c");
        settings["Silo__Port"] = "0";
        settings["Http__Port"] = "0";
        foreach (var (number, tenant) in tenants.Index())
        {
            settings[$"Operator__Namespaces__{number}"] = tenant.Namespace;
        }

        foreach (var setting in _arguments.Settings)
        {
            settings[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        }

        var silo = SiloProcess.Start(Built.Silo, settings);
        _silos.Add(silo);
        return silo;
    }
}
