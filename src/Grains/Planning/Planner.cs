using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Aws;

namespace InfraOperator.Grains.Planning;

/// <summary>
/// Decides, without I/O and without a clock of its own, what to do about one repository. Carrying out a plan, or any
/// prefix of it, and planning again ends in the same place; a plan touches nothing that is not owned.
/// </summary>
public static class Planner
{
    /// <summary>How long AWS may say "not found" of a repository that it just created.</summary>
    public static readonly TimeSpan VisibilityLag = TimeSpan.FromMinutes(2);

    /// <summary>The most tags that a repository can bear, AWS's own not counted.</summary>
    public const int MaxTags = 50;

    /// <summary>Makes the plan.</summary>
    /// <param name="desired">What is wanted.</param>
    /// <param name="sight">What is.</param>
    /// <param name="owned">What of it is ours.</param>
    /// <param name="now">The time.</param>
    /// <param name="neighbours">The other objects that name the repository; null where they were not asked for.</param>
    public static Plan Plan(DesiredRepository desired, Sight sight, Owned owned, DateTimeOffset now, ImmutableArray<Neighbour>? neighbours = null)
    {
        if (desired.IsDeleting)
        {
            return DeletionPlanner.Plan(desired, sight, owned, now);
        }

        var plan = sight is Sight.Present(var repository) ? PlanPresent(desired, repository, owned, neighbours) : PlanMissing(desired, sight, owned, now);
        return plan with { Findings = [.. plan.Findings, .. desired.Problems.Select(problem => new Finding(Reasons.InvalidSpec, problem))] };
    }

    private static Plan PlanMissing(DesiredRepository desired, Sight sight, Owned owned, DateTimeOffset now)
    {
        var name = desired.RepositoryName;
        if (name.Length == 0)
        {
            return new();
        }

        if (desired.ObserveOnly)
        {
            return Refuse(Reasons.NotFound, $"repository '{name}' does not exist, and managementPolicy Observe makes none", healsByItself: true);
        }

        if (sight is Sight.Absent && owned is { Origin: Origins.Created, CreationDate: { } created } && now - created < VisibilityLag)
        {
            return Refuse(Reasons.Creating, $"repository '{name}' was created and AWS does not show it yet", healsByItself: true);
        }

        if (desired.AdoptionPolicy == AdoptionPolicy.Adopt)
        {
            return owned.Arn is null
                ? Refuse(Reasons.AdoptionRefused, $"repository '{name}' does not exist, and adoptionPolicy Adopt makes none; create it in AWS, or set adoptionPolicy to AdoptOrCreate", healsByItself: true)
                : Refuse(Reasons.NotFound, $"repository '{name}' was deleted outside, and adoptionPolicy Adopt makes none; set adoptionPolicy to AdoptOrCreate to have it made again", healsByItself: false);
        }

        if (sight is Sight.Absent && owned.Arn is not null && desired.ReportDrift && owned.AppliedGeneration == desired.Generation)
        {
            return Refuse(Reasons.NotFound, $"repository '{name}' was deleted outside, and driftPolicy Report makes none; change the spec, or set driftPolicy to Correct, to have it made again", healsByItself: false)
                with
            { Remaining = [Missing()] };
        }

        // What is no longer there though spec and AWS agreed was deleted outside.
        return sight is Sight.Absent && owned.Arn is not null && owned.AppliedGeneration == desired.Generation
            ? PlanCreation(desired) with { Drift = [Missing()] }
            : PlanCreation(desired);

        DriftItem Missing() => new() { Field = "repositoryName", Expected = name };

        Plan Refuse(string reason, string message, bool healsByItself) =>
            new() { Findings = [new(reason, message, ConcernsRepository: true, healsByItself)] };
    }

    private static Plan PlanCreation(DesiredRepository desired)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var actions = ImmutableArray.CreateBuilder<EcrAction>();
        var tags = desired.Tags;
        var own = desired.Rules.UsesOwnerTag ? 1 : 0;
        if (tags.Count + own > MaxTags)
        {
            findings.Add(TooManyTags(tags.Count + own));
            tags = ImmutableSortedDictionary<string, string>.Empty;
        }

