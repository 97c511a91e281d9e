using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>What we know to be ours in AWS. It is kept in the object's status, so that it outlives every process.</summary>
public sealed record Owned
{
    /// <summary>The name of the mutability among <see cref="Fields"/>.</summary>
    public const string MutabilityField = "imageTagMutability";

    /// <summary>The name of scanning among <see cref="Fields"/>.</summary>
    public const string ScanField = "scanOnPush";

    /// <summary>Nothing is ours.</summary>
    public static Owned Nothing { get; } = new();

    /// <summary>The repository that we hold, or held when last seen.</summary>
    public string? Arn { get; init; }

    /// <summary>When that repository was created, in whole seconds.</summary>
    public DateTimeOffset? CreationDate { get; init; }

    /// <summary>How we came by it; one of <see cref="Origins"/>.</summary>
    public string? Origin { get; init; }

    /// <summary>Settings that we set.</summary>
    public ImmutableSortedSet<string> Fields { get; init; } = [];

    /// <summary>Tag keys that we set.</summary>
    public ImmutableSortedSet<string> TagKeys { get; init; } = [];

    /// <summary>The lifecycle policy that we set.</summary>
    public PolicyRecord? LifecyclePolicy { get; init; }

    /// <summary>The repository policy that we set.</summary>
    public PolicyRecord? RepositoryPolicy { get; init; }

    /// <summary>The last generation of the spec that held in AWS as a whole.</summary>
    public long? AppliedGeneration { get; init; }

    /// <summary>Reads the record from a status.</summary>
    /// <param name="status">The status; null where the object has none.</param>
    public static Owned From(ECRRepositoryStatus? status) => status is null ? Nothing : new()
    {
        Arn = status.RepositoryArn,
        CreationDate = status.CreationDate,
        Origin = status.Origin,
        Fields = [.. status.Owned?.Fields ?? []],
        TagKeys = [.. status.Owned?.TagKeys ?? []],
        LifecyclePolicy = status.Owned?.LifecyclePolicy,
        RepositoryPolicy = status.Owned?.RepositoryPolicy,
        AppliedGeneration = status.AppliedGeneration,
    };

    /// <summary>The record as the status keeps it; null where nothing is ours.</summary>
    public OwnedRecord? ToRecord() => Fields.IsEmpty && TagKeys.IsEmpty && LifecyclePolicy is null && RepositoryPolicy is null ? null : new()
    {
        Fields = Fields.IsEmpty ? null : [.. Fields],
        TagKeys = TagKeys.IsEmpty ? null : [.. TagKeys],
        LifecyclePolicy = LifecyclePolicy,
        RepositoryPolicy = RepositoryPolicy,
    };

    /// <summary>Whether a repository is the one that this record speaks of. A name that was deleted and made again is another.</summary>
    /// <param name="repository">The repository.</param>
    public bool Means(ObservedRepository repository) => Arn == repository.Arn && CreationDate == WholeSeconds(repository.CreationDate);

    /// <summary>The record with a repository in it that we hold from now on.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="origin">How we came by it.</param>
    public Owned Holding(ObservedRepository repository, string origin) =>
        (Means(repository) ? SeenIn(repository) : Nothing with { AppliedGeneration = AppliedGeneration }) with
        {
            Arn = repository.Arn,
            CreationDate = WholeSeconds(repository.CreationDate),
            Origin = origin,
        };

    /// <summary>The record after a write that AWS confirmed.</summary>
    /// <param name="action">The write.</param>
    /// <param name="outcome">What AWS answered.</param>
    public Owned After(EcrAction action, ActionOutcome outcome) => action switch
    {
        CreateRepository create => Nothing.Holding(outcome.Repository!, Origins.Created) with
        {
            Fields = [.. new[] { create.ImageTagMutability is null ? null : MutabilityField, create.ScanOnPush is null ? null : ScanField }.OfType<string>()],
            TagKeys = [.. create.Tags.Keys.Where(key => key != ApiNames.OwnerTag)],
        },
        PutImageTagMutability => this with { Fields = Fields.Add(MutabilityField) },
        PutImageScanningConfiguration => this with { Fields = Fields.Add(ScanField) },
        PutLifecyclePolicy put => this with { LifecyclePolicy = Record(put.PolicyText, outcome.PolicyText, put.Displaces, text => Aws.LifecyclePolicy.Parse(text).Fingerprint) },
        DeleteLifecyclePolicy => this with { LifecyclePolicy = null },
        SetRepositoryPolicy set => this with { RepositoryPolicy = Record(set.PolicyText, outcome.PolicyText, set.Displaces, text => Aws.RepositoryPolicy.Parse(text).Fingerprint) },
        DeleteRepositoryPolicy => this with { RepositoryPolicy = null },
        TagResource tag => this with { TagKeys = TagKeys.Union(tag.Tags.Keys.Where(key => key != ApiNames.OwnerTag)) },
        UntagResource untag => this with { TagKeys = TagKeys.Except(untag.TagKeys) },
        _ => this,
    };

