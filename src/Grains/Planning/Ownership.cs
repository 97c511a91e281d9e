using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>Whether an object may write to a repository that exists, and how it comes by it.</summary>
/// <param name="Refusal">Why not; null where it may.</param>
/// <param name="Origin">How it comes by it.</param>
/// <param name="MustTag">Whether the owner tag has to be written first.</param>
internal sealed record Ownership(Finding? Refusal, string? Origin, bool MustTag)
{
    public static Ownership Of(DesiredRepository desired, ObservedRepository repository, Owned owned)
    {
        var held = owned.Origin is not null && owned.Means(repository);
        if (repository.Tags is null)
        {
            return held
                ? new(null, owned.Origin, false)
                : Refuse(Reasons.AccessDenied, $"the tags of repository '{desired.RepositoryName}' could not be read, so nobody can say whose it is; allow ecr:ListTagsForResource");
        }

        var tag = repository.Tags.GetValueOrDefault(ApiNames.OwnerTag);
        if (tag == desired.OwnerTag)
        {
            // Without a record (a create whose answer was lost, a status that was lost) age decides: what is older than the
            // object was there before it, and its images are not the object's to delete.
            return new(null, held ? owned.Origin : repository.CreationDate >= desired.ObjectCreated ? Origins.Created : Origins.Adopted, false);
        }

        if (!OwnerTag.IsFree(tag))
        {
            return Refuse(Reasons.OwnedByAnother, $"repository '{desired.RepositoryName}' belongs to '{tag}' (tag {ApiNames.OwnerTag}); name another repository, or release this one there (deletionPolicy Retain, then delete)");
        }

        if (tag is null && held)
        {
            return new(null, owned.Origin, true);
        }

        if (OwnerTag.OriginBeforeRelease(tag, desired.OwnerTag) is { } origin)
        {
            return new(null, origin, true);
        }

        return desired.AdoptionPolicy == AdoptionPolicy.Create
            ? Refuse(Reasons.AdoptionRefused, $"repository '{desired.RepositoryName}' exists already, and adoptionPolicy Create takes none; name another repository, or set adoptionPolicy to AdoptOrCreate")
            : new(null, Origins.Adopted, true);

        static Ownership Refuse(string reason, string message) => new(new(reason, message, ConcernsRepository: true), null, false);
    }

    public TagResource Tag(DesiredRepository desired, ObservedRepository repository) => new()
    {
        RepositoryName = desired.RepositoryName,
        RepositoryArn = repository.Arn,
        Tags = ImmutableSortedDictionary<string, string>.Empty.Add(ApiNames.OwnerTag, desired.OwnerTag),
    };
}
