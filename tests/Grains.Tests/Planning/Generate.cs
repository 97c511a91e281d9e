using System.Collections.Immutable;
using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Generators that meet the corners: whose tag, which record, what AWS shows of it.</summary>
internal static class Generate
{
    private static readonly string[] TagKeys = ["env", "team", "cost", "app"];

    private static readonly Gen<ImmutableSortedDictionary<string, string>> FewTags =
        Gen.Select(Pick.One(TagKeys), Pick.One("1", "2", "")).Array[0, 4]
            .Select(pairs => pairs.Aggregate(ImmutableSortedDictionary<string, string>.Empty, (tags, pair) => tags.SetItem(pair.Item1, pair.Item2)));

    private static readonly Gen<ImmutableSortedDictionary<string, string>> ManyTags =
        Gen.Int[45, 50].Select(count => Enumerable.Range(0, count).ToImmutableSortedDictionary(number => $"k{number:00}", _ => "1"));

    private static readonly Gen<(string? Mode, string[] Filters)> Mutability = Gen.Frequency(
        (3, Pick.Always(((string?)null, Array.Empty<string>()))),
        (2, Pick.One("MUTABLE", "IMMUTABLE").Select(mode => ((string?)mode, Array.Empty<string>()))),
        (2, Gen.Select(Pick.One("MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"), Pick.One("latest*", "dev", "v*").Array[1, 3]).Select((mode, filters) => ((string?)mode, filters))));

