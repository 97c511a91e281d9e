using System.Buffers;
using System.IO.Pipelines;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>A line of a watch. Valid until the next one is asked for.</summary>
/// <param name="Bytes">The line without its end.</param>
/// <param name="IsCut">The line was longer than allowed; these are its first bytes.</param>
internal readonly record struct EventLine(ReadOnlySequence<byte> Bytes, bool IsCut);

/// <summary>Splits a watch into lines in bounded memory.</summary>
internal sealed class EventLines(Stream stream, int maxLength, Action heard) : IAsyncDisposable
{
    private const int HeadOfCutLine = 16 * 1024;

    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024));
    private SequencePosition? _consumed;

    /// <summary>The next line, or null where the watch ends between two lines.</summary>
    /// <exception cref="IOException">The watch ended in the middle of a line, or the connection broke.</exception>
    public async ValueTask<EventLine?> NextAsync(CancellationToken cancellationToken)
    {
        if (_consumed is { } consumed)
        {
            _pipe.AdvanceTo(consumed);
            _consumed = null;
        }

        byte[]? head = null;
        while (true)
        {
            if (!_pipe.TryRead(out var result))
            {
                result = await _pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                heard();
            }

            var buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(buffer.Start, end);
                _consumed = buffer.GetPosition(1, end);
                if (head is null && line.Length > maxLength)
                {
                    head = Head(line);
                }

                return head is null ? new EventLine(line, IsCut: false) : new EventLine(new ReadOnlySequence<byte>(head), IsCut: true);
            }

            if (result.IsCompleted)
            {
                return buffer.IsEmpty && head is null ? null : throw new IOException("the connection ended in the middle of an event");
            }

            if (head is null && buffer.Length > maxLength)
            {
                head = Head(buffer);
            }

            // The rest of a line that is too long is dropped as it comes.
            _pipe.AdvanceTo(head is null ? buffer.Start : buffer.End, buffer.End);
        }
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();

    private static byte[] Head(ReadOnlySequence<byte> line) => line.Slice(0, Math.Min(line.Length, HeadOfCutLine)).ToArray();
}
