using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Watching;

/// <inheritdoc cref="IResourceWatchGrain"/>
[KeepAlive]
[RendezvousPlacement]
[GrainType("resource-watch")]
internal sealed partial class ResourceWatchGrain(
    KubernetesApi api,
    IGrainFactory grains,
    IClusterMembershipService membership,
    ActiveSilos silos,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILoggerFactory loggers) : Grain, IResourceWatchGrain
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = loggers.CreateLogger<ResourceWatchGrain>();
    private Task _watch = Task.CompletedTask;
    private Func<long?> _completeRound = static () => null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Start();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _watch.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        if (silos.IsToBeLeft(reason))
        {
            MigrateOnIdle();
        }
    }

    public Task<long?> EnsureRunning()
    {
        if (_watch.IsCompleted)
        {
            Start();
        }

        return Task.FromResult(_completeRound());
    }

    // The watch runs beside the grain, not on its turn: it never ends by itself.
    private void Start()
    {
        if (_watch.Exception is { } exception)
        {
            LogFailed(_logger, exception, this.GetPrimaryKeyString());
        }

        var key = WatchKey.Parse(this.GetPrimaryKeyString());
        _watch = key.Plural switch
        {
            ECRRepository.Plural => Watch(key, ResourceKinds.WatchedRepositories, new Announcer<ECRRepository>(
                key.Cluster,
                (key, repository, round) => Repository(key).Announce(repository, round),
                (key, uid) => Repository(key).Forget(uid),
                static (reference, error) => new() { Metadata = MetadataOf(reference), Malformed = error },
                key => Rendezvous.Pick(Repository(key).GetGrainId(), silos.Current),
                options.Value.MaxAnnouncements,
                time,
                _logger,
                _stop.Token)),
            AWSProvider.Plural => Watch(key, ResourceKinds.WatchedProviders, new Announcer<AWSProvider>(
                key.Cluster,
                (key, provider, round) => Provider(key).Announce(provider, round),
                (key, uid) => Provider(key).Forget(uid),
                static (reference, error) => new() { Metadata = MetadataOf(reference), Malformed = error },
                key => Rendezvous.Pick(Provider(key).GetGrainId(), silos.Current),
                options.Value.MaxAnnouncements,
                time,
                _logger,
                _stop.Token)),
            _ => throw new InvalidOperationException($"There is no kind '{key.Plural}' to watch."),
        };
    }

    private IRepositoryGrain Repository(ResourceKey key) => grains.GetGrain<IRepositoryGrain>(key.ToString());

    private IProviderGrain Provider(ResourceKey key) => grains.GetGrain<IProviderGrain>(key.ToString());

    private Task Watch<T>(WatchKey key, WatchedKind<T> kind, Announcer<T> announcer)
        where T : class
    {
        var watcher = new ResourceWatcher<T>(api, kind, key.Namespace, new ResourceWatcherOptions(), time, loggers.CreateLogger<ResourceWatcher<T>>());
        var stop = _stop.Token;
        _completeRound = () => announcer.CompleteRound;
        _ = Task.Run(() => FollowMembershipAsync(key, watcher, announcer, stop), stop);
        return Task.Run(() => watcher.RunAsync(announcer, stop), stop);
    }

    // A silo that left took grains along which nobody would call again: everything is announced once more. Whoever knows it does nothing.
    private async Task FollowMembershipAsync<T>(WatchKey key, ResourceWatcher<T> watcher, Announcer<T> announcer, CancellationToken stop)
        where T : class
    {
        try
        {
            HashSet<SiloAddress> known = [];
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stop))
            {
                HashSet<SiloAddress> present = [.. snapshot.Members.Values.Where(member => !member.Status.IsTerminating() || member.Status is SiloStatus.ShuttingDown or SiloStatus.Stopping).Select(member => member.SiloAddress)];
                var left = known.Except(present).ToArray();
                known = present;
                if (left.Length > 0)
                {
                    LogAnnouncingAgain(_logger, key, left.Length);
                    watcher.Reannounce(announcer.BeginRound);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As asked.
        }
        catch (Exception exception)
        {
            LogNotFollowed(_logger, exception, key);
        }
    }

    private static ResourceMetadata MetadataOf(ObjectReference reference) => new()
    {
        Namespace = reference.Namespace,
        Name = reference.Name,
        Uid = reference.Uid,
        ResourceVersion = reference.ResourceVersion,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The watch {Key} ended unexpectedly; starting it again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string key);

    [LoggerMessage(Level = LogLevel.Error, Message = "The watch {Key} no longer follows which silos there are")]
    private static partial void LogNotFollowed(ILogger logger, Exception exception, WatchKey key);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} silos have left: the watch {Key} announces every object again")]
    private static partial void LogAnnouncingAgain(ILogger logger, WatchKey key, int count);
}
