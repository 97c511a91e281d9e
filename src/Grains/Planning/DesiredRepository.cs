using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Aws;

namespace InfraOperator.Grains.Planning;

/// <summary>What happens to the repository when its object is deleted.</summary>
public enum DeletionPolicy
{
    /// <summary>It is deleted.</summary>
    Delete,

    /// <summary>It stays, and its owner tag says that it was let go.</summary>
    Retain,

    /// <summary>It stays, and AWS is not called.</summary>
    Orphan,
}

/// <summary>Whether a repository may be made, or one that exists taken.</summary>
public enum AdoptionPolicy
{
    /// <summary>Both.</summary>
    AdoptOrCreate,

    /// <summary>It must exist.</summary>
    Adopt,

    /// <summary>It must not exist, unless it bears our owner tag.</summary>
    Create,
}

/// <summary>What is wanted of one repository: the object's spec merged with its provider's default tags.</summary>
public sealed record DesiredRepository
{
    /// <summary>The object's key.</summary>
    public required ResourceKey Key { get; init; }

    /// <summary>How ownership is marked.</summary>
    public OwnershipRules Rules { get; init; } = OwnershipRules.Default;

    /// <summary>The repository's name.</summary>
    public required string RepositoryName { get; init; }

    /// <summary>The owner tag's value for this object.</summary>
    public required string OwnerTag { get; init; }

    /// <summary>The generation of the spec.</summary>
    public required long Generation { get; init; }

    /// <summary>When the object was created.</summary>
    public required DateTimeOffset ObjectCreated { get; init; }

    /// <summary>Whether the object is being deleted.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>The mutability; null: not ours to say.</summary>
    public string? ImageTagMutability { get; init; }

    /// <summary>The exclusions from the mutability, sorted.</summary>
    public ImmutableArray<string> ExclusionFilters { get; init; } = [];

    /// <summary>Whether images are scanned when pushed; null: not ours to say.</summary>
    public bool? ScanOnPush { get; init; }

    /// <summary>The encryption; null: not ours to say.</summary>
    public EncryptionConfiguration? Encryption { get; init; }

    /// <summary>The lifecycle policy in AWS's spelling; null: not ours to say.</summary>
    public string? LifecyclePolicyText { get; init; }

    /// <summary>The repository policy; null: not ours to say.</summary>
    public string? RepositoryPolicyText { get; init; }

    /// <summary>The tags, the owner tag not among them.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What happens to the repository when the object is deleted; null: the spec's value cannot be read, so nothing may.</summary>
    public DeletionPolicy? DeletionPolicy { get; init; } = Planning.DeletionPolicy.Delete;

    /// <summary>Whether images are deleted with the repository; null: by its origin.</summary>
    public bool? ForceDelete { get; init; }

    /// <summary>Whether a repository may be made or taken.</summary>
    public AdoptionPolicy AdoptionPolicy { get; init; }

    /// <summary>Whether AWS is only read.</summary>
    public bool ObserveOnly { get; init; }

    /// <summary>Whether drift is reported, not corrected.</summary>
    public bool ReportDrift { get; init; }

    /// <summary>Values of the spec that mean nothing to this version, each as a sentence with its mend.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    /// <summary>What is sent to AWS in another spelling than the spec's, each as a sentence.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Whether an object only looks at its repository. A word that this version does not know is read so too.</summary>
    /// <param name="spec">The object's spec.</param>
    public static bool OnlyObserves(ECRRepositorySpec spec) => spec.ManagementPolicy is not (null or "Manage");

    /// <summary>Merges an object's spec with its provider's default tags.</summary>
    /// <param name="repository">The object.</param>
    /// <param name="key">The object's key, which names it in the owner tag.</param>
    /// <param name="defaultTags">The provider's default tags; the object's own win.</param>
    /// <param name="rules">How ownership is marked; null: by the owner tag.</param>
    public static DesiredRepository From(ECRRepository repository, ResourceKey key, ImmutableSortedDictionary<string, string> defaultTags, OwnershipRules? rules = null)
    {
        var spec = repository.Spec;
        var problems = ImmutableArray.CreateBuilder<string>();
        var tags = defaultTags.SetItems(spec.Tags ?? ImmutableSortedDictionary<string, string>.Empty);
        if (tags.Keys.FirstOrDefault(name => name.StartsWith(ApiNames.AwsTagPrefix, StringComparison.OrdinalIgnoreCase) || name == ApiNames.OwnerTag) is { } reserved)
        {
            problems.Add($"spec.tags: the key '{reserved}' is reserved; take it out of the repository's tags or the provider's defaultTags");
            tags = tags.RemoveRange(tags.Keys.Where(name => name.StartsWith(ApiNames.AwsTagPrefix, StringComparison.OrdinalIgnoreCase) || name == ApiNames.OwnerTag));
        }

        if (spec.RepositoryName.Length == 0)
        {
            problems.Add("spec.repositoryName: is missing; name the repository");
        }

        if (spec.ImageTagMutability is null && spec.ImageTagMutabilityExclusionFilters is { IsDefaultOrEmpty: false })
        {
            problems.Add("spec.imageTagMutabilityExclusionFilters: mean nothing without imageTagMutability; set it to MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION, or remove the filters");
        }

        var lifecycle = spec.LifecyclePolicy?.PolicyText is { } text ? LifecyclePolicy.Spell(text) : null;
        return new()
        {
            Key = key,
            Rules = rules ?? OwnershipRules.Default,
            RepositoryName = spec.RepositoryName,
            OwnerTag = Planning.OwnerTag.For(key),
            Generation = repository.Metadata.Generation,
            ObjectCreated = repository.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue,
            IsDeleting = repository.Metadata.IsDeleting,
            ImageTagMutability = spec.ImageTagMutability,
            ExclusionFilters = spec.ImageTagMutability is null ? [] : [.. (spec.ImageTagMutabilityExclusionFilters ?? []).Select(filter => filter.Filter).Distinct().Order(StringComparer.Ordinal)],
            ScanOnPush = spec.ScanOnPush,
            Encryption = spec.EncryptionConfiguration,
            LifecyclePolicyText = lifecycle?.Text,
            RepositoryPolicyText = spec.RepositoryPolicyText,
            Tags = tags,
            DeletionPolicy = OneOf<DeletionPolicy>("deletionPolicy", spec.DeletionPolicy),
            ForceDelete = spec.ForceDelete,
            AdoptionPolicy = OneOf<AdoptionPolicy>("adoptionPolicy", spec.AdoptionPolicy) ?? AdoptionPolicy.Adopt,
            ObserveOnly = Is("managementPolicy", spec.ManagementPolicy, "Manage", "Observe"),
            ReportDrift = Is("driftPolicy", spec.DriftPolicy, "Correct", "Report"),
            Problems = problems.ToImmutable(),
            Notes = [.. lifecycle?.Notes ?? []],
        };

        // A word that this version does not know may be a later version's way of asking for caution: the cautious reading is taken.
        T? OneOf<T>(string field, string? value)
            where T : struct, Enum
        {
            if (value is null)
            {
                return default(T);
            }

            if (Array.IndexOf(Enum.GetNames<T>(), value) is >= 0 and var index)
            {
                return Enum.GetValues<T>()[index];
            }

            problems.Add($"spec.{field}: '{value}' is unknown; write one of {string.Join(", ", Enum.GetNames<T>())}");
            return null;
        }

        bool Is(string field, string? value, string no, string yes)
        {
            if (value is not null && value != no && value != yes)
            {
                problems.Add($"spec.{field}: '{value}' is unknown; write one of {no}, {yes}");
                return true;
            }

            return value == yes;
        }
    }
}
