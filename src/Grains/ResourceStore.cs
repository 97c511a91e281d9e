using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains;

/// <summary>Our reads and writes of one kind's objects: the objects themselves, their finalizers, their status. Nothing else is ever written.</summary>
/// <typeparam name="T">The kind's record.</typeparam>
/// <param name="api">The API server.</param>
/// <param name="kind">The kind.</param>
/// <param name="json">How its objects are read.</param>
/// <param name="metadataOf">An object's metadata.</param>
/// <param name="statusOf">An object's status as JSON; null where it has none.</param>
/// <param name="namespaces">The namespaces that are served; none: all.</param>
internal sealed class ResourceStore<T>(KubernetesApi api, ResourceKind kind, JsonTypeInfo<T> json, Func<T, ResourceMetadata> metadataOf, Func<T, JsonObject?> statusOf, IList<string> namespaces)
    where T : class
{
    /// <summary>Reads an object afresh; null where there is none.</summary>
    public async Task<T?> FindAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await api.GetAsync(kind, key.Namespace, key.Name, json, cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads every object of the kind afresh, in the namespaces that are served.</summary>
    public IAsyncEnumerable<T> ListAsync(CancellationToken cancellationToken) => ListAsync(selector: null, cancellationToken);

    /// <summary>Reads every object of the kind in a namespace afresh.</summary>
    public IAsyncEnumerable<T> ListInAsync(string ns, CancellationToken cancellationToken) => api.ListAsync(kind, ns, json, cancellationToken);

    /// <summary>Reads afresh every object of the kind in which a field has a value. The definition must name the field as selectable.</summary>
    /// <exception cref="KubernetesApiException"><see cref="KubernetesFailure.Invalid"/>: the server selects by no such field (Kubernetes before 1.31).</exception>
    public IAsyncEnumerable<T> ListAsync(string field, string value, CancellationToken cancellationToken) => ListAsync($"{field}={value}", cancellationToken);

    /// <summary>Puts our finalizer on an object that has none of ours yet.</summary>
    public async Task<T> AddFinalizerAsync(T resource, CancellationToken cancellationToken)
    {
        var metadata = metadataOf(resource);
        return !metadata.HasFinalizer && FinalizerPatch.Add(metadata.Uid, metadata.Finalizers, ApiNames.Finalizer) is { } patch
            ? await api.PatchAsync(kind, metadata.Namespace, metadata.Name, null, patch, json, cancellationToken, begins: true)
            : resource;
    }

    /// <summary>Takes our finalizers off an object. Others' stay.</summary>
    public async Task<T> RemoveFinalizerAsync(T resource, CancellationToken cancellationToken)
    {
        var metadata = metadataOf(resource);
        return FinalizerPatch.Remove(metadata.Uid, metadata.Finalizers, ApiNames.Finalizer, ApiNames.LegacyFinalizer) is { } patch
            ? await api.PatchAsync(kind, metadata.Namespace, metadata.Name, null, patch, json, cancellationToken)
            : resource;
    }

    /// <summary>Writes what changed of the status; nothing where nothing changed.</summary>
    public Task<T> WriteStatusAsync(T resource, JsonObject status, CancellationToken cancellationToken) =>
        WriteStatusAsync(resource, statusOf(resource), status, cancellationToken);

    /// <summary>Writes some fields of the status of an object that could not be read; the other fields stay. It cannot be read afterwards either.</summary>
    public async Task WriteStatusFieldsAsync(T resource, JsonObject fields, CancellationToken cancellationToken)
    {
        var metadata = metadataOf(resource);
        try
        {
            await SendAsync(StatusPatch.Between(metadata.Uid, [], fields)!);
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.PreconditionFailed)
        {
            // Without a status there is nothing to add fields to.
            await SendAsync(StatusPatch.OfNone(metadata.Uid, fields));
        }

        Task SendAsync(JsonPatch patch) => api.PatchAsync(kind, metadata.Namespace, metadata.Name, "status", patch, cancellationToken);
    }

    private async IAsyncEnumerable<T> ListAsync(string? selector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var ns in namespaces.DefaultIfEmpty())
        {
            await foreach (var resource in api.ListAsync(kind, ns, json, cancellationToken, selector))
            {
                yield return resource;
            }
        }
    }

    private async Task<T> WriteStatusAsync(T resource, JsonObject? before, JsonObject after, CancellationToken cancellationToken)
    {
        var metadata = metadataOf(resource);
        return StatusPatch.Between(metadata.Uid, before, after) is { } patch
            ? await api.PatchAsync(kind, metadata.Namespace, metadata.Name, "status", patch, json, cancellationToken)
            : resource;
    }
}
