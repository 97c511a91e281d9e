using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Kubernetes;

/// <summary>One operation of RFC 6902. Values are copied in, so that it cannot change.</summary>
public sealed class JsonPatchOperation
{
    private readonly JsonNode? _value;

    private JsonPatchOperation(string op, string path, JsonNode? value)
    {
        Op = op;
        Path = path;
        _value = value?.DeepClone();
    }

    /// <summary><c>test</c>, <c>add</c>, <c>replace</c> or <c>remove</c>.</summary>
    public string Op { get; }

    /// <summary>JSON pointer (RFC 6901) to what it is about.</summary>
    public string Path { get; }

    /// <summary>A copy of its value; null for JSON's null and for <c>remove</c>.</summary>
    public JsonNode? Value => _value?.DeepClone();

    /// <summary>The whole patch fails unless the value at <paramref name="path"/> is this; null also stands for a missing one.</summary>
    public static JsonPatchOperation Test(string path, JsonNode? value) => new("test", path, value);

    /// <summary>Sets a key, whether it exists or not, or inserts into a list.</summary>
    public static JsonPatchOperation Add(string path, JsonNode? value) => new("add", path, value);

    /// <summary>Sets a key that must exist.</summary>
    public static JsonPatchOperation Replace(string path, JsonNode? value) => new("replace", path, value);

    /// <summary>Removes a key or list item that must exist.</summary>
    public static JsonPatchOperation Remove(string path) => new("remove", path, null);

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("op", Op);
        writer.WriteString("path", Path);
        if (Op != "remove")
        {
            writer.WritePropertyName("value");
            if (_value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                _value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>
/// An immutable list of operations that the server applies all together or not at all (RFC 6902,
/// <c>application/json-patch+json</c>).
/// </summary>
public sealed class JsonPatch
{
    /// <summary>Makes a patch of operations, applied in this order.</summary>
    public JsonPatch(params ReadOnlySpan<JsonPatchOperation> operations) => Operations = [.. operations];

    /// <summary>The operations in the order in which they are applied.</summary>
    public ImmutableArray<JsonPatchOperation> Operations { get; }

    /// <summary>The JSON pointer that these keys make, each escaped.</summary>
    public static string Pointer(params ReadOnlySpan<string> keys)
    {
        var pointer = "";
        foreach (var key in keys)
        {
            pointer += "/" + key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        }

        return pointer;
    }

    /// <summary>The patch as it is sent.</summary>
    public ReadOnlyMemory<byte> ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var operation in Operations)
            {
                operation.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The patch as JSON text.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(ToUtf8().Span);
}
