namespace InfraOperator.Kubernetes;

/// <summary>
/// Takes what a <see cref="ResourceWatcher{T}"/> sees, one call at a time and in order for each object. The watcher waits for
/// each call, so a slow handler slows the reading instead of filling memory. What a call throws is logged, and after a pause
/// the same news comes again: nothing is lost, but everything behind it waits.
/// </summary>
/// <typeparam name="T">The object as it was read.</typeparam>
public interface IResourceHandler<T>
    where T : class
{
    /// <summary>The object is new or has changed. Several changes may come as one.</summary>
    ValueTask ChangedAsync(ObjectReference reference, T resource, CancellationToken cancellationToken);

    /// <summary>The object is new or has changed, and its JSON does not fit <typeparamref name="T"/>.</summary>
    /// <param name="reference">Its identity as far as it can be told.</param>
    /// <param name="error">What is wrong with it, for people.</param>
    /// <param name="cancellationToken">The watch is to end.</param>
    ValueTask MalformedAsync(ObjectReference reference, string error, CancellationToken cancellationToken);

    /// <summary>
    /// The object is gone: either this was seen, or a list no longer had it, or its name has a new uid (then
    /// <see cref="ChangedAsync"/> follows).
    /// </summary>
    /// <param name="reference">Its identity as last known.</param>
    /// <param name="cancellationToken">The watch is to end.</param>
    ValueTask DeletedAsync(ObjectReference reference, CancellationToken cancellationToken);

    /// <summary>A whole list has been handed over, so everything that exists is now known.</summary>
    /// <param name="relisted">False the first time; true when history was lost and the list had to be read again. Objects
    /// that had not changed were then not handed over again.</param>
    /// <param name="cancellationToken">The watch is to end.</param>
    ValueTask SyncedAsync(bool relisted, CancellationToken cancellationToken);
}
