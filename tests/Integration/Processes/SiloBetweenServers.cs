using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration.ControlPlane;
using InfraOperator.Sandbox;
using InfraOperator.Sandbox.Ecr;
using InfraOperator.Sandbox.Kubernetes;

namespace InfraOperator.Integration.Processes;

/// <summary>Servers and proxies between which silos run as processes, each started and ended by the test.</summary>
public interface ISiloBetweenServers
{
    /// <summary>Starts a silo, and completes when it watches.</summary>
    Task<SiloRun> StartProcessAsync();
}

/// <summary>The real API server and moto.</summary>
public sealed class BetweenRealServers : RealControlPlane, ISiloBetweenServers
{
    protected override bool StartsWithSilo => false;

    public Task<SiloRun> StartProcessAsync() => Starting.RunAsync(Settings);
}

/// <summary>Servers in memory, in the process of the suite.</summary>
public sealed class BetweenSandboxes : ControlPlaneEnvironment, ISiloBetweenServers
{
    private SandboxApiServer? _kubernetes;
    private SandboxEcr? _ecr;

    public override Uri AwsUrl => _ecr!.Url;

    protected override bool StartsWithSilo => false;

    public Task<SiloRun> StartProcessAsync() => Starting.RunAsync(Settings);

    public override IDisposable Enforce(string accessKeyId, IdentityPolicy policy) =>
        throw new NotSupportedException("Permissions are tried where the silo runs in the suite's process.");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_kubernetes?.DisposeAsync() ?? default);
        await (_ecr?.DisposeAsync() ?? default);
    }

    protected override async Task StartServersAsync()
    {
        _kubernetes = await SandboxApiServer.StartAsync(new() { Manifests = [.. SandboxResources.CustomResourceDefinitions] }, CancellationToken.None);
        _ecr = await SandboxEcr.StartAsync(new(), CancellationToken.None);
    }

    protected override HttpClient OpenKubernetes() => new() { BaseAddress = _kubernetes!.Url, Timeout = Timeout.InfiniteTimeSpan };
}

internal static class Starting
{
    public static async Task<SiloRun> RunAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var run = new SiloRun(settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value));
        try
        {
            await run.WatchingAsync();
            return run;
        }
        catch
        {
            // Nobody else knows of it, and it would go on for ever.
            run.Dispose();
            throw;
        }
    }
}
