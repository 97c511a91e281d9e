using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration.ControlPlane;
using InfraOperator.Integration.Crds;

namespace InfraOperator.Integration.Migration;

/// <summary>
/// The take-over on a real API server. It changes the definitions under the objects of everybody, so the namespace is run by
/// itself, and its tests one after the other.
/// </summary>
[Collection(nameof(MigrationCollection))]
public sealed class MigrationTests() : MigrationConformance(new WithoutSilo())
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    protected override async Task ApplyOurDefinitionsAsync() => await Kubectl.RunAsync("apply", "-f", CustomResourceDefinitions.Folder);

    private sealed class WithoutSilo : RealControlPlane
    {
        protected override bool StartsWithSilo => false;

        protected override Task StartServersAsync() => Task.CompletedTask;
    }
}
