using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>On whose behalf calls are made, and why.</summary>
/// <param name="ns">The namespace of the object.</param>
/// <param name="priority">Why.</param>
/// <param name="reconciles">How many reconciles wait while a call of it does.</param>
internal sealed class CallOrigin(string ns, CallPriority priority, int reconciles = 1)
{
    private int _waiting;

    /// <summary>The namespace of the object.</summary>
    public string Namespace => ns;

    /// <summary>Why.</summary>
    public CallPriority Priority => priority;

    /// <summary>How many reconciles wait while a call of it does.</summary>
    public int Reconciles => reconciles;

    /// <summary>Looked at when a call is about to go, since much may have changed while it waited: why the operation must not be called; null where it may.</summary>
    public Func<string, CallFailure?>? LastCheck { get; init; }

    /// <summary>The turns that its calls take, where they were taken beforehand.</summary>
    public ReservedTurns? Reserved { get; init; }

    /// <summary>A call begins to wait.</summary>
    /// <returns>Whether none waited before.</returns>
    public bool BeginWait() => Interlocked.Increment(ref _waiting) == 1;

    /// <summary>The call waits no longer.</summary>
    /// <returns>Whether none waits any more.</returns>
    public bool EndWait() => Interlocked.Decrement(ref _waiting) == 0;
}
