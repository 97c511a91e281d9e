using System.Text.Json.Nodes;

namespace InfraOperator.Kubernetes;

/// <summary>Patches of an object's status subresource.</summary>
public static class StatusPatch
{
    /// <summary>
    /// What to send so that the status says <paramref name="after"/>, or null when it does already. Only top-level keys that
    /// changed are sent, and only keys that were in <paramref name="before"/> are removed, so that what a newer version wrote
    /// under a key of its own survives. A key with JSON's null counts as absent.
    /// </summary>
    /// <param name="uid">The object's uid. The server refuses the patch for any other object of that name
    /// (<see cref="KubernetesFailure.PreconditionFailed"/>).</param>
    /// <param name="before">The status as last read, or null if the object has none.</param>
    /// <param name="after">The status as it shall be.</param>
    public static JsonPatch? Between(string uid, JsonObject? before, JsonObject after)
    {
        List<JsonPatchOperation> operations = [UidTest(uid)];
        var wanted = after.Where(pair => pair.Value is not null);
        if (before is null)
        {
            var status = new JsonObject(wanted.Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
            if (status.Count > 0)
            {
                operations.Add(JsonPatchOperation.Add("/status", status));
            }
        }
        else
        {
            operations.AddRange(wanted.Where(pair => !JsonNode.DeepEquals(before[pair.Key], pair.Value))
                .Select(pair => JsonPatchOperation.Add(JsonPatch.Pointer("status", pair.Key), pair.Value)));
            operations.AddRange(before.Where(pair => pair.Value is not null && after[pair.Key] is null)
                .Select(pair => JsonPatchOperation.Remove(JsonPatch.Pointer("status", pair.Key))));
        }

        return operations.Count > 1 ? new JsonPatch([.. operations]) : null;
    }

    /// <summary>What to send so that an object that has no status gets one. Refused for an object that has.</summary>
    /// <param name="uid">The object's uid.</param>
    /// <param name="status">The status.</param>
    public static JsonPatch OfNone(string uid, JsonObject status) =>
        new(UidTest(uid), JsonPatchOperation.Test("/status", null), JsonPatchOperation.Add("/status", status));

    internal static JsonPatchOperation UidTest(string uid) => JsonPatchOperation.Test("/metadata/uid", uid);
}
