using InfraOperator.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Kubernetes.Tests.Requests;

/// <summary>A client before a server that answers what the test says.</summary>
public abstract class KubernetesApiTest : IAsyncLifetime
{
    private FakeApiServer? _server;
    private KubernetesApi? _api;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected ObservedTime Time { get; } = new();

    private protected FakeApiServer Server => _server!;

    private protected KubernetesApi Api => _api!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = new KubernetesApi(_server.Configuration, Time, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
