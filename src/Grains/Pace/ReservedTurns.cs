using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>
/// Turns that were taken before the calls are known to be needed, so that between one and the next nothing has to wait; and one of the calls that
/// the provider may have under way. What is not needed is given back.
/// </summary>
internal sealed class ReservedTurns(ProviderPace pace, IReadOnlyList<OperationClass> classes) : IDisposable
{
    private readonly List<OperationClass> _left = [.. classes];

    /// <summary>Takes one of them.</summary>
    /// <exception cref="InvalidOperationException">None of the class is left.</exception>
    public CallTurn Take(OperationClass @class, CallOrigin origin) => _left.Remove(@class)
        ? new(pace, @class, origin, holdsSlot: false)
        : throw new InvalidOperationException($"No turn of the class {@class} was reserved.");

    public void Dispose() => pace.GiveBack(_left);
}
