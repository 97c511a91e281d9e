using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Aws;

namespace InfraOperator.Grains.Planning;

/// <summary>Where a repository differs from what is wanted of it, and the writes that end it.</summary>
internal sealed class Differences
{
    private const int MaxValueLength = 256;

    private readonly ImmutableArray<EcrAction>.Builder _actions = ImmutableArray.CreateBuilder<EcrAction>();
    private readonly ImmutableArray<DriftItem>.Builder _items = ImmutableArray.CreateBuilder<DriftItem>();
    private readonly ImmutableArray<Finding>.Builder _findings = ImmutableArray.CreateBuilder<Finding>();

    private readonly ImmutableArray<DriftItem>.Builder _uncorrectable = ImmutableArray.CreateBuilder<DriftItem>();

    private Differences()
    {
    }

    public ImmutableArray<EcrAction> Actions => _actions.ToImmutable();

    public ImmutableArray<DriftItem> Items => _items.ToImmutable();

    public ImmutableArray<DriftItem> Uncorrectable => _uncorrectable.ToImmutable();

    public ImmutableArray<Finding> Findings => _findings.ToImmutable();

    public static Differences Between(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        var differences = new Differences();
        differences.CompareMutability(desired, repository, owned);
        differences.CompareScanning(desired, repository, owned);
        differences.CompareEncryption(desired, repository);
        differences.CompareLifecyclePolicy(desired, repository, owned);
        differences.CompareRepositoryPolicy(desired, repository, owned);
        differences.CompareTags(desired, repository, owned);
        return differences;
    }

    private void CompareMutability(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        var mode = desired.ImageTagMutability ?? (owned.Fields.Contains(Owned.MutabilityField) ? "MUTABLE" : null);
        ImmutableArray<string> filters = desired.ImageTagMutability is null ? [] : desired.ExclusionFilters;
        if (mode is null || (mode == repository.ImageTagMutability && filters.ToHashSet().SetEquals(repository.ExclusionFilters)))
        {
            return;
        }

        Add(
            new PutImageTagMutability { RepositoryName = desired.RepositoryName, ImageTagMutability = mode, ExclusionFilters = filters },
            mode == repository.ImageTagMutability ? "imageTagMutabilityExclusionFilters" : "imageTagMutability",
            mode == repository.ImageTagMutability ? string.Join(",", filters) : mode,
            mode == repository.ImageTagMutability ? string.Join(",", repository.ExclusionFilters) : repository.ImageTagMutability);
    }

    private void CompareScanning(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        var wanted = desired.ScanOnPush ?? (owned.Fields.Contains(Owned.ScanField) ? false : repository.ScanOnPush);
        if (wanted != repository.ScanOnPush)
        {
            Add(
                new PutImageScanningConfiguration { RepositoryName = desired.RepositoryName, ScanOnPush = wanted },
                "scanOnPush",
                wanted ? "true" : "false",
                repository.ScanOnPush ? "true" : "false");
        }
    }

    // AWS cannot change the encryption of a repository, so a difference is told and never acted on. An alias says nothing
    // about the key behind it and is never a difference.
    private void CompareEncryption(DesiredRepository desired, ObservedRepository repository)
    {
        if (desired.Encryption is not { } wanted)
        {
            return;
        }

        if (wanted.EncryptionType != repository.EncryptionType)
        {
            Refuse("encryptionConfiguration.encryptionType", wanted.EncryptionType, repository.EncryptionType);
        }
        else if (wanted.KmsKey is { Length: > 0 } key && repository.KmsKey is { } actual && !key.Contains("alias/", StringComparison.Ordinal)
            && key != actual && !actual.EndsWith($"key/{key}", StringComparison.Ordinal))
        {
            Refuse("encryptionConfiguration.kmsKey", key, actual);
        }

        void Refuse(string field, string expected, string actual)
        {
            _uncorrectable.Add(Item(field, expected, actual));
            _findings.Add(new(Reasons.ImmutableFieldChanged, $"spec.{field}: the repository has '{actual}' and the spec says '{expected}'; AWS cannot change it. Write '{actual}', or name a new repository"));
        }
    }