        actions.Add(new CreateRepository
        {
            RepositoryName = desired.RepositoryName,
            ImageTagMutability = desired.ImageTagMutability,
            ExclusionFilters = desired.ExclusionFilters,
            ScanOnPush = desired.ScanOnPush,
            Encryption = desired.Encryption,
            Tags = desired.Rules.UsesOwnerTag ? tags.SetItem(ApiNames.OwnerTag, desired.OwnerTag) : tags,
        });

        if (desired.LifecyclePolicyText is { } lifecycle && PolicyDifference.IsReadable(LifecyclePolicy.ParseWanted(lifecycle), Reasons.InvalidLifecyclePolicy, "spec.lifecyclePolicy.policyText", findings))
        {
            actions.Add(new PutLifecyclePolicy { RepositoryName = desired.RepositoryName, PolicyText = lifecycle });
        }

        if (desired.RepositoryPolicyText is { } policy && PolicyDifference.IsReadable(RepositoryPolicy.Parse(policy), Reasons.InvalidRepositoryPolicy, "spec.repositoryPolicyText", findings))
        {
            actions.Add(new SetRepositoryPolicy { RepositoryName = desired.RepositoryName, PolicyText = policy });
        }

        return new() { Actions = actions.ToImmutable(), Findings = findings.ToImmutable(), Relation = Relation.Ours, Origin = Origins.Created };
    }

    private static Plan PlanPresent(DesiredRepository desired, ObservedRepository repository, Owned owned, ImmutableArray<Neighbour>? neighbours)
    {
        if (desired.ObserveOnly)
        {
            return new() { Relation = Relation.Observed };
        }

        var claim = Ownership.Of(desired, repository, owned, neighbours);
        if (claim.Refusal is { } refusal)
        {
            return new() { Relation = Relation.Foreign, Findings = [refusal], AsksForNeighbours = claim.AsksForNeighbours, Rival = claim.Rival };
        }

        var differences = Differences.Between(desired, repository, owned.Means(repository) ? owned : Owned.Nothing);
        var heldBefore = owned.AppliedGeneration == desired.Generation && owned.Means(repository);
        // A repository that was deleted and made again outside is drift like any other: under Report it is not even taken back.
        var reportOnly = owned.AppliedGeneration == desired.Generation && desired.ReportDrift;
        ImmutableArray<EcrAction> actions = claim.MustTag ? [Ownership.Tag(desired, repository), .. differences.Actions] : differences.Actions;
        ImmutableArray<DriftItem> drift = !heldBefore && !reportOnly ? []
            : claim.MustTag ? [Differences.Item(Differences.TagField(ApiNames.OwnerTag), desired.OwnerTag, repository.Tags?.GetValueOrDefault(ApiNames.OwnerTag)), .. differences.Items]
            : differences.Items;

        return new()
        {
            Relation = Relation.Ours,
            Origin = claim.Origin,
            Takes = claim.Takes && !reportOnly,
            AsksForNeighbours = claim.AsksForNeighbours && !reportOnly,
            Actions = reportOnly ? [] : actions,
            Drift = drift,
            IsReportOnly = reportOnly && !drift.IsEmpty,
            Remaining = reportOnly ? [.. drift, .. differences.Uncorrectable] : differences.Uncorrectable,
            Findings = reportOnly && !drift.IsEmpty
                ? [.. differences.Findings, new(Reasons.DriftDetected, $"AWS differs from the spec in {string.Join(", ", drift.Select(item => item.Field))}; driftPolicy Report leaves it until the spec changes; change the spec, or set driftPolicy to Correct")]
                : differences.Findings,
        };
    }

    internal static Finding TooManyTags(int count) =>
        new(Reasons.TooManyTags, $"spec.tags: with the provider's defaultTags, our owner tag and what others set, the repository would bear {count} tags and AWS allows {MaxTags}; take some out. None was added or changed");
}
