using System.Text.Json.Serialization;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>What any request of ECR or of the tagging API may carry. Names are read in either's case.</summary>
internal sealed record FastRequest
{
    public string? RepositoryName { get; init; }

    public string[]? RepositoryNames { get; init; }

    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }

    public string? ResourceArn { get; init; }

    public FastTag[]? Tags { get; init; }

    public string[]? TagKeys { get; init; }

    public string? ImageTagMutability { get; init; }

    public FastExclusionFilter[]? ImageTagMutabilityExclusionFilters { get; init; }

    public FastScanning? ImageScanningConfiguration { get; init; }

    public FastEncryption? EncryptionConfiguration { get; init; }

    public string? LifecyclePolicyText { get; init; }

    public string? PolicyText { get; init; }

    [JsonPropertyName("ResourceARNList")]
    public string[]? ResourceArns { get; init; }

    public string[]? ResourceTypeFilters { get; init; }

    public FastTagFilter[]? TagFilters { get; init; }

    public int? ResourcesPerPage { get; init; }

    public string? PaginationToken { get; init; }

    /// <summary>The repositories that the request names.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Named =>
        RepositoryName is not null ? [RepositoryName]
        : RepositoryNames is not null ? RepositoryNames
        : ResourceArn is not null ? [NameOf(ResourceArn)]
        : ResourceArns is not null ? [.. ResourceArns.Select(NameOf)]
        : [];

    /// <summary>The repository that an ARN is of.</summary>
    public static string NameOf(string arn) => arn[(arn.IndexOf(Separator, StringComparison.Ordinal) is >= 0 and var at ? at + Separator.Length : 0)..];

    private const string Separator = ":repository/";
}

internal sealed record FastTag(string Key, string Value);

internal sealed record FastTagFilter(string Key, string[]? Values);

internal sealed record FastScanning(bool ScanOnPush);

internal sealed record FastEncryption(string EncryptionType, string? KmsKey);

internal sealed record FastExclusionFilter(string FilterType, string Filter);

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(FastRequest))]
internal sealed partial class FastJson : JsonSerializerContext;
