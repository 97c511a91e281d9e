using System.Collections.Immutable;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>Whether an object may write to a repository that exists, and how it comes by it.</summary>
/// <param name="Refusal">Why not; null where it may.</param>
/// <param name="Origin">How it comes by it.</param>
/// <param name="MustTag">Whether the owner tag has to be written first.</param>
internal sealed record Ownership(Finding? Refusal, string? Origin, bool MustTag)
{
    /// <summary>Whether the object takes a repository that was not its own.</summary>
    public bool Takes { get; private init; }

    /// <summary>Whether other objects of this cluster may change the answer, and have not been asked for.</summary>
    public bool AsksForNeighbours { get; private init; }

    /// <summary>The object of this cluster that stands in the way.</summary>
    public ResourceKey? Rival { get; private init; }

    /// <summary>Decides. Where the other objects are not known, the tag's word counts: its holder lives, and nobody older wants the repository.</summary>
    public static Ownership Of(DesiredRepository desired, ObservedRepository repository, Owned owned, ImmutableArray<Neighbour>? neighbours)
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

        if (held && tag is null)
        {
            return desired.Rules.UsesOwnerTag ? Take(desired, repository, owned.Origin!, tag) : new(null, owned.Origin, false);
        }

        var isFree = OwnerTag.IsFree(tag) || OwnerTag.IsAccepted(tag!, desired.Rules.AcceptedOwners);
        if (!isFree && !OwnerTag.IsOfCluster(tag!, desired.Key.Cluster))
        {
            return Refuse(Reasons.OwnedByAnother, $"repository '{desired.RepositoryName}' belongs to '{tag}' (tag {ApiNames.OwnerTag}), an object of another cluster; name another repository, release this one there (deletionPolicy Retain, then delete), or have the owner accepted in this operator's configuration");
        }

        return neighbours is { } around
            ? Among(desired, repository, owned, tag, held, isFree, around)
            : (isFree ? TakeFree(desired, repository, owned, tag, held) : RefuseHolder(desired, tag!)) with { AsksForNeighbours = true };
    }

    /// <summary>The write that makes the repository the object's own.</summary>
    public static TagResource Tag(DesiredRepository desired, ObservedRepository repository) => new()
    {
        RepositoryName = desired.RepositoryName,
        RepositoryArn = repository.Arn,
        Tags = ImmutableSortedDictionary<string, string>.Empty.Add(ApiNames.OwnerTag, desired.OwnerTag),
    };

    // The holder wins. Only where nobody holds the repository, age decides.
    private static Ownership Among(DesiredRepository desired, ObservedRepository repository, Owned owned, string? tag, bool held, bool isFree, ImmutableArray<Neighbour> around)
    {
        if (!isFree && around.FirstOrDefault(neighbour => OwnerTag.For(neighbour.Key) == tag) is { } holder)
        {
            return RefuseHolder(desired, tag!) with { Rival = holder.Key };
        }

        var isReleased = tag is not null && isFree;
        if (around.FirstOrDefault(neighbour => neighbour.Holds && !(neighbour.IsDeleting && isReleased)) is { } recorded)
        {
            return RefuseHolder(desired, OwnerTag.For(recorded.Key)) with { Rival = recorded.Key };
        }

        return !held && around.Where(neighbour => neighbour.MayTake && neighbour.IsElderThan(desired.ObjectCreated, desired.Key)).MinBy(neighbour => neighbour.Created) is { } elder
            ? Refuse(Reasons.OwnedByAnother, $"repository '{desired.RepositoryName}' belongs to nobody, and the older object '{elder.Key}' names it too and takes it first; name another repository, or delete that object") with { Rival = elder.Key }
            : TakeFree(desired, repository, owned, tag, held);
    }

    private static Ownership TakeFree(DesiredRepository desired, ObservedRepository repository, Owned owned, string? tag, bool held)
    {
        var released = OwnerTag.OriginBeforeRelease(tag, desired.OwnerTag);
        if (released is null && desired.AdoptionPolicy == AdoptionPolicy.Create)
        {
            return Refuse(Reasons.AdoptionRefused, $"repository '{desired.RepositoryName}' exists already, and adoptionPolicy Create takes none; name another repository, or set adoptionPolicy to AdoptOrCreate");
        }

        if (tag is null && !desired.Rules.UsesOwnerTag && desired.AdoptionPolicy != AdoptionPolicy.Adopt && repository.CreationDate >= desired.ObjectCreated)
        {
            // A create whose answer was lost looks like this, and so does another's repository.
            return Refuse(Reasons.OwnedByAnother, $"repository '{desired.RepositoryName}' is younger than this object, and without owner tags nothing says whose it is; if it is this object's, set adoptionPolicy to Adopt");
        }

        return Take(desired, repository, released is null ? Origins.Adopted : held ? owned.Origin! : released, tag);
    }

    private static Ownership Take(DesiredRepository desired, ObservedRepository repository, string origin, string? tag) =>
        desired.Rules.UsesOwnerTag && tag is null && !Tagging.HasRoom(repository.Tags!, ApiNames.OwnerTag)
            ? Refuse(Reasons.TooManyTags, $"repository '{desired.RepositoryName}' bears {Planner.MaxTags} tags, so AWS takes no owner tag, without which it is not ours to change; remove a tag in AWS")
            : new(null, origin, desired.Rules.UsesOwnerTag) { Takes = true };

    private static Ownership RefuseHolder(DesiredRepository desired, string owner) => Refuse(
        Reasons.OwnedByAnother,
        $"repository '{desired.RepositoryName}' belongs to '{owner}'; name another repository, or release this one there (deletionPolicy Retain, then delete), whereupon this object takes it");

    private static Ownership Refuse(string reason, string message) => new(new(reason, message, ConcernsRepository: true), null, false);

    // The owner tag is ours and no record speaks of this repository. What was about to be taken is on record before the tag is
    // written. Without any record it is a create whose answer was lost, or a status that was lost: age decides, since what is
    // older than the object was there before it. In all doubt it was adopted: then its images are not deleted with the object.
    private static string OriginOfTagged(DesiredRepository desired, ObservedRepository repository, Owned owned) => owned switch
    {
        { Arn: null, Origin: { } origin } => origin,
        { Arn: null } when desired.AdoptionPolicy != AdoptionPolicy.Adopt && repository.CreationDate >= desired.ObjectCreated => Origins.Created,
        _ => Origins.Adopted,
    };
}
