using System.Globalization;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.Failover;

/// <summary>One silo of the fleet, as a process, with proxies of its own before the servers: what is asked there, this silo asked.</summary>
public sealed class FleetMember : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-").FullName;

    private FleetMember(string name, RecordingProxy kubernetes, RecordingProxy aws) => (Name, Kubernetes, Aws) = (name, kubernetes, aws);

    public string Name { get; }

    public RecordingProxy Kubernetes { get; }

    public RecordingProxy Aws { get; }

    public SiloRun Run { get; private set; } = null!;

    /// <summary>When it last read every repository object, as whoever owns the watch does; null where it never did.</summary>
    public DateTime? Listed => Run.Output.LastOrDefault(line => line.Contains("Listed every ecrrepository", StringComparison.Ordinal)) is { } line
        ? DateTime.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)
        : null;

    /// <summary>How many writes it has made, those of the membership aside.</summary>
    public int Writes => Aws.Log.Count(request => request.IsWrite) + Kubernetes.Log.Count(request => request.IsWrite && !request.Operation.Contains("orleansclusters", StringComparison.Ordinal));

    /// <summary>Starts it. It is of use when it says that it is <see cref="ServingAsync"/>.</summary>
    public static async Task<FleetMember> StartAsync(string name, string ns, Uri aws)
    {
        var member = new FleetMember(name, await RecordingProxy.StartAsync(IntegrationEnvironment.OpenKubernetes()), await RecordingProxy.StartAsync(new HttpClient { BaseAddress = aws, Timeout = Timeout.InfiniteTimeSpan }));
        var kubeconfig = Path.Combine(member._folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: proxy
            clusters: [{name: proxy, cluster: {server: "{{member.Kubernetes.Url}}"} }]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy} }]
            users: [{name: proxy, user: {token: proxy} }]
            """);
        member.Run = new(new Dictionary<string, string?>
        {
            ["KUBECONFIG"] = kubeconfig,
            ["AWS_ENDPOINT_URL"] = member.Aws.Url.ToString(),
            ["Operator__ClusterId"] = Fleet.ClusterId,
            ["Operator__ComparePeriod"] = "01:00:00",
            ["Operator__PaceInitialRate"] = "1000",
            ["Operator__Namespaces__0"] = ns,
            ["Silo__Clustering"] = "Kubernetes",
            ["Silo__Port"] = "0",
            ["Silo__ListensOnAnyAddress"] = "false",
            ["Silo__OrleansClusterId"] = $"fleet-{ns}",
            ["Http__Port"] = "0",
            ["POD_NAME"] = name,
            ["POD_NAMESPACE"] = ns,
            ["POD_IP"] = "127.0.0.1",
        });
        return member;
    }

    /// <summary>Completes when it is part of the cluster.</summary>
    public Task ServingAsync() => Run.SaysAsync("Serving health on");

    public async ValueTask DisposeAsync()
    {
        Run.Dispose();

        // For whoever wonders why a test failed.
        await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, $"{Name}.log"), Run.Output);
        await Kubernetes.DisposeAsync();
        await Aws.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
