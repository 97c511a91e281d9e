using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Providers;

/// <summary>Tells one state of a repository's configuration and tags from another.</summary>
/// <param name="Value">A hash.</param>
internal readonly record struct Fingerprint(UInt128 Value)
{
    /// <summary>Of what a sweep saw.</summary>
    /// <param name="repository">The repository; null where there is none.</param>
    public static Fingerprint Of(ObservedRepository? repository)
    {
        if (repository is null)
        {
            return new(UInt128.Zero);
        }

        // Each part with its length before it, so that none can be taken for the end of another.
        var text = new StringBuilder();
        Append(repository.Arn);
        Append(repository.CreationDate.UtcTicks.ToString("x"));
        Append(repository.ImageTagMutability);
        Append(string.Join(',', repository.ExclusionFilters));
        Append(repository.ScanOnPush ? "1" : "0");
        Append(repository.EncryptionType);
        Append(repository.KmsKey);
        Append(repository.Tags?.Count.ToString("x"));
        foreach (var (key, value) in repository.Tags ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            Append(key);
            Append(value);
        }

        return new(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));

        void Append(string? part) => text.Append(part?.Length ?? -1).Append(':').Append(part);
    }
}
