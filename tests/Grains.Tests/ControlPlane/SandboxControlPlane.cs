using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Grains.Tests.ControlPlane;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SandboxControlPlane))]

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
        [.. Directory.EnumerateFiles(Path.Combine(SourceRoot(), "helm", "infra-operator", "crds"), "*.yaml").Select(File.ReadAllText)];

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

    private static string SourceRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Orleans.sln above {AppContext.BaseDirectory}: run the suite from its source tree.");
    }
}
