using InfraOperator.Abstractions;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Providers;

/// <summary>The repositories that name a provider, and what each waits for.</summary>
internal sealed partial class Dependents(ResourceKey key, IGrainFactory grains, TimeProvider time, ILogger logger)
{
    private const int WakeBatch = 64;
    private const int WakeAttempts = 6;
    private static readonly TimeSpan WakePause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<ResourceKey, Dependent> _all = [];
    private readonly HashSet<ResourceKey> _waiting = [];
    private readonly HashSet<ResourceKey> _held = [];

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>Those that a sweep looks for.</summary>
    public IEnumerable<Dependent> Swept => _all.Values.Where(dependent => dependent.RepositoryName is not null);

    /// <summary>Takes over what another activation knew.</summary>
    public void Restore(ProviderGrainState state)
    {
        foreach (var (index, dependent) in state.Dependents.Index())
        {
            Add(dependent, index < state.RepositoryNames.Length ? state.RepositoryNames[index] : null);
        }

        _waiting.UnionWith(state.Waiting);
        _held.UnionWith(state.Held);
    }

    /// <summary>Writes down what another activation is to know.</summary>
    public ProviderGrainState Save(ProviderGrainState state) => state with
    {
        Dependents = [.. _all.Keys],
        RepositoryNames = [.. _all.Values.Select(dependent => dependent.RepositoryName)],
        Waiting = [.. _waiting],
        Held = [.. _held],
    };

    /// <summary>Adds one, or takes note that it asks.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="repositoryName">The repository that it names in AWS; null where it is not to be swept.</param>
    /// <returns>false where it is known.</returns>
    public bool Add(ResourceKey key, string? repositoryName)
    {
        if (_all.TryGetValue(key, out var known) && known.RepositoryName == repositoryName)
        {
            return false;
        }

        _all[key] = new(key, repositoryName);
        return known is null;
    }

    /// <summary>One is about to look for itself, and to change what it finds: what a sweep saw before is no longer known to fit it.</summary>
    public void Doubt(ResourceKey dependent)
    {
        if (_all.TryGetValue(dependent, out var known))
        {
            known.Doubt();
        }
    }

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
    public void WakeAll() => _ = WakeAsync([.. _all.Keys]);

    /// <summary>Wakes those that wait for the provider.</summary>
    public void WakeWaiting() => _ = WakeAsync([.. _waiting]);

    /// <summary>Wakes those whose deletion is held. They are held no longer.</summary>
    public void WakeHeld()
    {
        ResourceKey[] held = [.. _held];
        _held.Clear();
        _ = WakeAsync(held);
    }

    // Nobody waits for it: a repository that is on its way to another silo is woken when it has come there, and it may first want an
    // answer of the very provider that would be waiting.
    private async Task WakeAsync(ResourceKey[] dependents)
    {
        foreach (var batch in dependents.Chunk(WakeBatch))
        {
            await Task.WhenAll(batch.Select(WakeAsync));
        }
    }

    // One whose silo has just gone is woken where it comes up again.
    private async Task WakeAsync(ResourceKey dependent)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await grains.GetGrain<IRepositoryGrain>(dependent.ToString()).Wake();
                return;
            }
            catch (Exception exception)
            {
                if (attempt == WakeAttempts)
                {
                    LogNotWoken(logger, exception, dependent, key);
                    return;
                }
            }

            await Task.Delay(WakePause * Math.Pow(2, attempt - 1), time);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not wake ecrrepository {Repository} of awsprovider {Provider}; it looks again by itself")]
    private static partial void LogNotWoken(ILogger logger, Exception exception, ResourceKey repository, ResourceKey provider);
}
