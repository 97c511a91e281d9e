using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>
/// Hands over what differs from the index. The index changes only after the handler has taken the news, so that whatever the
/// handler could not take comes again.
/// </summary>
internal sealed class Announcer<T>(WatchedKind<T> kind, WatchIndex index, IResourceHandler<T> handler, ILogger logger)
    where T : class
{
    /// <summary>An object as it is now. Returns its resourceVersion; empty if that cannot be told.</summary>
    public async ValueTask<string> ChangedAsync(ParsedResource<T> resource, CancellationToken cancellationToken)
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
                await DeletedAsync(known, cancellationToken).ConfigureAwait(false);
            }
            else if (known.ResourceVersion == reference.ResourceVersion && reference.ResourceVersion.Length > 0)
            {
                index.Set(reference);
                return reference.ResourceVersion;
            }
        }

        if (value is not null)
        {
            await handler.ChangedAsync(reference, value, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            logger.LogWarningMalformed(kind.Kind, reference, error);
            await handler.MalformedAsync(reference, error, cancellationToken).ConfigureAwait(false);
        }

        index.Set(reference);
        return reference.ResourceVersion;
    }

    /// <summary>An object that is no longer there.</summary>
    public async ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        if (index.TryGet(reference, out _))
        {
            await handler.DeletedAsync(reference, cancellationToken).ConfigureAwait(false);
            index.Remove(reference);
        }
    }

    /// <summary>A whole list was read: whatever is known and was not on it is gone.</summary>
    public async ValueTask ListedAsync(bool relisted, CancellationToken cancellationToken)
    {
        foreach (var reference in index.Missing())
        {
            await DeletedAsync(reference, cancellationToken).ConfigureAwait(false);
        }

        await handler.SyncedAsync(relisted, cancellationToken).ConfigureAwait(false);
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
                : resource with { Reference = reference with { Namespace = reference.Namespace ?? "" } };
        }
        catch (Exception exception)
        {
            // An object without metadata, for one: no reason to stop for the others.
            return new ParsedResource<T>(null, new ObjectReference("", "", "", ""), exception.Message);
        }
    }
}
