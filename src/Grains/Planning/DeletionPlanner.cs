using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>What the deletion of an object means for its repository. Retain and Orphan never lead to DeleteRepository.</summary>
internal static class DeletionPlanner
{
    public static Plan Plan(DesiredRepository desired, Sight sight, Owned owned, DateTimeOffset now)
    {
        if (desired.ObserveOnly)
        {
            return new() { Removal = Removal.Regardless };
        }

        return desired.DeletionPolicy switch
        {
            null => new() { Removal = Removal.Wait, Findings = [.. desired.Problems.Select(problem => new Finding(Reasons.InvalidSpec, problem))] },
            DeletionPolicy.Orphan => new() { Removal = Removal.Regardless },
            DeletionPolicy.Retain => PlanRetain(desired, sight, owned),
            _ => PlanDelete(desired, sight, owned, now),
        };
    }

    private static Plan PlanRetain(DesiredRepository desired, Sight sight, Owned owned) => new()
    {
        Removal = Removal.Regardless,
        Actions = sight is Sight.Present(var repository) && repository.Tags?.GetValueOrDefault(ApiNames.OwnerTag) == desired.OwnerTag
            ? [new TagResource
                {
                    RepositoryName = desired.RepositoryName,
                    RepositoryArn = repository.Arn,
                    Tags = ImmutableSortedDictionary<string, string>.Empty.Add(
                        ApiNames.OwnerTag,
                        OwnerTag.Released(desired.OwnerTag, Ownership.Of(desired, repository, owned, null).Origin)),
                }]
            : [],
    };

    private static Plan PlanDelete(DesiredRepository desired, Sight sight, Owned owned, DateTimeOffset now)
    {
        switch (sight)
        {
            // AWS may not show yet what it just created. Deleting by what the create call answered settles it, and without
            // force it can hit nothing but an empty repository.
            case Sight.Absent when owned is { Origin: Origins.Created, Arn: { } arn, CreationDate: { } created } && now - created < Planner.VisibilityLag:
                return new()
                {
                    Relation = Relation.Ours,
                    Removal = Removal.AfterActions,
                    Actions = [new DeleteRepository { RepositoryName = desired.RepositoryName, RepositoryArn = arn, Force = false }],
                };

            case Sight.Absent:
                return new() { Removal = Removal.AfterActions };

            case Sight.Present(var repository) when Holds(desired, repository, owned):
                var origin = Ownership.Of(desired, repository, owned, null).Origin;
                return new()
                {
                    Relation = Relation.Ours,
                    Removal = Removal.AfterActions,
                    Actions = [new DeleteRepository
                    {
                        RepositoryName = desired.RepositoryName,
                        RepositoryArn = repository.Arn,
                        CreationDate = repository.CreationDate,
                        OwnerTag = BearsOwnTag(desired, repository) ? desired.OwnerTag : null,
                        Force = desired.ForceDelete ?? origin == Origins.Created,
                    }],
                };

            case Sight.Present({ Tags: null }):
                return new() { Removal = Removal.Wait, Findings = [new(Reasons.AccessDenied, $"the tags of repository '{desired.RepositoryName}' could not be read, so nobody can say whose it is; allow ecr:ListTagsForResource, or set deletionPolicy to Orphan")] };

            case Sight.Present(var repository):
                return new()
                {
                    Relation = Relation.Foreign,
                    Removal = Removal.Regardless,
                    RemovalWarning = owned.Arn is null ? null
                        : $"repository '{desired.RepositoryName}' was left in AWS: it is no longer this object's (tag {ApiNames.OwnerTag}: {repository.Tags!.GetValueOrDefault(ApiNames.OwnerTag) ?? "none"}, created {repository.CreationDate:O})",
                };

            default:
                return new() { Removal = Removal.Wait, Findings = [new(Reasons.Deleting, $"AWS was not asked yet about repository '{desired.RepositoryName}'", HealsByItself: true)] };
        }
    }

    // Without owner tags the record alone proves what is ours: ARN and creation date, and nobody else's tag.
    private static bool Holds(DesiredRepository desired, ObservedRepository repository, Owned owned) => BearsOwnTag(desired, repository)
        ? owned.Arn is null || owned.Means(repository)
        : !desired.Rules.UsesOwnerTag && owned.Origin is not null && owned.Means(repository) && repository.Tags?.ContainsKey(ApiNames.OwnerTag) is not true;

    private static bool BearsOwnTag(DesiredRepository desired, ObservedRepository repository) =>
        repository.Tags?.GetValueOrDefault(ApiNames.OwnerTag) == desired.OwnerTag;
}
