namespace InfraOperator.Benchmarks.Servers;

/// <summary>Silos of one Orleans cluster, by the membership in the API server, as processes on this machine.</summary>
internal sealed class Fleet(Workbench bench) : IAsyncDisposable
{
    /// <summary>Over how long a silo's objects move to one that joined. Shorter than by default, so that the next measurement need not wait so long.</summary>
    public static readonly TimeSpan RebalancePeriod = TimeSpan.FromSeconds(10);

    private readonly List<SiloProcess> _silos = [];
    private int _started;

    /// <summary>The silos that are part of the cluster.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>Starts one more silo. Where others were there, what belongs on the new one has moved there when this completes.</summary>
    public async Task<SiloProcess> AddAsync(CancellationToken cancellationToken)
    {
        var logged = _silos.Select(silo => (Silo: silo, silo.LogLength)).ToArray();
        var added = await bench.LaunchAsync(
            new()
            {
                ["Operator__ComparePeriod"] = "12:00:00",
                ["Operator__RebalancePeriod"] = RebalancePeriod.ToString("c"),
                ["Operator__Namespaces__0"] = bench.Namespace,
                ["Silo__Clustering"] = "Kubernetes",
                ["Silo__Port"] = "0",
                ["Silo__ListensOnAnyAddress"] = "false",
                ["Silo__OrleansClusterId"] = bench.Namespace,
                ["POD_NAME"] = $"silo-{++_started}",
                ["POD_NAMESPACE"] = bench.Namespace,
                ["POD_IP"] = "127.0.0.1",
            },
            cancellationToken);
        await added.UntilServingAsync(cancellationToken);
        _silos.Add(added);
        var (held, total) = (new List<double>(), 0.0);
        foreach (var (silo, length) in logged)
        {
            held.Add(await RepositoriesAsync(silo, cancellationToken));
            total += held[^1];
        }

        // A silo that has nothing to give says nothing.
        foreach (var (silo, length) in logged.Where((_, index) => total >= 100 && held[index] > 0))
        {
            await silo.UntilMovedAsync(length, cancellationToken);
        }

        await bench.UntilQuietAsync(cancellationToken);
        return added;
    }

    /// <summary>The silo that watches the repositories, or one that does not.</summary>
    public SiloProcess Choose(bool watches)
    {
        var watcher = _silos.MaxBy(silo => silo.Listed)!;
        return watches ? watcher : _silos.First(silo => silo != watcher);
    }

    /// <summary>Counts a silo no longer among the cluster's: somebody ends it.</summary>
    public void Forget(SiloProcess silo) => _silos.Remove(silo);

    /// <summary>How many repository grains a silo holds, by its own metrics.</summary>
    public static Task<double> RepositoriesAsync(SiloProcess silo, CancellationToken cancellationToken) => GrainsAsync(silo, "repository", cancellationToken);

    /// <summary>How many provider grains a silo holds, by its own metrics.</summary>
    public static Task<double> ProvidersAsync(SiloProcess silo, CancellationToken cancellationToken) => GrainsAsync(silo, "provider", cancellationToken);

    private static Task<double> GrainsAsync(SiloProcess silo, string type, CancellationToken cancellationToken) =>
        SiloMetrics.SumAsync(silo, "orleans_grains", $"grain_type=\"{type}\"", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }
    }
}
