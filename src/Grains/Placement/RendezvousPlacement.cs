using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace InfraOperator.Grains.Placement;

/// <summary>Places a grain by <see cref="Rendezvous"/>.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.RendezvousPlacement")]
internal sealed class RendezvousPlacement : PlacementStrategy
{
    public static RendezvousPlacement Instance { get; } = new();
}

/// <summary>Has a grain placed by <see cref="Rendezvous"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RendezvousPlacementAttribute() : PlacementAttribute(RendezvousPlacement.Instance);

/// <inheritdoc cref="RendezvousPlacement"/>
internal sealed class RendezvousDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) ?? Rendezvous.Pick(target.GrainIdentity, silos)!);
    }
}
