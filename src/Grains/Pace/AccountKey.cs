using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Pace;

/// <summary>Whose calls AWS counts together.</summary>
/// <param name="Place">The account and the region.</param>
/// <param name="Endpoint">The endpoint; null where it is AWS's own.</param>
internal sealed record AccountKey(AwsPlace Place, string? Endpoint)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static AccountKey Parse(string text) =>
        text.Split('/', 3) is [var account, var region, .. var rest] ? new(new(account, region), rest is [var endpoint] ? endpoint : null) : throw new FormatException($"'{text}' names no account and region.");

    /// <inheritdoc/>
    public override string ToString() => Endpoint is null ? $"{Place.AccountId}/{Place.Region}" : $"{Place.AccountId}/{Place.Region}/{Endpoint}";
}
