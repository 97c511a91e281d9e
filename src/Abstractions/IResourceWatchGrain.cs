using Orleans.Concurrency;

namespace InfraOperator.Abstractions;

/// <summary>
/// Lists and watches one kind in one cluster and hands each object to its grain. Key: <c>cluster/plural</c>, or
/// <c>cluster/plural/namespace</c> where only some namespaces are watched.
/// </summary>
[Alias("infra.v1.IResourceWatchGrain"), GrainInterfaceType("infra.v1.IResourceWatchGrain")]
public interface IResourceWatchGrain : IGrainWithStringKey
{
    /// <summary>Starts the watch where it does not run yet. Every silo asks again and again, so that a watch never stays lost.</summary>
    /// <returns>
    /// The last round of announcements that is complete: in it every object that there is was told of. A new round begins with a
    /// new activation of this grain, and when a silo has left. null while none is complete.
    /// </returns>
    [AlwaysInterleave]
    [Alias("EnsureRunning")]
    Task<long?> EnsureRunning();
}
