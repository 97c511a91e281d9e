using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Fencing;

/// <summary>Holds back the writes that a grain of this silo asks of a provider, which may live on another silo that knows nothing of this one's standstill.</summary>
internal sealed class FencedCalls(WriteFence fence) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) =>
        context.InterfaceMethod.DeclaringType == typeof(IProviderGrain) && context.InterfaceMethod.Name == nameof(IProviderGrain.Execute) && fence.Refusal is { } refusal
            ? throw new OrleansException($"Not called: {refusal}.")
            : context.Invoke();
}
