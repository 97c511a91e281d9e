using InfraOperator.Conformance;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Grains.Tests.ControlPlane;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SandboxControlPlane))]
[assembly: TestCollectionOrderer(typeof(CallsLast))]

// Tests of the control plane wait far more than they work.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 24)]

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>The control plane between servers in memory.</summary>
public class SandboxControlPlane : ControlPlaneEnvironment
{
    private SandboxApiServer? _kubernetes;
    private SandboxEcr? _ecr;

    public override Uri AwsUrl => _ecr!.Url;

    /// <summary>The API server, for what a test does to it as a whole.</summary>
    public SandboxApiServer Server => _kubernetes!;

    /// <summary>The ECR, for what no request can bring about.</summary>
    public SandboxEcr Registry => _ecr!;

    /// <summary>The definitions that the API server starts with.</summary>
    protected virtual IReadOnlyList<string> Definitions { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "helm", "infra-operator", "crds"), "*.yaml").Select(File.ReadAllText)];

    public override IDisposable Enforce(string accessKeyId, IdentityPolicy policy)
    {
        _ecr!.Permissions.Set(accessKeyId, policy);
        return new Lifting(() => _ecr.Permissions.Set(accessKeyId, null));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_kubernetes?.DisposeAsync() ?? default);
        await (_ecr?.DisposeAsync() ?? default);
        GC.SuppressFinalize(this);
    }

    protected override async Task StartServersAsync()
    {
        _kubernetes = await SandboxApiServer.StartAsync(new() { Manifests = Definitions, History = 10_000 }, CancellationToken.None);
        _ecr = await SandboxEcr.StartAsync(new(), CancellationToken.None);
    }

    protected override HttpClient OpenKubernetes() => new() { BaseAddress = _kubernetes!.Url, Timeout = Timeout.InfiniteTimeSpan };

    private sealed class Lifting(Action lift) : IDisposable
    {
        public void Dispose() => lift();
    }
}
