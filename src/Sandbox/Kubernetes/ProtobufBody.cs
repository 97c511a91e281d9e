using System.Text;
using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>
/// Reads the Kubernetes protobuf envelope, because <c>kubectl create</c> sends namespaces, secrets and config maps that way. Knows only the
/// fields that these have; everything else comes as JSON.
/// </summary>
internal static class ProtobufBody
{
    private static readonly Shape Text = new("text");
    private static readonly Shape Bytes = new("bytes");
    private static readonly Shape TextMap = new("map", [(1, "key", Text), (2, "value", Text)]);
    private static readonly Shape BytesMap = new("map", [(1, "key", Text), (2, "value", Bytes)]);
    private static readonly Shape Metadata = new("object",
        [(1, "name", Text), (2, "generateName", Text), (3, "namespace", Text), (11, "labels", TextMap), (12, "annotations", TextMap)]);

    private static readonly Dictionary<string, Shape> Kinds = new()
    {
        ["Namespace"] = new("object", [(1, "metadata", Metadata)]),
        ["ServiceAccount"] = new("object", [(1, "metadata", Metadata)]),
        ["Secret"] = new("object", [(1, "metadata", Metadata), (2, "data", BytesMap), (3, "type", Text), (4, "stringData", TextMap)]),
        ["ConfigMap"] = new("object", [(1, "metadata", Metadata), (2, "data", TextMap), (3, "binaryData", BytesMap)]),
    };

    /// <summary>The object in an envelope.</summary>
    /// <exception cref="FormatException">The bytes are no envelope, or hold a kind whose fields are not known here.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
        {
            throw new FormatException("the body is no Kubernetes protobuf");
        }

        var type = new JsonObject();
        ReadOnlySpan<byte> raw = [];
        for (var rest = body[4..]; !rest.IsEmpty;)
        {
            var (number, length) = Next(ref rest);
            if (number == 1)
            {
                type = ReadObject(rest[..length], new("object", [(1, "apiVersion", Text), (2, "kind", Text)]));
            }
            else if (number == 2)
            {
                raw = rest[..length];
            }

            rest = rest[length..];
        }

        var shape = Kinds.GetValueOrDefault((string?)type["kind"] ?? "") ?? throw new FormatException($"the sandbox reads a {type["kind"]} as JSON or YAML only");
        foreach (var (name, value) in ReadObject(raw, shape))
        {
            type[name] = value?.DeepClone();
        }

        return type;
    }

    private static JsonObject ReadObject(ReadOnlySpan<byte> message, Shape shape)
    {
        var result = new JsonObject();
        while (!message.IsEmpty)
        {
            var (number, length) = Next(ref message);
            var (_, name, field) = shape.Fields.FirstOrDefault(field => field.Number == number);
            var value = message[..length];
            message = message[length..];
            if (field?.Kind == "map")
            {
                var entry = ReadObject(value, field);
                (result[name] ??= new JsonObject())[(string?)entry["key"] ?? ""] = entry["value"]?.DeepClone() ?? "";
            }
            else if (field is not null && length > 0)
            {
                result[name] = field.Kind switch
                {
                    "text" => Encoding.UTF8.GetString(value),
                    "bytes" => Convert.ToBase64String(value),
                    _ => ReadObject(value, field),
                };
            }
        }

        return result;
    }

    /// <summary>Reads a field's tag; what follows has the returned length (0 for a number, which is skipped here).</summary>
    private static (int Number, int Length) Next(ref ReadOnlySpan<byte> rest)
    {
        var tag = Varint(ref rest);
        var size = Varint(ref rest);
        return (tag & 7) switch
        {
            0 => (-1, 0),
            2 when size <= rest.Length => (tag >> 3, size),
            _ => throw new FormatException("the protobuf is cut off or has a field of unknown type"),
        };
    }

    private static int Varint(ref ReadOnlySpan<byte> rest)
    {
        var value = 0UL;
        for (var shift = 0; !rest.IsEmpty && shift < 64; shift += 7)
        {
            var next = rest[0];
            rest = rest[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (int)(value & int.MaxValue);
            }
        }

        throw new FormatException("the protobuf is cut off");
    }

    private sealed record Shape(string Kind, params (int Number, string Name, Shape Field)[] Fields);
}
