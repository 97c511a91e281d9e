using System.Text.Json.Serialization;

namespace InfraOperator.Kubernetes.Requests;

/// <summary>The few shapes of the Kubernetes API that this room reads or writes itself, with only the fields that it uses.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(Bookmark))]
[JsonSerializable(typeof(ListMetadata))]
[JsonSerializable(typeof(SecretData))]
[JsonSerializable(typeof(RecordedEvent))]
[JsonSerializable(typeof(SeriesPatch))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>How the API server says that it failed.</summary>
internal sealed record ApiStatus(string? Kind, string? Message, string? Reason, int? Code, ApiStatusDetails? Details);

internal sealed record ApiStatusDetails(IReadOnlyList<ApiStatusCause>? Causes, int? RetryAfterSeconds);

internal sealed record ApiStatusCause(string? Reason, string? Message, string? Field);

internal sealed record ListMetadata(string? ResourceVersion, string? Continue);

internal sealed record Bookmark(BookmarkMetadata? Metadata);

internal sealed record BookmarkMetadata(string? ResourceVersion, IReadOnlyDictionary<string, string>? Annotations);

internal sealed record SecretData(IReadOnlyDictionary<string, byte[]>? Data);
