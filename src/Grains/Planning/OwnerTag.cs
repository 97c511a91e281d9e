using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Planning;

/// <summary>The value of the owner tag: <c>cluster/namespace/name</c> while the object holds the repository, <c>released/…</c> afterwards.</summary>
public static class OwnerTag
{
    private const int MaxLength = 256;
    private const int KeptOfName = 100;
    private const string ReleasedPrefix = "released/";
    private const string AdoptedMark = "adopted/";

    /// <summary>The value for an object. A name too long for a tag is cut and told apart by a hash.</summary>
    /// <param name="key">The object.</param>
    public static string For(ResourceKey key)
    {
        var plain = key.ToString();
        return plain.Length <= MaxLength ? plain : Shorten($"{key.Cluster}/{key.Namespace}/", key.Name);
    }

    /// <summary>
    /// The value after the object let go of the repository. That a repository was adopted is kept in it: whoever takes it
    /// back must not think that its images were made for this object.
    /// </summary>
    /// <param name="owner">The value while it was held.</param>
    /// <param name="origin">How the object came by the repository.</param>
    public static string Released(string owner, string? origin)
    {
        var prefix = ReleasedPrefix + (origin == Origins.Created ? "" : AdoptedMark);
        var name = owner.LastIndexOf('/') + 1;
        return prefix.Length + owner.Length <= MaxLength ? prefix + owner : Shorten(prefix + owner[..name], owner[name..]);
    }

    /// <summary>Whether a repository with this tag is free to be taken.</summary>
    /// <param name="value">The tag's value; null where the repository bears none.</param>
    public static bool IsFree(string? value) => value is null || value.StartsWith(ReleasedPrefix, StringComparison.Ordinal);

    /// <summary>Whether the tag names an object of a cluster, or one that the cluster had.</summary>
    /// <param name="value">The tag's value.</param>
    /// <param name="cluster">The cluster's id.</param>
    public static bool IsOfCluster(string value, string cluster) => value.StartsWith($"{cluster}/", StringComparison.Ordinal);

    /// <summary>Whether the tag names an owner whose repositories may be taken.</summary>
    /// <param name="value">The tag's value.</param>
    /// <param name="accepted">Ids of clusters, or globs of the tag's value.</param>
    public static bool IsAccepted(string value, IEnumerable<string> accepted) => accepted.Any(owner => owner.Contains('/', StringComparison.Ordinal)
        ? FileSystemName.MatchesSimpleExpression(owner, value, ignoreCase: false)
        : IsOfCluster(value, owner));

    /// <summary>How an object that released a repository had come by it; null where another object, or none, released it.</summary>
    /// <param name="value">The tag's value.</param>
    /// <param name="owner">The object's value while it held the repository.</param>
    public static string? OriginBeforeRelease(string? value, string owner) =>
        value == Released(owner, Origins.Created) ? Origins.Created
        : value == Released(owner, Origins.Adopted) ? Origins.Adopted
        : null;

    private static string Shorten(string prefix, string name) =>
        $"{prefix}{name[..KeptOfName]}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";
}