    private static readonly Gen<EncryptionConfiguration?> Encryption = Pick.One<EncryptionConfiguration?>(
        null,
        new() { EncryptionType = "AES256" },
        new() { EncryptionType = "KMS" },
        new() { EncryptionType = "KMS_DSSE", KmsKey = "alias/ecr" },
        new() { EncryptionType = "KMS", KmsKey = "22222222-2222-2222-2222-222222222222" },
        new() { EncryptionType = "KMS", KmsKey = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111" });

    private static readonly Gen<PolicyReading> AwsLifecycle = Policy(SamplePolicies.Lifecycle);

    private static readonly Gen<PolicyReading> AwsPolicy = Policy(SamplePolicies.Repository);

    /// <summary>Specs of all kinds. Broken policies are among them where asked for: a pass over them ends with findings.</summary>
    public static Gen<ECRRepositorySpec> Spec(bool brokenPolicies) =>
        from mutability in Mutability
        from scan in Pick.One<bool?>(null, true, false)
        from encryption in Encryption
        from lifecycle in Wanted(SamplePolicies.Lifecycle, brokenPolicies)
        from policy in Wanted(SamplePolicies.Repository, brokenPolicies)
        from tags in Gen.Frequency((6, FewTags), (1, ManyTags))
        from deletion in Pick.One<string?>(null, "Delete", "Retain", "Orphan", "Later")
        from force in Pick.One<bool?>(null, true, false)
        from adoption in Pick.One<string?>(null, null, "AdoptOrCreate", "Adopt", "Create")
        from management in Gen.Frequency((8, Pick.Always<string?>(null)), (1, Pick.Always<string?>("Observe")), (1, Pick.Always<string?>("Manage")))
        from drift in Pick.One<string?>(null, "Correct", "Report")
        select new ECRRepositorySpec
        {
            ImageTagMutability = mutability.Mode,
            ImageTagMutabilityExclusionFilters = mutability.Filters.Length == 0 ? null : [.. mutability.Filters.Select(filter => new ExclusionFilter { Filter = filter })],
            ScanOnPush = scan,
            EncryptionConfiguration = encryption,
            LifecyclePolicy = lifecycle is null ? null : new() { PolicyText = lifecycle },
            RepositoryPolicyText = policy,
            Tags = tags.IsEmpty ? null : tags,
            DeletionPolicy = deletion,
            ForceDelete = force,
            AdoptionPolicy = adoption,
            ManagementPolicy = management,
            DriftPolicy = drift,
        };

    /// <summary>Owner tags: ours, others', released by us, by others, none.</summary>
    public static readonly Gen<string?> Owner = Gen.Frequency(
        (4, Pick.Always<string?>(Scenario.Ours)),
        (3, Pick.Always<string?>(null)),
        (1, Pick.Always<string?>("test/other/backend")),
        (1, Pick.Always<string?>(OwnerTag.Released(Scenario.Ours, Origins.Created))),
        (1, Pick.Always<string?>(OwnerTag.Released(Scenario.Ours, Origins.Adopted))),
        (1, Pick.Always<string?>(OwnerTag.Released("test/other/backend", Origins.Created))));

    public static readonly Gen<ObservedRepository> Repository =
        from created in Pick.One(Scenario.BeforeObject, Scenario.AfterObject, Scenario.AfterObject + TimeSpan.FromMilliseconds(300), Scenario.Now - TimeSpan.FromSeconds(30))
        from mutability in Mutability
        from scan in Gen.Bool
        from encryption in Encryption
        from lifecycle in AwsLifecycle
        from policy in AwsPolicy
        from tags in Gen.Frequency((6, FewTags), (1, ManyTags))
        from aws in Gen.Bool
        from owner in Owner
        select ModelEcr.Plain(Scenario.Name, created) with
        {
            ImageTagMutability = mutability.Mode ?? "MUTABLE",
            ExclusionFilters = [.. mutability.Filters.Distinct()],
            ScanOnPush = scan,
            EncryptionType = encryption?.EncryptionType ?? "AES256",
            KmsKey = encryption is null or { EncryptionType: "AES256" } ? null : SamplePolicies.KeyArn(encryption.KmsKey),
            LifecyclePolicy = lifecycle,
            RepositoryPolicy = policy,
            Tags = WithOwner(aws ? tags.SetItem("aws:cloudformation:stack", "x") : tags, owner),
        };

    /// <summary>Records: none, of this repository, of an earlier one of its name, or only how we are about to come by it.</summary>
    public static Gen<Owned> Record(ObservedRepository? repository, bool unforeseen) =>
        from kind in Gen.Int[0, 6]
        from origin in Pick.One(Origins.Created, Origins.Adopted)
        from mutability in Gen.Bool
        from scan in Gen.Bool
        from keys in Pick.One(TagKeys).Array[0, 3]
        from lifecycle in PolicyRecord(SamplePolicies.Lifecycle, unforeseen, text => Aws.LifecyclePolicy.Parse(text).Fingerprint!)
        from policy in PolicyRecord(SamplePolicies.Repository, unforeseen, text => Aws.RepositoryPolicy.Parse(text).Fingerprint!)
        from applied in Pick.One<long?>(null, 2, 3, 3)
        let plain = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject)
        let of = kind == 1 ? (repository ?? plain) with { CreationDate = Scenario.AfterObject + TimeSpan.FromDays(1) } : repository ?? plain
        select kind switch
        {
            0 => Owned.Nothing,
            2 => Owned.Nothing with { Origin = Origins.Adopted },
            _ => Owned.Nothing.Holding(of, origin) with
            {
                Fields = [.. new[] { mutability ? Owned.MutabilityField : null, scan ? Owned.ScanField : null }.OfType<string>()],
                TagKeys = [.. keys],
                LifecyclePolicy = lifecycle,
                RepositoryPolicy = policy,
                AppliedGeneration = applied,
            },
        };

    /// <summary>Everything at once.</summary>
    /// <param name="brokenPolicies">Whether the spec's policies may be broken.</param>
    /// <param name="unreadable">Whether AWS may deny reads.</param>
    /// <param name="unforeseen">Whether AWS may re-spell policies in ways that nobody foresaw, and the record may speak of such.</param>
    public static Gen<Scenario> Scenarios(bool brokenPolicies = false, bool unreadable = false, bool unforeseen = false) =>
        from spec in Spec(brokenPolicies)
        from repository in Gen.Frequency((1, Pick.Always<ObservedRepository?>(null)), (4, Repository.Select(repository => (ObservedRepository?)repository)))
        from owned in Record(repository, unforeseen)
        from defaults in FewTags
        from tags in Gen.Frequency((4, Pick.Always(true)), (1, Pick.Always(!unreadable)))
        from policies in Gen.Frequency((4, Pick.Always(true)), (1, Pick.Always(!unreadable)))
        from spelling in unforeseen ? Pick.One(Spelling.Verbatim, Spelling.Respelled, Spelling.Unforeseen) : Pick.One(Spelling.Verbatim, Spelling.Respelled)
        from echo in Gen.Bool
        from images in Gen.Bool
        select new Scenario
        {
            Repository = Scenario.Object(spec, owned),
            Aws = repository,
            DefaultTags = defaults,
            CanReadTags = tags,
            CanReadPolicies = policies,
            Spelling = spelling,
            AnswersEcho = echo,
            HasImages = images,
        };

    private static Gen<string?> Wanted(string[] policies, bool broken) => Gen.Frequency(
        (2, Pick.Always<string?>(null)),
        (3, Pick.One(policies).Select(text => (string?)text)),
        (1, broken ? Pick.One<string?>(SamplePolicies.NotJson, SamplePolicies.Refused) : Pick.Always<string?>(null)));

    private static Gen<PolicyReading> Policy(string[] policies) => Gen.Frequency(
        (1, Pick.Always(PolicyReading.None)),
        (2, Gen.Select(Pick.One(policies), Pick.One(Spelling.Verbatim, Spelling.Respelled)).Select((text, spelling) => new PolicyReading(true, SamplePolicies.Kept(text, spelling)))));

    private static Gen<PolicyRecord?> PolicyRecord(string[] policies, bool unforeseen, Func<string, string> fingerprint) => Gen.Frequency(
        (1, Pick.Always<PolicyRecord?>(null)),
        (unforeseen ? 1 : 0, Gen.Select(Pick.One(policies), Pick.One(policies)).Select((wanted, observed) => (PolicyRecord?)new PolicyRecord { Wanted = fingerprint(wanted), Observed = fingerprint(observed) })),
        (2, Pick.One(policies).Select(text => (PolicyRecord?)new PolicyRecord { Wanted = fingerprint(text), Observed = fingerprint(text) })));

    // 50 is all that a repository can bear: the owner tag takes somebody's place.
    private static ImmutableSortedDictionary<string, string> WithOwner(ImmutableSortedDictionary<string, string> tags, string? owner) =>
        owner is null ? tags
        : (tags.Count(tag => !tag.Key.StartsWith("aws:", StringComparison.Ordinal)) == 50 ? tags.Remove("k00") : tags).Add(ApiNames.OwnerTag, owner);
}
