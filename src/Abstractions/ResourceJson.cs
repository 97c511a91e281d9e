using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace InfraOperator.Abstractions;

/// <summary>
/// The JSON of the resource records, as the Kubernetes API speaks it. The metadata is made by reflection once:
/// generated metadata would overwrite the defaults of init-only properties that are absent from the JSON.
/// </summary>
public static class ResourceJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // Where a schema let a null through, the object is one that cannot be read, and not one that fails later on.
        RespectNullableAnnotations = true,
        Converters = { new KubernetesTimeConverter(), new SharedStringConverter(), new AnnotationsConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>How ECRRepository objects are read.</summary>
    public static JsonTypeInfo<ECRRepository> ECRRepository { get; } = (JsonTypeInfo<ECRRepository>)Options.GetTypeInfo(typeof(ECRRepository));

    /// <summary>How AWSProvider objects are read.</summary>
    public static JsonTypeInfo<AWSProvider> AWSProvider { get; } = (JsonTypeInfo<AWSProvider>)Options.GetTypeInfo(typeof(AWSProvider));

    /// <summary>A record as the JSON object that a patch is made of.</summary>
    /// <typeparam name="T">The record's type.</typeparam>
    /// <param name="value">The record.</param>
    public static JsonObject ToJson<T>(T value)
        where T : class => (JsonObject)JsonSerializer.SerializeToNode(value, Options)!;

    /// <summary>Times as Kubernetes writes them: UTC, whole seconds.</summary>
    private sealed class KubernetesTimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
