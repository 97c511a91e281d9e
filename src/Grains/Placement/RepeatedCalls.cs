using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Placement;

/// <summary>
/// Repeats a call that reached no grain: its silo is about to leave, or has just gone, and the grain comes up elsewhere within
/// moments. A write to AWS that may have reached it is not repeated here, since whoever asked for it looks first what came of it.
/// </summary>
internal sealed class RepeatedCalls(TimeProvider time) : IOutgoingGrainCallFilter
{
    // Some five seconds: a move takes less than one, and that a silo is gone is known to all within four.
    private static readonly TimeSpan[] Pauses = [.. new[] { 50, 100, 200, 400, 800, 1600, 2000 }.Select(static milliseconds => TimeSpan.FromMilliseconds(milliseconds))];

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await context.Invoke();
                return;
            }
            catch (OrleansMessageRejectionException exception) when (attempt < Pauses.Length && MayBeRepeated(context, exception))
            {
                await Task.Delay(Pauses[attempt], time);
            }
        }
    }

    private static bool MayBeRepeated(IOutgoingGrainCallContext context, OrleansMessageRejectionException exception) =>
        context.InterfaceMethod.DeclaringType?.Assembly == typeof(IProviderGrain).Assembly
        && (exception is not SiloUnavailableException || context.InterfaceMethod.Name is not (nameof(IProviderGrain.Execute) or nameof(IProviderGrain.Preview)));
}
