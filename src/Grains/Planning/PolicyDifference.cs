using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Aws;

namespace InfraOperator.Grains.Planning;

/// <summary>A policy that has to be written or removed.</summary>
/// <param name="Wanted">The text to write; null: remove it.</param>
/// <param name="WantedFingerprint">The fingerprint of what is wanted; null where none is.</param>
/// <param name="ActualFingerprint">The fingerprint of what AWS holds; null where it holds none.</param>
/// <param name="Displaces">The fingerprint of what AWS holds although the same was put before; null where it was not.</param>
internal sealed record PolicyDifference(string? Wanted, string? WantedFingerprint, string? ActualFingerprint, string? Displaces = null)
{
    /// <summary>Compares by meaning. A policy that AWS spells in a way unforeseen is in sync while both sides stay what they were after our put.</summary>
    public static PolicyDifference? Between(
        string? wanted,
        PolicyReading actual,
        PolicyRecord? owned,
        Func<string, PolicyParse> parseWanted,
        Func<string, PolicyParse> parse,
        string reason,
        string field,
        ImmutableArray<Finding>.Builder findings)
    {
        var actualFingerprint = actual.Text is null ? null : parse(actual.Text).Fingerprint ?? "unreadable";
        if (wanted is null)
        {
            // Whether or not it can be read: what we set goes with its line in the spec, and is forgotten only once it is gone.
            return owned is not null && (actual.Text is not null || !actual.WasRead) ? new(null, null, actualFingerprint) : null;
        }

        var parsed = parseWanted(wanted);
        if (!IsReadable(parsed, reason, field, findings))
        {
            return null;
        }

        var inSync = !actual.WasRead
            ? owned?.Wanted == parsed.Fingerprint
            : actualFingerprint == parsed.Fingerprint || (actualFingerprint is not null && owned?.Wanted == parsed.Fingerprint && owned?.Observed == actualFingerprint);
        return inSync ? null : new(wanted, parsed.Fingerprint, actualFingerprint, owned?.Wanted == parsed.Fingerprint ? actualFingerprint : null);
    }

    public static bool IsReadable(PolicyParse parsed, string reason, string field, ImmutableArray<Finding>.Builder findings)
    {
        if (parsed.Error is { } error)
        {
            findings.Add(new(reason, $"{field}: {error}"));
            return false;
        }

        return true;
    }
}