    /// <summary>
    /// The record once everything wanted holds. On a repository that we made, all of it is ours, so that a write whose record
    /// was lost in a crash is not taken for somebody else's.
    /// </summary>
    /// <param name="desired">What is wanted.</param>
    /// <param name="repository">What AWS holds.</param>
    public Owned Confirmed(DesiredRepository desired, ObservedRepository repository) => Origin != Origins.Created ? this : this with
    {
        Fields = Fields.Union(new[] { desired.ImageTagMutability is null ? null : MutabilityField, desired.ScanOnPush is null ? null : ScanField }.OfType<string>()),
        TagKeys = TagKeys.Union(desired.Tags.Keys.Where(key => repository.Tags?.ContainsKey(key) == true)),
        LifecyclePolicy = LifecyclePolicy ?? (desired.LifecyclePolicyText is { } lifecycle && repository.LifecyclePolicy.Text is { } heldLifecycle
            ? Record(lifecycle, heldLifecycle, null, text => Aws.LifecyclePolicy.Parse(text).Fingerprint) : null),
        RepositoryPolicy = RepositoryPolicy ?? (desired.RepositoryPolicyText is { } policy && repository.RepositoryPolicy.Text is { } heldPolicy
            ? Record(policy, heldPolicy, null, text => Aws.RepositoryPolicy.Parse(text).Fingerprint) : null),
    };

    /// <summary>The record without what the spec no longer names and AWS no longer has.</summary>
    /// <param name="desired">What is wanted.</param>
    /// <param name="repository">What AWS holds. Keys of tags that could not be read are kept: they may still have to be removed.</param>
    public Owned Trimmed(DesiredRepository desired, ObservedRepository repository) => this with
    {
        Fields = [.. Fields.Where(field => field switch
        {
            MutabilityField => desired.ImageTagMutability is not null,
            ScanField => desired.ScanOnPush is not null,
            _ => true,
        })],
        TagKeys = repository.Tags is null ? TagKeys : [.. TagKeys.Where(desired.Tags.ContainsKey)],
        LifecyclePolicy = desired.LifecyclePolicyText is null ? null : LifecyclePolicy,
        RepositoryPolicy = desired.RepositoryPolicyText is null ? null : RepositoryPolicy,
    };

    private Owned SeenIn(ObservedRepository repository) => this with
    {
        // A key that others took off the repository is no longer ours to remove, should they put it on again.
        TagKeys = repository.Tags is { } tags ? [.. TagKeys.Where(tags.ContainsKey)] : TagKeys,
        LifecyclePolicy = Seen(LifecyclePolicy, repository.LifecyclePolicy.Text, text => Aws.LifecyclePolicy.Parse(text).Fingerprint),
        RepositoryPolicy = Seen(RepositoryPolicy, repository.RepositoryPolicy.Text, text => Aws.RepositoryPolicy.Parse(text).Fingerprint),
    };

    private static PolicyRecord? Record(string wanted, string? answered, string? displaced, Func<string, string?> fingerprint)
    {
        if (fingerprint(wanted) is not { } mine)
        {
            return null;
        }

        // Most answers repeat what was sent, whatever AWS makes of it. What stood there although the same had been put before is
        // then the best guess: wrong, it is somebody's edit, and the next look at what was wanted ends it.
        var made = (answered is null ? null : fingerprint(answered)) ?? mine;
        return new() { Wanted = mine, Observed = made == mine ? displaced ?? mine : made };
    }

    // Once AWS shows what was wanted, any other text in its place is somebody's edit.
    private static PolicyRecord? Seen(PolicyRecord? record, string? held, Func<string, string?> fingerprint) =>
        record is not null && held is not null && fingerprint(held) == record.Wanted ? record with { Observed = record.Wanted } : record;

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
