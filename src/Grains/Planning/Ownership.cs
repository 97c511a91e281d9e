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
            return new(null, held ? owned.Origin : OriginOfTagged(desired, repository, owned), false);
        }

        if (!OwnerTag.IsFree(tag))
        {
            return Refuse(Reasons.OwnedByAnother, $"repository '{desired.RepositoryName}' belongs to '{tag}' (tag {ApiNames.OwnerTag}); name another repository, or release this one there (deletionPolicy Retain, then delete)");
        }

        var released = OwnerTag.OriginBeforeRelease(tag, desired.OwnerTag);
        var returns = released is not null || (tag is null && held);
        if (!returns && desired.AdoptionPolicy == AdoptionPolicy.Create)
        {
            return Refuse(Reasons.AdoptionRefused, $"repository '{desired.RepositoryName}' exists already, and adoptionPolicy Create takes none; name another repository, or set adoptionPolicy to AdoptOrCreate");
        }

        if (tag is null && !Tagging.HasRoom(repository.Tags, ApiNames.OwnerTag))
        {
            return Refuse(Reasons.TooManyTags, $"repository '{desired.RepositoryName}' bears {Planner.MaxTags} tags, so AWS takes no owner tag, without which it is not ours to change; remove a tag in AWS");
        }

        return new(null, returns ? (held ? owned.Origin : released) : Origins.Adopted, true);

        static Ownership Refuse(string reason, string message) => new(new(reason, message, ConcernsRepository: true), null, false);
    }

    // The owner tag is ours and no record speaks of this repository. What was about to be taken is on record before the tag is
    // written. Without any record it is a create whose answer was lost, or a status that was lost: age decides, since what is
    // older than the object was there before it. In all doubt it was adopted: then its images are not deleted with the object.
    private static string OriginOfTagged(DesiredRepository desired, ObservedRepository repository, Owned owned) => owned switch
    {
        { Arn: null, Origin: { } origin } => origin,
        { Arn: null } when desired.AdoptionPolicy != AdoptionPolicy.Adopt && repository.CreationDate >= desired.ObjectCreated => Origins.Created,
        _ => Origins.Adopted,
    };

    public TagResource Tag(DesiredRepository desired, ObservedRepository repository) => new()
    {
        RepositoryName = desired.RepositoryName,
        RepositoryArn = repository.Arn,
        Tags = ImmutableSortedDictionary<string, string>.Empty.Add(ApiNames.OwnerTag, desired.OwnerTag),
    };
}
