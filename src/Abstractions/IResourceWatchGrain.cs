using Orleans.Concurrency;

namespace InfraOperator.Abstractions;

/// <summary>Lists and watches one kind in one cluster and hands each object to its grain. Key: <c>cluster/plural</c>.</summary>
[Alias("infra.v1.IResourceWatchGrain"), GrainInterfaceType("infra.v1.IResourceWatchGrain")]
public interface IResourceWatchGrain : IGrainWithStringKey
{
    /// <summary>Starts the watch where it does not run yet. Every silo asks again and again, so that a watch never stays lost.</summary>
    [AlwaysInterleave]
    [Alias("EnsureRunning")]
    Task EnsureRunning();
}
