using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>A call that is under way. Its end makes room for another.</summary>
internal sealed class CallTurn(ProviderPace pace, OperationClass @class, CallOrigin origin, bool holdsSlot) : IDisposable
{
    /// <summary>Whether AWS throttled the call.</summary>
    public bool IsThrottled { get; set; }

    public void Dispose() => pace.End(@class, origin, IsThrottled, holdsSlot);
}
