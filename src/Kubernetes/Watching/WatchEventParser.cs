using System.Buffers;
using System.Text.Json;
using InfraOperator.Kubernetes.Requests;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>One event of a watch. Which members are set depends on <see cref="Type"/>.</summary>
internal readonly record struct ParsedEvent<T>(WatchEventType Type)
    where T : class
{
    /// <summary>Of ADDED and MODIFIED; of DELETED only its identity.</summary>
    public ParsedResource<T> Resource { get; init; }

    /// <summary>Of BOOKMARK.</summary>
    public BookmarkMetadata? Bookmark { get; init; }

    /// <summary>Of ERROR.</summary>
    public ApiStatus? Status { get; init; }
}

/// <summary>Parses the lines of one watch: the object of each once, straight from the bytes that arrived.</summary>
internal sealed class WatchEventParser<T>(WatchedKind<T> kind, int maxEventBytes)
    where T : class
{
    /// <exception cref="JsonException">The line is no event.</exception>
    public ParsedEvent<T> Parse(EventLine line)
    {
        if (line.Bytes.IsSingleSegment)
        {
            return Parse(line.Bytes.FirstSpan, line.IsCut);
        }

        var length = (int)line.Bytes.Length;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            line.Bytes.CopyTo(copy);
            return Parse(copy.AsSpan(0, length), line.IsCut);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private ParsedEvent<T> Parse(ReadOnlySpan<byte> line, bool isCut)
    {
        var quickly = WatchEvent.TrySplitQuickly(line, out var type, out var json);
        if (isCut)
        {
            var error = $"the object is larger than {maxEventBytes} bytes";
            return new ParsedEvent<T>(type) { Resource = new ParsedResource<T>(null, LenientIdentity.Read(json), error) };
        }

        if (!quickly)
        {
            type = WatchEvent.Split(line, out json);
        }

        switch (type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                var resource = ParsedResource.Parse(json, kind.Json);
                if (resource.Value is null && quickly)
                {
                    // Either the object does not fit, or the quick split was wrong about where it ends.
                    WatchEvent.Split(line, out json);
                    resource = ParsedResource.Parse(json, kind.Json);
                }

                return new ParsedEvent<T>(type) { Resource = resource };

            case WatchEventType.Deleted:
                return new ParsedEvent<T>(type) { Resource = new ParsedResource<T>(null, LenientIdentity.Read(json), "") };

            case WatchEventType.Bookmark:
                WatchEvent.Split(line, out json);
                return new ParsedEvent<T>(type) { Bookmark = JsonSerializer.Deserialize(json, ApiJson.Default.Bookmark)?.Metadata };

            case WatchEventType.Error:
                WatchEvent.Split(line, out json);
                return new ParsedEvent<T>(type) { Status = JsonSerializer.Deserialize(json, ApiJson.Default.ApiStatus) };

            default:
                return new ParsedEvent<T>(type);
        }
    }
}
