using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace InfraOperator.Abstractions;

/// <summary>
/// Reads the annotations that the control plane knows and passes by the others: the one in which <c>kubectl apply</c> leaves the whole
/// object would otherwise be held once more for each.
/// </summary>
internal sealed class AnnotationsConverter : JsonConverter<ImmutableDictionary<string, string>>
{
    private const string Prefix = $"{ApiNames.Group}/";

    public override ImmutableDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("annotations are no object");
        }

        var annotations = ImmutableDictionary<string, string>.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if ((name == ApiNames.ForceSyncAnnotation || name.StartsWith(Prefix, StringComparison.Ordinal)) && reader.GetString() is { } value)
            {
                annotations = annotations.SetItem(name, value);
            }
            else
            {
                reader.Skip();
            }
        }

        return annotations;
    }

    public override void Write(Utf8JsonWriter writer, ImmutableDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }
}
