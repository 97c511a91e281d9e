using InfraOperator.Clustering.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace InfraOperator.Clustering.Kubernetes.Tests.Storage;

/// <summary>A table of the cluster "fake" on a server that answers what the test says.</summary>
internal sealed class TableFixture : IAsyncDisposable
{
    private readonly KubernetesMembershipTable _table;

    private TableFixture(FakeApiServer server, Action<KubernetesClusteringOptions>? configure, TimeProvider time)
    {
        Server = server;
        State = new(time);
        var options = new KubernetesClusteringOptions { Namespace = "silos", CreateConfiguration = () => server.Configuration };
        configure?.Invoke(options);
        _table = new(Options.Create(options), Options.Create(new ClusterOptions { ClusterId = "fake" }), State, time, Log);
    }

    public FakeApiServer Server { get; }

    public MembershipTableState State { get; }

    public RecordingLogger Log { get; } = new();

    public IMembershipTable Table => _table;

    public static async Task<TableFixture> StartAsync(params FakeAnswer[] answers) => new(await FakeApiServer.StartAsync(answers), null, TimeProvider.System);

    public static async Task<TableFixture> StartAsync(Action<KubernetesClusteringOptions> configure, TimeProvider time, params FakeAnswer[] answers) =>
        new(await FakeApiServer.StartAsync(answers), configure, time);

    public async ValueTask DisposeAsync()
    {
        _table.Dispose();
        await Server.DisposeAsync();
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLogger : ILogger<KubernetesMembershipTable>
{
    public List<(LogLevel Level, string Text)> Entries { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Entries.Add((logLevel, formatter(state, exception)));
}
