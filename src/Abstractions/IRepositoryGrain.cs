using Orleans.Concurrency;

namespace InfraOperator.Abstractions;

/// <summary>The reconcile of one ECRRepository. Key: <see cref="ResourceKey"/>.</summary>
[Alias("infra.v1.IRepositoryGrain"), GrainInterfaceType("infra.v1.IRepositoryGrain")]
public interface IRepositoryGrain : IGrainWithStringKey
{
    /// <summary>Tells the grain of a version of its object. The newest wins; returns before any work is done.</summary>
    /// <param name="repository">The object.</param>
    /// <param name="round">The round of announcements, see <see cref="IResourceWatchGrain.EnsureRunning"/>.</param>
    [AlwaysInterleave]
    [Alias("Announce")]
    Task Announce(ECRRepository repository, long round);

    /// <summary>Has the grain read its object afresh: its end, or a change, may have been missed.</summary>
    /// <param name="onlyIfUnknown">Whether to do nothing where the object is known.</param>
    [AlwaysInterleave]
    [Alias("Reread")]
    Task Reread(bool onlyIfUnknown);

    /// <summary>Tells the grain that its object is gone.</summary>
    /// <param name="uid">The object that is gone; a newer one of the same name is not meant.</param>
    [AlwaysInterleave]
    [Alias("Forget")]
    Task Forget(string uid);

    /// <summary>Has another object woken when this one ends, because both name one repository.</summary>
    /// <param name="follower">The other object.</param>
    [AlwaysInterleave]
    [Alias("Follow")]
    Task Follow(ResourceKey follower);

    /// <summary>
    /// Tells the grain what a sweep of its provider's account saw. That is a hint: where it does not fit what the object wants, the grain
    /// reads for itself before it acts.
    /// </summary>
    /// <param name="swept">What was seen.</param>
    /// <returns>Whether the object is in order and what was seen fits, so that seeing the same again is no news.</returns>
    [AlwaysInterleave]
    [Alias("Compare")]
    Task<bool> Compare(SweptRepository swept);

    /// <summary>Asks for a reconcile now, because the provider changed, or whoever stood in the way is gone.</summary>
    [AlwaysInterleave]
    [Alias("Wake")]
    Task Wake();

    /// <summary>Tells the grain that its provider has room for the calls that it was told to ask for later, see <see cref="FailureKind.Paced"/>.</summary>
    [AlwaysInterleave]
    [Alias("GoOn")]
    Task GoOn();
}
