using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>
/// Hands over what differs from the index. The index changes only after the handler has taken the news, so that whatever the
/// handler could not take comes again.
/// </summary>
/// <remarks>Every call throws <see cref="HandlerFailedException"/> for what the handler throws.</remarks>
internal sealed class Announcer<T>(WatchedKind<T> kind, IResourceHandler<T> handler, ILogger logger)
    where T : class
{
    /// <summary>An object as it is now. Returns its resourceVersion; empty if that cannot be told.</summary>
    public async ValueTask<string> ChangedAsync(WatchIndex index, ParsedResource<T> resource, CancellationToken cancellationToken)
    {
        var (value, reference, error) = Identify(resource);
        if (reference.Name.Length == 0)
        {
            logger.LogWarningNameless(kind.Kind, error);
            return reference.ResourceVersion;
        }

        if (index.TryGet(reference, out var known))
        {
            if (known.Uid.Length > 0 && reference.Uid.Length > 0 && known.Uid != reference.Uid)
            {
                await DeletedAsync(index, known, cancellationToken).ConfigureAwait(false);
            }
            else if (known.ResourceVersion == reference.ResourceVersion && reference.ResourceVersion.Length > 0)
            {
                index.Set(reference);
                return reference.ResourceVersion;
            }
        }

        if (value is not null)
        {
            await TakenAsync(() => handler.ChangedAsync(reference, value, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            logger.LogWarningMalformed(kind.Kind, reference, error);
            await TakenAsync(() => handler.MalformedAsync(reference, error, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        index.Set(reference);
        return reference.ResourceVersion;
    }

    /// <summary>An object that is no longer there.</summary>
    public async ValueTask DeletedAsync(WatchIndex index, ObjectReference reference, CancellationToken cancellationToken)
    {
        if (index.TryGet(reference, out _))
        {
            await TakenAsync(() => handler.DeletedAsync(reference, cancellationToken), cancellationToken).ConfigureAwait(false);
            index.Remove(reference);
        }
    }

    /// <summary>A whole list was read: whatever is known and was not on it is gone.</summary>
    public async ValueTask ListedAsync(WatchIndex index, bool relisted, CancellationToken cancellationToken)
    {
        foreach (var reference in index.Missing())
        {
            await DeletedAsync(index, reference, cancellationToken).ConfigureAwait(false);
        }

        await TakenAsync(() => handler.SyncedAsync(relisted, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private ParsedResource<T> Identify(ParsedResource<T> resource)
    {
        if (resource.Value is null)
        {
            return resource;
        }

        try
        {
            var reference = kind.Identify(resource.Value);
            return string.IsNullOrEmpty(reference.Name)
                ? new ParsedResource<T>(null, new ObjectReference("", "", "", reference.ResourceVersion ?? ""), "the object has no name")
                : resource with { Reference = new ObjectReference(reference.Namespace ?? "", reference.Name, reference.Uid ?? "", reference.ResourceVersion ?? "") };
        }
        catch (Exception exception)
        {
            // An object without metadata, for one: no reason to stop for the others.
            return new ParsedResource<T>(null, new ObjectReference("", "", "", ""), exception.Message);
        }
    }

    private static async ValueTask TakenAsync(Func<ValueTask> call, CancellationToken cancellationToken)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HandlerFailedException(exception);
        }
    }
}
