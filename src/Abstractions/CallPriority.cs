namespace InfraOperator.Abstractions;

/// <summary>Whose calls go before whose. The lower value goes first.</summary>
public enum CallPriority
{
    /// <summary>Somebody changed or deleted an object.</summary>
    User,

    /// <summary>Something failed before, or AWS was found to differ.</summary>
    Retry,

    /// <summary>Nothing is known to differ.</summary>
    Sweep,
}
