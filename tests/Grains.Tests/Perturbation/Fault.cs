namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>What happens to one external call. The n-th call of its <see cref="Point"/> meets it, once.</summary>
public enum Fault
{
    /// <summary>Nothing: the run that the others are counted by.</summary>
    None,

    /// <summary>The process dies just before the call.</summary>
    CrashBefore,

    /// <summary>The process dies when the server has acted, and has not heard of it.</summary>
    CrashAfter,

    /// <summary>The server fails: it throttles, is unavailable, or saw another write first.</summary>
    Failed,

    /// <summary>The server denies the call.</summary>
    Denied,

    /// <summary>The server acts and its answer is lost, again for the client's own second attempt.</summary>
    Lost,

    /// <summary>The server acts and its answer is lost; the client's own second attempt goes through.</summary>
    LostOnce,

    /// <summary>The answer to a write is lost, and whoever then reads sees AWS as it was before.</summary>
    Unseen,

    /// <summary>A read is answered with what was true before the last change.</summary>
    Stale,

    /// <summary>The watch does not tell of a change.</summary>
    Missed,

    /// <summary>A write to Kubernetes gets no answer, and arrives when all is over.</summary>
    Late,
}

/// <summary>The calls that a fault can meet, each counted by itself.</summary>
internal enum Point
{
    /// <summary>Every request, to either server.</summary>
    Request,

    /// <summary>A request that asks AWS to change something.</summary>
    AwsWrite,

    /// <summary>A patch of one of our objects.</summary>
    KubernetesWrite,

    /// <summary>A read whose answer could have been another earlier.</summary>
    Read,

    /// <summary>A watch's word about one of our objects.</summary>
    Event,
}

internal static class Faults
{
    public static Point Point(this Fault fault) => fault switch
    {
        Fault.Unseen => Perturbation.Point.AwsWrite,
        Fault.Late => Perturbation.Point.KubernetesWrite,
        Fault.Stale => Perturbation.Point.Read,
        Fault.Missed => Perturbation.Point.Event,
        _ => Perturbation.Point.Request,
    };

    /// <summary>Whether it takes a new process to go on.</summary>
    public static bool IsCrash(this Fault fault) => fault is Fault.CrashBefore or Fault.CrashAfter;

    /// <summary>Whether answers from before the last change are needed.</summary>
    public static bool ShowsThePast(this Fault fault) => fault is Fault.Stale or Fault.Unseen;

    /// <summary>As part of an object's name.</summary>
    public static string Name(this Fault fault) =>
        string.Concat(fault.ToString().Select((letter, index) => char.IsUpper(letter) && index > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
