using System.Collections.Immutable;

namespace InfraOperator.Aws;

/// <summary>
/// The tags of a session, which IAM policies can ask about: a trust policy as <c>aws:RequestTag</c>, what the session then does as
/// <c>aws:PrincipalTag</c>. They compare by content.
/// </summary>
/// <param name="Values">Values by key; AWS takes 50 at most, of 256 characters out of <c>[\p{L}\p{Z}\p{N}_.:/=+\-@]</c>.</param>
public sealed record SessionTags(ImmutableSortedDictionary<string, string> Values)
{
    /// <summary>None.</summary>
    public static SessionTags None { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <inheritdoc/>
    public bool Equals(SessionTags? other) => other is not null && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in Values)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
