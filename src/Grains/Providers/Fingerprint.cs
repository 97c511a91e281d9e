using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>Tells one state of a repository's configuration and tags from another.</summary>
/// <param name="Configuration">A hash of all but the tags.</param>
/// <param name="Tags">A hash of the tags; null where they were not read.</param>
internal readonly record struct Fingerprint(UInt128 Configuration, UInt128? Tags)
{
    /// <summary>Of what a sweep saw.</summary>
    /// <param name="repository">The repository; null where there is none.</param>
    /// <param name="tagsWereRead">Whether it was asked for tags. What is not told of then has none that are known.</param>
    public static Fingerprint Of(ObservedRepository? repository, bool tagsWereRead)
    {
        if (repository is null)
        {
            return new(UInt128.Zero, UInt128.Zero);
        }

        var configuration = Hash(
        [
            repository.Arn,
            repository.CreationDate.UtcTicks.ToString("x"),
            repository.ImageTagMutability,
            string.Join(',', repository.ExclusionFilters),
            repository.ScanOnPush ? "1" : "0",
            repository.EncryptionType,
            repository.KmsKey,
        ]);
        return new(configuration, tagsWereRead ? Hash([repository.Tags?.Count.ToString("x"), .. (repository.Tags ?? ImmutableSortedDictionary<string, string>.Empty).SelectMany(static tag => (string[])[tag.Key, tag.Value])]) : null);
    }

    /// <summary>Whether what is seen is the same, as far as it was read.</summary>
    public bool Fits(Fingerprint seen) => Configuration == seen.Configuration && (seen.Tags is null || seen.Tags == Tags);

    // Each part with its length before it, so that none can be taken for the end of another.
    private static UInt128 Hash(IEnumerable<string?> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part?.Length ?? -1).Append(':').Append(part);
        }

        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