    private void CompareLifecyclePolicy(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        var difference = PolicyDifference.Between(
            desired.LifecyclePolicyText, repository.LifecyclePolicy, owned.LifecyclePolicy, LifecyclePolicy.ParseWanted, LifecyclePolicy.Parse, Reasons.InvalidLifecyclePolicy, "spec.lifecyclePolicy.policyText", _findings);
        AddPolicy(
            difference,
            "lifecyclePolicy.policyText",
            new DeleteLifecyclePolicy { RepositoryName = desired.RepositoryName },
            put => new PutLifecyclePolicy { RepositoryName = desired.RepositoryName, PolicyText = put.Wanted!, ReadBack = put.ReadBack });
    }

    private void CompareRepositoryPolicy(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        var difference = PolicyDifference.Between(
            desired.RepositoryPolicyText, repository.RepositoryPolicy, owned.RepositoryPolicy, RepositoryPolicy.Parse, RepositoryPolicy.Parse, Reasons.InvalidRepositoryPolicy, "spec.repositoryPolicyText", _findings);
        AddPolicy(
            difference,
            "repositoryPolicyText",
            new DeleteRepositoryPolicy { RepositoryName = desired.RepositoryName },
            put => new SetRepositoryPolicy { RepositoryName = desired.RepositoryName, PolicyText = put.Wanted!, ReadBack = put.ReadBack });
    }

    private void CompareTags(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        if (repository.Tags is not { } actual)
        {
            _findings.Add(new(Reasons.AccessDenied, $"spec.tags: the tags of repository '{desired.RepositoryName}' could not be read, so they were neither compared nor changed; allow ecr:ListTagsForResource"));
            return;
        }

        var missing = desired.Tags.Where(tag => !actual.TryGetValue(tag.Key, out var value) || value != tag.Value).ToImmutableSortedDictionary();
        ImmutableArray<string> extra = [.. owned.TagKeys.Where(key => !desired.Tags.ContainsKey(key) && actual.ContainsKey(key))];
        if (!extra.IsEmpty)
        {
            _actions.Add(new UntagResource { RepositoryName = desired.RepositoryName, RepositoryArn = repository.Arn, TagKeys = extra });
            _items.AddRange(extra.Select(key => Item(TagField(key), null, actual[key])));
        }

        if (missing.IsEmpty)
        {
            return;
        }

        var items = missing.Select(tag => Item(TagField(tag.Key), tag.Value, actual.GetValueOrDefault(tag.Key)));
        var count = Tagging.Count(actual.Keys.Except(extra).Union(desired.Tags.Keys).Concat(desired.Rules.UsesOwnerTag ? [ApiNames.OwnerTag] : []));
        if (count > Planner.MaxTags)
        {
            _findings.Add(Planner.TooManyTags(count));
            _uncorrectable.AddRange(items);
            return;
        }

        _actions.Add(new TagResource { RepositoryName = desired.RepositoryName, RepositoryArn = repository.Arn, Tags = missing });
        _items.AddRange(items);
    }

    private void AddPolicy(PolicyDifference? difference, string field, EcrAction remove, Func<PolicyDifference, EcrAction> put)
    {
        if (difference is not null)
        {
            _actions.Add(difference.Wanted is null ? remove : put(difference));
            _items.Add(Item(field, difference.WantedFingerprint, difference.ActualFingerprint));
        }
    }

    private void Add(EcrAction action, string field, string? expected, string? actual)
    {
        _actions.Add(action);
        _items.Add(Item(field, expected, actual));
    }

    public static string TagField(string key) => $"tags[{key}]";

    public static DriftItem Item(string field, string? expected, string? actual) =>
        new() { Field = field.Cut(MaxValueLength), Expected = expected?.Cut(MaxValueLength), Actual = actual?.Cut(MaxValueLength) };
}
