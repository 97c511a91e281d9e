using Orleans.Concurrency;

namespace InfraOperator.Abstractions;

/// <summary>One AWSProvider: its identity, its AWS client and the repositories that use it. Key: <see cref="ResourceKey"/>.</summary>
[Alias("infra.v1.IProviderGrain"), GrainInterfaceType("infra.v1.IProviderGrain")]
public interface IProviderGrain : IGrainWithStringKey
{
    /// <summary>Tells the grain of a version of its object. The newest wins; returns before any work is done.</summary>
    /// <param name="provider">The object.</param>
    /// <param name="round">The round of announcements, see <see cref="IResourceWatchGrain.EnsureRunning"/>.</param>
    [AlwaysInterleave]
    [Alias("Announce")]
    Task Announce(AWSProvider provider, long round);

    /// <summary>Has the grain read its object afresh: its end, or a change, may have been missed.</summary>
    /// <param name="onlyIfUnknown">Whether to do nothing where the object is known.</param>
    [AlwaysInterleave]
    [Alias("Reread")]
    Task Reread(bool onlyIfUnknown);

    /// <summary>Tells the grain that its object is gone.</summary>
    /// <param name="uid">The object that is gone.</param>
    [AlwaysInterleave]
    [Alias("Forget")]
    Task Forget(string uid);

    /// <summary>Makes a repository known that has nothing to ask now, so that it hears of changes and is counted.</summary>
    /// <param name="dependent">The repository.</param>
    /// <param name="waits">Whether it waits for the provider to be usable.</param>
    /// <param name="seen">The <see cref="ProviderView.Version"/> that it went by last, so that it is woken where that is another now; null where it knows none.</param>
    /// <param name="repositoryName">The repository that it names in AWS; null where it is not to be swept.</param>
    [AlwaysInterleave]
    [Alias("Register")]
    Task Register(ResourceKey dependent, bool waits, string? seen, string? repositoryName);

    /// <summary>Says whether a repository may use this provider now. A repository that may not is woken when that changes.</summary>
    /// <param name="dependent">The repository.</param>
    /// <param name="repositoryName">The repository that it names in AWS; null where it is not to be swept.</param>
    [AlwaysInterleave]
    [Alias("Resolve")]
    Task<ProviderView> Resolve(ResourceKey dependent, string? repositoryName);

    /// <summary>Says where the provider acts, if that is known; asks nobody.</summary>
    [AlwaysInterleave]
    [Alias("Locate")]
    Task<AwsPlace?> Locate();

    /// <summary>Says whether this activation came from another silo with all that was known there. One that came up without has to be told.</summary>
    [AlwaysInterleave]
    [Alias("HasMoved")]
    Task<bool> HasMoved();

    /// <summary>Ends what <see cref="Resolve"/> or <see cref="Register"/> began: the repository no longer uses this provider.</summary>
    /// <param name="dependent">The repository.</param>
    [AlwaysInterleave]
    [Alias("Release")]
    Task Release(ResourceKey dependent);

    /// <summary>Reads a repository from AWS.</summary>
    /// <param name="dependent">On whose behalf.</param>
    /// <param name="request">What to read.</param>
    /// <param name="place">Where the repository is; null where that is not known. Elsewhere nothing is read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [Alias("Observe")]
    Task<Observation> Observe(ResourceKey dependent, ObserveRequest request, AwsPlace? place, CancellationToken cancellationToken);

    /// <summary>Has AWS try a lifecycle policy without applying it, or reads what came of that.</summary>
    /// <param name="dependent">On whose behalf.</param>
    /// <param name="request">What to begin or read.</param>
    /// <param name="place">Where the repository is; null where that is not known. Elsewhere nothing is asked.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [Alias("Preview")]
    Task<PreviewAnswer> Preview(ResourceKey dependent, PreviewRequest request, AwsPlace? place, CancellationToken cancellationToken);

    /// <summary>Carries out one write. A <see cref="DeleteRepository"/> is carried out only if its proof holds.</summary>
    /// <param name="dependent">On whose behalf.</param>
    /// <param name="uid">The object on whose behalf.</param>
    /// <param name="action">The write.</param>
    /// <param name="place">The account and region that the write was decided for; null where that is not known. Elsewhere nothing is written.</param>
    /// <param name="priority">Why.</param>
    /// <param name="continues">Whether it belongs to a pass that has written already, and so is not <see cref="FailureKind.Paced"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [Alias("Execute")]
    Task<ActionOutcome> Execute(ResourceKey dependent, string uid, EcrAction action, AwsPlace? place, CallPriority priority, bool continues, CancellationToken cancellationToken);
}
