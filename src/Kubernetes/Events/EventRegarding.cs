namespace InfraOperator.Kubernetes;

/// <summary>The object that an event is about.</summary>
/// <param name="ApiVersion">Its <c>apiVersion</c>.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace, where the event is kept too; empty for an object without one, whose events are kept in <c>default</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="ResourceVersion">The version of it that the event tells of.</param>
public sealed record EventRegarding(string ApiVersion, string Kind, string Namespace, string Name, string Uid, string ResourceVersion);

/// <summary>Whether an event is good news.</summary>
public enum EventType
{
    /// <summary>Things go as they should.</summary>
    Normal,

    /// <summary>Somebody may have to look.</summary>
    Warning,
}
