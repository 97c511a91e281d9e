using System.Text.Json.Nodes;

namespace InfraOperator.Kubernetes;

/// <summary>
/// Patches of an object's finalizers. Each is conditional on the uid and on the whole list as last read, so that it can
/// neither reach another object of that name nor drop another controller's finalizer; a list that changed meanwhile gives
/// <see cref="KubernetesFailure.PreconditionFailed"/>: read again.
/// </summary>
public static class FinalizerPatch
{
    private const string Path = "/metadata/finalizers";

    /// <summary>Adds a finalizer at the end of the list; null if it is there already.</summary>
    /// <param name="uid">The object's uid.</param>
    /// <param name="current">All finalizers as last read.</param>
    /// <param name="finalizer">The one to add.</param>
    public static JsonPatch? Add(string uid, IReadOnlyList<string> current, string finalizer)
    {
        if (current.Contains(finalizer, StringComparer.Ordinal))
        {
            return null;
        }

        var change = current.Count == 0
            ? JsonPatchOperation.Add(Path, new JsonArray(finalizer))
            : JsonPatchOperation.Add($"{Path}/-", finalizer);
        return new JsonPatch(StatusPatch.UidTest(uid), ListTest(current), change);
    }

    /// <summary>Removes finalizers and leaves the others; null if none of them is there.</summary>
    /// <param name="uid">The object's uid.</param>
    /// <param name="current">All finalizers as last read.</param>
    /// <param name="finalizers">Those to remove.</param>
    public static JsonPatch? Remove(string uid, IReadOnlyList<string> current, params ReadOnlySpan<string> finalizers)
    {
        List<string> rest = [];
        foreach (var finalizer in current)
        {
            if (!finalizers.Contains(finalizer))
            {
                rest.Add(finalizer);
            }
        }

        if (rest.Count == current.Count)
        {
            return null;
        }

        var change = rest.Count == 0 ? JsonPatchOperation.Remove(Path) : JsonPatchOperation.Replace(Path, ToJson(rest));
        return new JsonPatch(StatusPatch.UidTest(uid), ListTest(current), change);
    }

    private static JsonPatchOperation ListTest(IReadOnlyList<string> current) =>
        JsonPatchOperation.Test(Path, current.Count == 0 ? null : ToJson(current));

    private static JsonArray ToJson(IEnumerable<string> finalizers) => [.. finalizers.Select(finalizer => JsonValue.Create(finalizer))];
}
