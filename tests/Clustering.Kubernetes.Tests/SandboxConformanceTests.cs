using InfraOperator.Conformance.Membership;
using InfraOperator.Sandbox;
using InfraOperator.Sandbox.Kubernetes;
using k8s;

namespace InfraOperator.Clustering.Kubernetes.Tests;

/// <summary>The sandbox's API server for the tests of a class; each test has a table of its own on it.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private SandboxApiServer? _server;

    public SandboxApiServer Server => _server ?? throw new InvalidOperationException("The server has not started yet.");

    public KubernetesClientConfiguration Configuration => new() { Host = Server.Url.AbsoluteUri };

    public async ValueTask InitializeAsync() =>
        _server = await SandboxApiServer.StartAsync(new() { Manifests = [.. SandboxResources.CustomResourceDefinitions] }, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

public sealed class SandboxCommitTests(SandboxFixture fixture) : CommitConformance, IClassFixture<SandboxFixture>
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => new(fixture.Configuration);
}

public sealed class SandboxHeartbeatTests(SandboxFixture fixture) : HeartbeatConformance, IClassFixture<SandboxFixture>
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => new(fixture.Configuration);
}

public sealed class SandboxReadTests(SandboxFixture fixture) : ReadConformance, IClassFixture<SandboxFixture>
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => new(fixture.Configuration);
}

public sealed class SandboxLifetimeTests(SandboxFixture fixture) : LifetimeConformance, IClassFixture<SandboxFixture>
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => new(fixture.Configuration);
}

public sealed class SandboxConcurrencyTests(SandboxFixture fixture) : ConcurrencyConformance, IClassFixture<SandboxFixture>
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => new(fixture.Configuration);
}

public sealed class SandboxStoredObjectTests(SandboxFixture fixture) : StoredObjectConformance, IClassFixture<SandboxFixture>
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => new(fixture.Configuration);
}
