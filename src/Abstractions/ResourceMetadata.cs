using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InfraOperator.Abstractions;

/// <summary>What the control plane reads of an object's metadata. Managed fields are left out on purpose: they are large and nothing needs them.</summary>
[GenerateSerializer, Immutable, Alias("infra.v1.ResourceMetadata")]
public sealed record ResourceMetadata
{
    /// <summary>The object's name.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>The object's namespace.</summary>
    [Id(1)] public string Namespace { get; init; } = "";

    /// <summary>Tells this object from an earlier one of the same name.</summary>
    [Id(2)] public string Uid { get; init; } = "";

    /// <summary>The version of the object that this is.</summary>
    [Id(3)] public string ResourceVersion { get; init; } = "";

    /// <summary>Counts the changes of the spec.</summary>
    [Id(4)] public long Generation { get; init; }

    /// <summary>When the object was created, by the API server's clock.</summary>
    [Id(5)] public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When deletion was asked for; null while it was not.</summary>
    [Id(6)] public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Everybody's finalizers, ours among them.</summary>
    [Id(7)] public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>The object's annotations, as far as the control plane knows them.</summary>
    [Id(8)] public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether deletion was asked for.</summary>
    [JsonIgnore]
    public bool IsDeleting => DeletionTimestamp is not null;

    /// <summary>Whether the object bears our finalizer, in today's spelling or the Go operator's.</summary>
    [JsonIgnore]
    public bool HasFinalizer => Finalizers.Contains(ApiNames.Finalizer) || Finalizers.Contains(ApiNames.LegacyFinalizer);

    /// <summary>Whether the object is to be left alone.</summary>
    [JsonIgnore]
    public bool IsPaused => Annotations.GetValueOrDefault(ApiNames.PausedAnnotation) == "true";

    /// <summary>The force-sync requests that the object bears, as echoed in its status: <c>bare|prefixed</c>; null where it bears none.</summary>
    [JsonIgnore]
    public string? ForceSync
    {
        get
        {
            var bare = Annotations.GetValueOrDefault(ApiNames.ForceSyncAnnotation);
            var prefixed = Annotations.GetValueOrDefault(ApiNames.PrefixedForceSyncAnnotation);
            return bare is null && prefixed is null ? null : $"{bare}|{prefixed}";
        }
    }

    /// <summary>The value that asks for a preview of the lifecycle policy; null where none does.</summary>
    [JsonIgnore]
    public string? PreviewToken => Annotations.GetValueOrDefault(ApiNames.LifecyclePreviewAnnotation) is { Length: > 0 } token ? token : null;

    /// <summary>Whether a force-sync annotation has a value that was not yet handled. An annotation that was removed is no request.</summary>
    /// <param name="handled">What the status says was handled last.</param>
    public bool AsksForSync(string? handled)
    {
        // A value may hold the separator, so the whole is looked at before its parts.
        var parts = (handled ?? "|").Split('|', 2);
        return handled != ForceSync && (Asks(ApiNames.ForceSyncAnnotation, parts[0]) || Asks(ApiNames.PrefixedForceSyncAnnotation, parts.ElementAtOrDefault(1) ?? ""));

        bool Asks(string annotation, string last) => Annotations.TryGetValue(annotation, out var value) && value.Length > 0 && value != last;
    }

    /// <summary>Whether this is a later version of the same object than the other. Resource versions of one object can be ordered as numbers.</summary>
    /// <param name="other">The version to compare with.</param>
    public bool IsNewerThan(ResourceMetadata other) =>
        !ulong.TryParse(ResourceVersion, out var mine) || !ulong.TryParse(other.ResourceVersion, out var theirs)
            ? ResourceVersion != other.ResourceVersion
            : mine > theirs;
}
