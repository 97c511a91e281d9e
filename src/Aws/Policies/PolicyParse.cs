using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace InfraOperator.Aws;

/// <summary>What became of a policy's text: a normal form, or the reason why it has none.</summary>
public sealed record PolicyParse
{
    private PolicyParse()
    {
    }

    /// <summary>Whether the text is a policy document. What it says may still be refused by AWS.</summary>
    [MemberNotNullWhen(true, nameof(NormalForm), nameof(Fingerprint))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsValid => Error is null;

    /// <summary>JSON that is the same for all documents of the same meaning, and differs between all others; null without one.</summary>
    public string? NormalForm { get; private init; }

    /// <summary>16 hexadecimal digits of the normal form's SHA-256: short enough for a status, long enough never to collide by accident.</summary>
    public string? Fingerprint { get; private init; }

    /// <summary>Where and how the text is broken, for the person who wrote it; null where it is not.</summary>
    public string? Error { get; private init; }

    internal static PolicyParse Valid(string normalForm) => new()
    {
        NormalForm = normalForm,
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(normalForm)).AsSpan(0, 8)),
    };

    internal static PolicyParse Broken(string error) => new() { Error = error };
}
