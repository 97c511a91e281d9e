using InfraOperator.Abstractions;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Providers;

/// <summary>The repositories that name a provider, and what each waits for.</summary>
internal sealed partial class Dependents(ResourceKey key, IGrainFactory grains, ILogger logger)
{
    private const int WakeBatch = 64;

    private readonly HashSet<ResourceKey> _all = [];
    private readonly HashSet<ResourceKey> _waiting = [];
    private readonly HashSet<ResourceKey> _held = [];

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>Adds one; false where it is known.</summary>
    public bool Add(ResourceKey dependent) => _all.Add(dependent);

    /// <summary>Lets one go; false where it is not known.</summary>
    public bool Remove(ResourceKey dependent)
    {
        _waiting.Remove(dependent);
        _held.Remove(dependent);
        return _all.Remove(dependent);
    }

    /// <summary>Notes whether one waits for the provider to be usable.</summary>
    public void SetWaiting(ResourceKey dependent, bool waits) => _ = waits ? _waiting.Add(dependent) : _waiting.Remove(dependent);

    /// <summary>Notes that the deletion of one is held.</summary>
    public void Hold(ResourceKey dependent) => _held.Add(dependent);

    /// <summary>Wakes all.</summary>
    public Task WakeAllAsync() => WakeAsync(_all);

    /// <summary>Wakes those that wait for the provider.</summary>
    public Task WakeWaitingAsync() => WakeAsync(_waiting);

    /// <summary>Wakes those whose deletion is held. They are held no longer.</summary>
    public Task WakeHeldAsync()
    {
        var held = _held.ToArray();
        _held.Clear();
        return WakeAsync(held);
    }

    private async Task WakeAsync(IEnumerable<ResourceKey> dependents)
    {
        foreach (var batch in dependents.ToArray().Chunk(WakeBatch))
        {
            try
            {
                await Task.WhenAll(batch.Select(dependent => grains.GetGrain<IRepositoryGrain>(dependent.ToString()).Wake()));
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                LogNotWoken(logger, exception, key);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not wake every ecrrepository of awsprovider {Provider}; each looks again by itself")]
    private static partial void LogNotWoken(ILogger logger, Exception exception, ResourceKey provider);
}
