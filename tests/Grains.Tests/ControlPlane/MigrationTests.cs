using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>The take-over from the Go operator, with an API server for each test, because it changes the definitions.</summary>
public sealed class MigrationTests() : MigrationConformance(new SandboxWithoutSilo())
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    protected override Task ApplyOurDefinitionsAsync()
    {
        ((SandboxWithoutSilo)Environment).ApplyOurDefinitions();
        return Task.CompletedTask;
    }
}

/// <summary>Definitions that come after the silo.</summary>
public sealed class LateDefinitionTests() : ControlPlaneConformance(new SandboxWithoutSilo())
{
    [Fact]
    public async Task An_API_server_that_gives_no_answer_at_the_start_is_waited_for_and_its_old_definitions_are_not_worked_under()
    {
        var environment = (SandboxWithoutSilo)Environment;
        using (Environment.Kubernetes.Interfere(static _ => new() { DropBefore = true }))
        {
            await Environment.StartSiloAsync();
            await Environment.Kubernetes.UntilAsync(request => request.Operation == "get openapi", 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
        }

        // It answers, with definitions that will not do.
        var asked = Environment.Kubernetes.Log.Count;
        await Environment.Kubernetes.UntilAsync(request => request.Operation == "get openapi", asked + 4).WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.DoesNotContain(Environment.Kubernetes.Log, request => request.Operation != "get openapi");
        Assert.Contains(Environment.Log.Errors, line => line.Contains("is older than this version", StringComparison.Ordinal));

        environment.ApplyOurDefinitions();
        await CreateSyncedAsync("app");
    }

    public override async ValueTask InitializeAsync()
    {
        await Environment.EnsureStartedAsync();
        await GoOperator.InstallAsync(Objects);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }
}

/// <summary>Servers in memory without a definition and without a silo: both are the test's to bring.</summary>
internal sealed class SandboxWithoutSilo : SandboxControlPlane
{
    protected override bool StartsWithSilo => false;

    protected override IReadOnlyList<string> Definitions => [];

    public void ApplyOurDefinitions()
    {
        foreach (var definition in Sandbox.SandboxResources.CustomResourceDefinitions)
        {
            Server.Apply(definition);
        }
    }
}
