using InfraOperator.Conformance.Kubernetes;
using InfraOperator.Sandbox.Kubernetes;

namespace InfraOperator.Sandbox.Tests.Kubernetes;

public sealed class SandboxWritingConformance : ApiServerConformance
{
    private readonly SandboxConnection _sandbox = new();

    protected override Task<HttpClient> ConnectAsync() => _sandbox.ConnectAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _sandbox.DisposeAsync();
    }
}

public sealed class SandboxReadingConformance : ApiServerReadingConformance
{
    private readonly SandboxConnection _sandbox = new();

    protected override Task<HttpClient> ConnectAsync() => _sandbox.ConnectAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _sandbox.DisposeAsync();
    }
}

public sealed class SandboxSchemaConformance : ApiServerSchemaConformance
{
    private readonly SandboxConnection _sandbox = new();

    protected override Task<HttpClient> ConnectAsync() => _sandbox.ConnectAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _sandbox.DisposeAsync();
    }
}

/// <summary>A sandbox for one test.</summary>
internal sealed class SandboxConnection : IAsyncDisposable
{
    private SandboxApiServer? _server;

    public async Task<HttpClient> ConnectAsync()
    {
        _server = await SandboxApiServer.StartAsync(new(), TestContext.Current.CancellationToken);
        return new HttpClient { BaseAddress = _server.Url };
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
