using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Watching;

/// <inheritdoc cref="IResourceWatchGrain"/>
[KeepAlive]
[GrainType("resource-watch")]
internal sealed partial class ResourceWatchGrain(
    KubernetesApi api,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILoggerFactory loggers) : Grain, IResourceWatchGrain
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = loggers.CreateLogger<ResourceWatchGrain>();
    private Task _watch = Task.CompletedTask;

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
    }

    public Task EnsureRunning()
    {
        if (_watch.IsCompleted)
        {
            Start();
        }

        return Task.CompletedTask;
    }

    // The watch runs beside the grain, not on its turn: it never ends by itself.
    private void Start()
    {
        if (_watch.Exception is { } exception)
        {
            LogFailed(_logger, exception, this.GetPrimaryKeyString());
        }

        var (cluster, plural) = this.GetPrimaryKeyString().Split('/') is [var first, var second]
            ? (first, second)
            : throw new InvalidOperationException($"'{this.GetPrimaryKeyString()}' is not a watch key of the form cluster/plural.");
        _watch = plural switch
        {
            ECRRepository.Plural => Watch(ResourceKinds.WatchedRepositories, new Announcer<ECRRepository>(
                cluster,
                (key, repository) => grains.GetGrain<IRepositoryGrain>(key.ToString()).Announce(repository),
                (key, uid) => grains.GetGrain<IRepositoryGrain>(key.ToString()).Forget(uid),
                static (reference, error) => new() { Metadata = MetadataOf(reference), Malformed = error },
                options.Value.MaxAnnouncements,
                time,
                _logger)),
            AWSProvider.Plural => Watch(ResourceKinds.WatchedProviders, new Announcer<AWSProvider>(
                cluster,
                (key, provider) => grains.GetGrain<IProviderGrain>(key.ToString()).Announce(provider),
                (key, uid) => grains.GetGrain<IProviderGrain>(key.ToString()).Forget(uid),
                static (reference, error) => new() { Metadata = MetadataOf(reference), Malformed = error },
                options.Value.MaxAnnouncements,
                time,
                _logger)),
            _ => throw new InvalidOperationException($"There is no kind '{plural}' to watch."),
        };
    }

    private Task Watch<T>(WatchedKind<T> kind, Announcer<T> announcer)
        where T : class
    {
        var watcher = new ResourceWatcher<T>(api, kind, ns: null, new ResourceWatcherOptions(), time, loggers.CreateLogger<ResourceWatcher<T>>());
        var stop = _stop.Token;
        return Task.Run(() => watcher.RunAsync(announcer, stop), stop);
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
}
