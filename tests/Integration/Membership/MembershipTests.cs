using InfraOperator.Conformance.Membership;
using k8s;

namespace InfraOperator.Integration.Membership;

public sealed class RealCommitTests : CommitConformance
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => RealServer.ConnectAsync();
}

public sealed class RealHeartbeatTests : HeartbeatConformance
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => RealServer.ConnectAsync();
}

public sealed class RealReadTests : ReadConformance
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => RealServer.ConnectAsync();
}

public sealed class RealLifetimeTests : LifetimeConformance
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => RealServer.ConnectAsync();
}

public sealed class RealConcurrencyTests : ConcurrencyConformance
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => RealServer.ConnectAsync();
}

public sealed class RealStoredObjectTests : StoredObjectConformance
{
    protected override ValueTask<KubernetesClientConfiguration> ConnectAsync() => RealServer.ConnectAsync();
}

/// <summary>The API server that <c>KUBECONFIG</c> names, with the chart's definitions.</summary>
internal static class RealServer
{
    public static async ValueTask<KubernetesClientConfiguration> ConnectAsync()
    {
        await CustomResourceDefinitions.EnsureAppliedAsync();
        return KubernetesClientConfiguration.BuildConfigFromConfigFile(IntegrationEnvironment.Kubeconfig);
    }
}
