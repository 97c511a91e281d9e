using System.Text;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>A page of a list.</summary>
internal sealed record Page(IReadOnlyList<JsonObject> Items, long Version, string Continue, int? Remaining);

/// <summary>Objects by the rules of the API: what create, update, patch, delete and list mean for any kind.</summary>
internal sealed class ResourceRegistry(ObjectStore store, TimeProvider time)
{
    private readonly Dictionary<(string Group, string Version, string Plural), ResourceType> _types =
        ResourceType.BuiltIn().ToDictionary(type => (type.Group, type.Version, type.Plural));

    public IReadOnlyList<ResourceType> Types
    {
        get
        {
            lock (store.Gate)
            {
                return [.. _types.Values];
            }
        }
    }

    public ResourceType? Type(string group, string version, string plural)
    {
        lock (store.Gate)
        {
            return _types.GetValueOrDefault((group, version, plural));
        }
    }

    public JsonObject Get(ResourceType type, string? ns, string name)
    {
        lock (store.Gate)
        {
            return type.Present(Find(type, ns, name).Value);
        }
    }

    /// <summary>Lists objects as they are, as they were at a version, or on from where a page ended.</summary>
    public Page List(ResourceType type, string? ns, Selector? selector = null, int limit = 0, string? token = null, long? at = null)
    {
        lock (store.Gate)
        {
            var (version, after) = string.IsNullOrEmpty(token) ? (at ?? store.Version, "") : ReadContinue(token);
            var matching = store.ListAt(version, type.Storage, ns is null ? "" : ns + "/")
                .Where(pair => string.CompareOrdinal(pair.Key, after) > 0)
                .Select(pair => (pair.Key, Value: type.Present(pair.Value)))
                .Where(item => selector?.Matches(item.Value) ?? true).ToList();
            var items = limit > 0 ? matching[..Math.Min(limit, matching.Count)] : matching;
            var rest = matching.Count - items.Count;
            var next = rest == 0 ? "" : Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version}:{items[^1].Key}"));
            return new([.. items.Select(item => item.Value)], version, next, rest == 0 ? null : rest);
        }
    }

    /// <summary>The version that a list asks for exactly; null where any will do that is new enough.</summary>
    public long? ExactVersion(string? text, string? match)
    {
        if (string.IsNullOrEmpty(text))
        {
            if (!string.IsNullOrEmpty(match))
            {
                throw ApiException.Invalid("ListOptions", "meta.k8s.io", "", [FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided")]);
            }

            return null;
        }

        if (!long.TryParse(text, out var version))
        {
            throw ApiException.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
        }

        lock (store.Gate)
        {
            if (version > store.Version)
            {
                throw new ApiException(504, "Timeout", $"Timeout: Too large resource version: {version}, current: {store.Version}");
            }

            if (match != "Exact")
            {
                return null;
            }

            return version >= store.Forgotten ? version : throw ApiException.Expired("The resourceVersion for the provided list is too old.");
        }
    }

    private (long Version, string After) ReadContinue(string token)
    {
        var buffer = new byte[token.Length];
        if (!Convert.TryFromBase64String(token, buffer, out var length)
            || Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is not [var digits, var after] || !long.TryParse(digits, out var version))
        {
            throw ApiException.BadRequest("invalid continue token: continue key is not valid");
        }

        return version >= store.Forgotten ? (version, after)
            : throw ApiException.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");
    }

    public JsonObject Create(ResourceType type, string? ns, JsonNode? given, IReadOnlyList<string> duplicates, WriteOptions options)
    {
        var body = ObjectBody.Envelope(type, given);
        ObjectBody.Decode(type, body, duplicates, options, patched: false);
        if (ns is not null && ObjectMeta.Text(body, "namespace") is { Length: > 0 } other && other != ns)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        lock (store.Gate)
        {
            RequireNamespace(type, ns, ObjectMeta.Text(body, "name"));
            if (ObjectMeta.Text(body, "resourceVersion").Length > 0)
            {
                throw new ApiException(500, null, "resourceVersion should not be set on objects to be created");
            }

            ObjectMeta.Create(body, type, ns, time.GetUtcNow());
            if (type.HasStatus && type.Group != "apiextensions.k8s.io" && type.Kind != "Namespace")
            {
                body.Remove("status");
            }

            body = type.Store(body);
            ObjectBody.Validate(type, body, null, []);
            var name = ObjectMeta.Text(body, "name");
            if (store.Find(type.Storage, Key(ns, name)) is not null)
            {
                throw ApiException.AlreadyExists(type, name);
            }

            // Defaults come in on reading, so the status is the schema's although no one wrote it.
            var unsettled = type.Schema?.Default(body) ?? false;
            if (!options.DryRun)
            {
                store.Put(type.Storage, Key(ns, name), body, unsettled);
                Defined(type);
            }

            return type.Present(body);
        }
    }

    public JsonObject Replace(ResourceType type, string? ns, string name, bool status, JsonNode? given, IReadOnlyList<string> duplicates, WriteOptions options)
    {
        var body = ObjectBody.Envelope(type, given);
        ObjectBody.Decode(type, body, duplicates, options, patched: false);
        ObjectBody.RequireSame(body, ns, name);
        lock (store.Gate)
        {
            var old = Find(type, ns, name);
            if (ObjectMeta.Text(body, "uid") is { Length: > 0 } uid && uid != ObjectMeta.Text(old.Value, "uid"))
            {
                throw ApiException.Conflict(type, type.Plural, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {ObjectMeta.Text(old.Value, "uid")}");
            }

            if (type.Custom && ObjectMeta.Text(body, "resourceVersion").Length == 0)
            {
                throw ApiException.Invalid(type.Plural, type.Group, name, [FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
            }

            return Update(type, ns, name, status, old, body, options);
        }
    }

    public JsonObject Patch(ResourceType type, string? ns, string name, bool status, string contentType, JsonNode? patch, WriteOptions options)
    {
        lock (store.Gate)
        {
            var old = Find(type, ns, name);
            var body = Patches.Apply(contentType, patch, type.Present(old.Value));
            if (body["kind"] is null)
            {
                throw ApiException.InvalidPatch(body, $"Object 'Kind' is missing in '{body.ToJsonString(FieldError.Plain)}'");
            }

            if ((string?)body["apiVersion"] != type.ApiVersion)
            {
                throw ApiException.Invalid(type.Kind, "", name, [FieldError.Invalid("apiVersion", body["apiVersion"], $"must be {type.ApiVersion}")]);
            }

            ObjectBody.RequireKind(type, body);
            ObjectBody.Decode(type, body, [], options, patched: true);
            return Update(type, ns, name, status, old, body, options);
        }
    }

    private JsonObject Update(ResourceType type, string? ns, string name, bool status, StoredObject stored, JsonObject body, WriteOptions options)
    {
        ObjectBody.RequireSame(body, ns, name);
        var old = stored.Value;
        if (ObjectMeta.Text(body, "resourceVersion") is { Length: > 0 } version && version != ObjectMeta.Text(old, "resourceVersion"))
        {
            throw ApiException.Modified(type, name);
        }

        body = type.Store(body);
        if (status)
        {
            // The status subresource takes the status and nothing else, not even labels.
            var from = body;
            body = old.DeepClone().AsObject();
            ObjectBody.Take(body, from, "status");
        }
        else if (type.HasStatus && type.Group != "apiextensions.k8s.io")
        {
            ObjectBody.Take(body, old, "status");
        }

        var metadata = ObjectMeta.Of(body);
        metadata["resourceVersion"] = ObjectMeta.Text(old, "resourceVersion");
        ObjectBody.Take(metadata, ObjectMeta.Of(old), "generation");
        ObjectBody.Validate(type, body, old, [.. ObjectMeta.ValidateUpdate(body, old)]);
        if (type.HasGeneration && !JsonNode.DeepEquals(Content(body), Content(old)))
        {
            metadata["generation"] = ((long?)metadata["generation"] ?? 0) + 1;
        }

        var key = Key(ns, name);
        if (options.DryRun)
        {
            return type.Present(body);
        }

        if (ObjectMeta.IsDeleting(old) && ObjectMeta.Finalizers(body).Count == 0 && type.Kind != "Namespace")
        {
            Remove(type, ns, key);
        }
        else if (stored.Unsettled || !JsonNode.DeepEquals(body, old))
        {
            store.Put(type.Storage, key, body);
            Defined(type);
        }

        return type.Present(body);

        static JsonObject Content(JsonObject body) => new(body.Where(pair => pair.Key is not ("metadata" or "status")).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
    }

    /// <summary>Deletes, or marks as deleted what finalizers hold.</summary>
    /// <returns>The object that waits, or a Status where it is gone.</returns>
    public JsonObject Delete(ResourceType type, string? ns, string name, JsonObject? preconditions = null, bool dryRun = false)
    {
        lock (store.Gate)
        {
            var old = Find(type, ns, name).Value;
            foreach (var (field, called, why) in new[]
            {
                ("uid", "UID", "The object might have been deleted and then recreated"), ("resourceVersion", "ResourceVersion", "The object might have been modified"),
            })
            {
                if ((string?)preconditions?[field] is { } wanted && wanted != ObjectMeta.Text(old, field))
                {
                    throw ApiException.Conflict(type, type.Kind, name, $"the {called} in the precondition ({wanted}) does not match the {called} in record ({ObjectMeta.Text(old, field)}). {why}");
                }
            }

            if (type.Kind == "Namespace" && name is "default" or "kube-system")
            {
                throw ApiException.Forbidden(type, name, "this namespace may not be deleted");
            }

            if (dryRun || ObjectMeta.IsDeleting(old))
            {
                return type.Present(old);
            }

            if (type.Kind != "Namespace" && ObjectMeta.Finalizers(old).Count == 0)
            {
                Remove(type, ns, Key(ns, name));
                return new JsonObject
                {
                    ["kind"] = "Status",
                    ["apiVersion"] = "v1",
                    ["metadata"] = new JsonObject(),
                    ["status"] = "Success",
                    ["details"] = new JsonObject { ["name"] = name, ["group"] = type.Group, ["kind"] = type.Plural, ["uid"] = ObjectMeta.Text(old, "uid") },
                };
            }

            var marked = old.DeepClone().AsObject();
            var metadata = ObjectMeta.Of(marked);
            metadata["deletionTimestamp"] = ObjectMeta.Time(time.GetUtcNow());
            if (type.Kind == "Namespace")
            {
                marked["status"] = new JsonObject { ["phase"] = "Terminating" };
            }
            else
            {
                metadata["deletionGracePeriodSeconds"] = 0L;
            }

            if (type.HasGeneration)
            {
                metadata["generation"] = ((long?)metadata["generation"] ?? 0) + 1;
            }

            store.Put(type.Storage, Key(ns, name), marked);
            if (type.Kind == "Namespace")
            {
                Empty(name);
            }

            return type.Present(marked);
        }
    }

    /// <summary>Deletes the content of a namespace; the namespace goes with the last object that a finalizer held.</summary>
    private void Empty(string ns)
    {
        foreach (var type in _types.Values.Where(type => type.Namespaced && type.Renames.Count == 0).DistinctBy(type => type.Storage).ToList())
        {
            foreach (var (key, _) in store.List(type.Storage, ns + "/"))
            {
                Delete(type, ns, key[(ns.Length + 1)..]);
            }
        }

        Finish(ns);
    }

    private void Finish(string? ns)
    {
        if (ns is not null && store.Find("namespaces", Key(null, ns)) is { } found && ObjectMeta.IsDeleting(found.Value) && store.IsEmpty(ns))
        {
            store.Remove("namespaces", Key(null, ns));
        }
    }

    private void Remove(ResourceType type, string? ns, string key)
    {
        store.Remove(type.Storage, key);
        Finish(ns);
        Defined(type);
    }

    /// <summary>After a CustomResourceDefinition changed: serves the kinds that are defined now, and no objects of the others.</summary>
    private void Defined(ResourceType changed)
    {
        if (changed.Kind != "CustomResourceDefinition")
        {
            return;
        }

        var custom = store.List(changed.Storage).SelectMany(pair => ResourceType.Define(pair.Value.Value)).ToList();
        foreach (var gone in _types.Values.Where(type => type.Custom).ToList())
        {
            _types.Remove((gone.Group, gone.Version, gone.Plural));
            foreach (var (key, _) in custom.Exists(type => type.Storage == gone.Storage) ? [] : store.List(gone.Storage))
            {
                store.Remove(gone.Storage, key);
                Finish(key.Split('/')[0]);
            }
        }

        foreach (var type in custom)
        {
            _types[(type.Group, type.Version, type.Plural)] = type;
            foreach (var (key, stored) in store.List(type.Storage))
            {
                var value = stored.Value.DeepClone().AsObject();
                if (type.Schema!.Prune(value).Count > 0 | type.Schema.Default(value))
                {
                    store.Reread(type.Storage, key, value);
                }
            }
        }
    }

    private StoredObject Find(ResourceType type, string? ns, string name) => store.Find(type.Storage, Key(ns, name)) ?? throw ApiException.NotFound(type, name);

    private static string Key(string? ns, string name) => $"{ns}/{name}";

    private void RequireNamespace(ResourceType type, string? ns, string name)
    {
        if (!type.Namespaced)
        {
            return;
        }

        var found = store.Find("namespaces", Key(null, ns!)) ?? throw ApiException.NotFound(_types[("", "v1", "namespaces")], ns);
        if (ObjectMeta.IsDeleting(found.Value))
        {
            throw ApiException.Forbidden(type, name, $"unable to create new content in namespace {ns} because it is being terminated",
                [new JsonObject { ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {ns} is being terminated", ["field"] = "metadata.namespace" }]);
        }
    }
}
