using System.Text.Json;
using System.Text.Json.Serialization;

namespace InfraOperator.Abstractions;

/// <summary>
/// Reads strings so that equal ones are mostly one: namespaces, reasons, messages, tags and policies are the same in thousands of objects
/// that are all held. What was read last with a hash is remembered, so a string that comes once costs no more than its place.
/// </summary>
internal sealed class SharedStringConverter : JsonConverter<string>
{
    // Both bound what is remembered of objects that are gone.
    private const int Places = 1024;
    private const int LongestShared = 4096;

    private readonly string?[] _last = new string?[Places];

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader)!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    // Threads may write one place at once: each has read its own string, and whichever stays is a whole one.
    private string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || reader.HasValueSequence || reader.ValueSpan.Length > LongestShared)
        {
            return reader.GetString();
        }

        var hash = new HashCode();
        hash.AddBytes(reader.ValueSpan);
        ref var place = ref _last[(uint)hash.ToHashCode() % Places];
        var last = place;
        return last is not null && reader.ValueTextEquals(last) ? last : place = reader.GetString();
    }
}
