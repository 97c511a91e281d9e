using System.Text;
using System.Text.Json;

namespace InfraOperator.Kubernetes.Watching;

internal enum WatchEventType
{
    /// <summary>A type that this version does not know.</summary>
    Other,
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <summary>Takes a line of a watch, <c>{"type":…,"object":…}</c>, apart without parsing the object.</summary>
internal static class WatchEvent
{
    /// <summary>
    /// Finds type and object, taking it that the object comes last, as API servers write it. Whether it does, and is JSON at
    /// all, only shows when the object is parsed: this way it is read once.
    /// </summary>
    public static bool TrySplitQuickly(ReadOnlySpan<byte> line, out WatchEventType type, out ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, default);
        type = WatchEventType.Other;
        json = default;
        try
        {
            if (reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("type"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                type = TypeOf(ref reader);
                if (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("object"u8) && reader.Read())
                {
                    var rest = line[(int)reader.TokenStartIndex..].TrimEnd(" \t\r"u8);
                    json = rest is [.., (byte)'}'] ? rest[..^1] : rest;
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // The exact way says what is wrong.
        }

        return false;
    }

    /// <summary>Finds type and object wherever they are.</summary>
    /// <exception cref="JsonException">The line is no JSON, or no event.</exception>
    public static WatchEventType Split(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(line);
        WatchEventType? type = null;
        json = default;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                type = TypeOf(ref reader);
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isObject)
            {
                json = line[start..(int)reader.BytesConsumed];
            }
        }

        return type is { } found && !json.IsEmpty
            ? found
            : throw new JsonException($"not an event of a watch: {Encoding.UTF8.GetString(line[..Math.Min(line.Length, 100)])}");
    }

    private static WatchEventType TypeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("MODIFIED"u8) ? WatchEventType.Modified
        : reader.ValueTextEquals("ADDED"u8) ? WatchEventType.Added
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventType.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventType.Error
        : WatchEventType.Other;
}
