using InfraOperator.Conformance.Ecr;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Aws.Tests;

/// <summary>The ECR suite on the sandbox.</summary>
public sealed class SandboxConformanceTests : EcrConformance, IAsyncLifetime
{
    private SandboxEcr? _sandbox;

    protected override Uri Endpoint => _sandbox!.Url;

    public async ValueTask InitializeAsync() => _sandbox = await SandboxEcr.StartAsync(new SandboxEcrOptions(), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _sandbox!.DisposeAsync();
    }
}
