using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using InfraOperator.Kubernetes.Requests;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>A page of a list.</summary>
/// <param name="Items">The objects on it.</param>
/// <param name="Continue">What to ask the next page with; empty on the last one.</param>
/// <param name="ResourceVersion">The moment of which the whole list tells.</param>
internal sealed record ListPage<T>(IReadOnlyList<ParsedResource<T>> Items, string Continue, string ResourceVersion)
    where T : class;

/// <summary>Reads a page while it arrives, object by object, so that its text is never in memory as a whole.</summary>
internal static class ListPageReader
{
    private enum Position
    {
        Top,
        Items,
        End,
    }

    /// <param name="body">The answer's body.</param>
    /// <param name="json">How to read an object.</param>
    /// <param name="heard">Called whenever bytes have arrived.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="JsonException">The answer is no list.</exception>
    public static async ValueTask<ListPage<T>> ReadAsync<T>(Stream body, JsonTypeInfo<T> json, Action? heard, CancellationToken cancellationToken)
        where T : class
    {
        var page = new PageParser<T>(json);
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                heard?.Invoke();
                var consumed = page.Parse(result.Buffer, result.IsCompleted);
                if (result.IsCompleted)
                {
                    return page.Finish();
                }

                pipe.AdvanceTo(consumed, result.Buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private sealed class PageParser<T>(JsonTypeInfo<T> json)
        where T : class
    {
        private readonly List<ParsedResource<T>> _items = [];
        private JsonReaderState _state;
        private Position _position;
        private ListMetadata? _metadata;

        /// <summary>Takes whole tokens and whole values from the buffer and says how far it came.</summary>
        public SequencePosition Parse(ReadOnlySequence<byte> buffer, bool isFinal)
        {
            var reader = new Utf8JsonReader(buffer, isFinal, _state);
            while (TryStep(buffer, ref reader))
            {
                _state = reader.CurrentState;
                buffer = buffer.Slice(reader.Position);
                reader = new Utf8JsonReader(buffer, isFinal, _state);
            }

            return buffer.Start;
        }

        public ListPage<T> Finish() =>
            _position == Position.End
                ? new ListPage<T>(_items, _metadata?.Continue ?? "", _metadata?.ResourceVersion ?? "")
                : throw new JsonException("the answer is not a list");

        private bool TryStep(ReadOnlySequence<byte> buffer, ref Utf8JsonReader reader)
        {
            if (_position == Position.End || !reader.Read())
            {
                return false;
            }

            if (_position == Position.Items)
            {
                if (reader.TokenType == JsonTokenType.EndArray)
                {
                    _position = Position.Top;
                    return true;
                }

                return TryItem(buffer, ref reader);
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return true;
                case JsonTokenType.EndObject:
                    _position = Position.End;
                    return true;
                case JsonTokenType.PropertyName:
                    return TryProperty(buffer, ref reader);
                default:
                    throw new JsonException("the answer is not a list");
            }
        }

        private bool TryProperty(ReadOnlySequence<byte> buffer, ref Utf8JsonReader reader)
        {
            var isItems = reader.ValueTextEquals("items"u8);
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            if (!reader.Read())
            {
                return false;
            }

            if (isItems && reader.TokenType == JsonTokenType.StartArray)
            {
                _position = Position.Items;
                return true;
            }

            var start = reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                return false;
            }

            if (isMetadata)
            {
                var slice = new Utf8JsonReader(buffer.Slice(start, reader.BytesConsumed - start));
                _metadata = JsonSerializer.Deserialize(ref slice, ApiJson.Default.ListMetadata);
            }

            return true;
        }

        private bool TryItem(ReadOnlySequence<byte> buffer, ref Utf8JsonReader reader)
        {
            var start = reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                return false;
            }

            var slice = buffer.Slice(start, reader.BytesConsumed - start);
            if (slice.IsSingleSegment)
            {
                _items.Add(ParsedResource.Parse(slice.FirstSpan, json));
                return true;
            }

            var length = (int)slice.Length;
            var copy = ArrayPool<byte>.Shared.Rent(length);
            slice.CopyTo(copy);
            _items.Add(ParsedResource.Parse(copy.AsSpan(0, length), json));
            ArrayPool<byte>.Shared.Return(copy);
            return true;
        }
    }
}
