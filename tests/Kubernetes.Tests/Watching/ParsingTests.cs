using System.Text;
using System.Text.Json;
using InfraOperator.Kubernetes.Tests.Fakes;
using InfraOperator.Kubernetes.Watching;

namespace InfraOperator.Kubernetes.Tests.Watching;

/// <summary>Bytes arrive in pieces of any size, and JSON in any order of keys.</summary>
public class ParsingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task A_page_is_read_whatever_pieces_it_comes_in(int piece)
    {
        var items = Enumerable.Range(0, 20).Select(i => Json.Widget($"w{i}", i + 1, spec: $"{{\"size\":{i},\"text\":\"ä\\\"}}]\"}}")).ToList();
        var text = Json.List(77, "more", items);

        var page = await ReadPageAsync(text, piece);

        Assert.Equal("more", page.Continue);
        Assert.Equal("77", page.ResourceVersion);
        Assert.Equal(Enumerable.Range(0, 20), page.Items.Select(item => item.Value!.Spec!.Size));
    }

    [Theory]
    [InlineData("""{"kind":"WidgetList","metadata":{"resourceVersion":"5","remainingItemCount":3},"items":[]}""")]
    [InlineData("""{"items":null,"metadata":{"resourceVersion":"5"}}""")]
    [InlineData("""  { "extra" : [ { "items" : [ 1 ] } ] , "metadata" : { "resourceVersion" : "5" } , "items" : [ ] }  """)]
    public async Task An_empty_page_is_read_in_any_order_of_keys(string text)
    {
        var page = await ReadPageAsync(text, 3);

        Assert.Empty(page.Items);
        Assert.Equal("5", page.ResourceVersion);
        Assert.Equal("", page.Continue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("{\"items\":[{\"metadata\":{}}")]
    [InlineData("{\"items\":[],\"metadata\":{\"resourceVersion\":\"5\"")]
    public async Task What_is_no_whole_list_is_an_error(string text) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadPageAsync(text, 5));

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1"},"spec":{"size":3}}}""")]
    [InlineData("""{"object":{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1"},"spec":{"size":3}},"type":"ADDED"}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1"},"spec":{"size":3}},"later":{"a":[1]}}""")]
    [InlineData("""  { "type" : "ADDED" , "object" : {"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1"},"spec":{"size":3}} }  """)]
    public void An_event_is_read_in_any_order_of_keys(string line)
    {
        var parsed = Parse(line);

        Assert.Equal(WatchEventType.Added, parsed.Type);
        Assert.Equal(3, parsed.Resource.Value!.Spec!.Size);
    }

    [Fact]
    public void An_event_of_a_type_that_a_later_server_may_send_is_no_error() =>
        Assert.Equal(WatchEventType.Other, Parse("""{"type":"PAUSED","object":{}}""").Type);

    [Theory]
    [InlineData("""{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7"},"spec":1}""", "n/a u@7")]
    [InlineData("""{"spec":{"metadata":{"name":"no"}},"metadata":{"labels":{"name":"no"},"ownerReferences":[{"name":"no","uid":"no"}],"name":"a","uid":"u"}}""", "a u@")]
    [InlineData("""{"metadata":{"name":7,"uid":{"name":"no"},"namespace":"n"}}""", "n/ @")]
    [InlineData("""{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7"},"spec":{"cut":"of""", "n/a u@7")]
    [InlineData("""{"metadata":{"name":"a","namesp""", "a @")]
    [InlineData("""{"metadata":[{"name":"no"}]}""", " @")]
    [InlineData("no json", " @")]
    [InlineData("", " @")]
    public void An_identity_is_found_in_whatever_is_there(string json, string expected)
    {
        var found = LenientIdentity.Read(Encoding.UTF8.GetBytes(json));

        Assert.Equal(expected, $"{found} {found.Uid}@{found.ResourceVersion}");
    }

    [Fact]
    public async Task Lines_are_split_whatever_pieces_they_come_in_and_bounded()
    {
        var text = "one\n" + new string('x', 5000) + "\n\n" + "four\n";
        foreach (var piece in new[] { 1, 3, 100_000 })
        {
            await using var lines = new EventLines(new PiecewiseStream(text, piece), 1000, () => { });
            List<(int Length, bool IsCut)> found = [];
            while (await lines.NextAsync(TestContext.Current.CancellationToken) is { } line)
            {
                found.Add(((int)line.Bytes.Length, line.IsCut));
            }

            Assert.Equal([3, 0, 4], found.Where(line => !line.IsCut).Select(line => line.Length));
            Assert.InRange(Assert.Single(found, line => line.IsCut).Length, 1000, 16 * 1024);
        }
    }

    private static ParsedEvent<Widget> Parse(string line) =>
        new WatchEventParser<Widget>(Json.Watched, 1_000_000).Parse(new EventLine(new(Encoding.UTF8.GetBytes(line)), IsCut: false));

    private static async Task<ListPage<Widget>> ReadPageAsync(string text, int piece) =>
        await ListPageReader.ReadAsync(new PiecewiseStream(text, piece), WidgetJson.Default.Widget, heard: null, TestContext.Current.CancellationToken);

    /// <summary>A stream that gives only so many bytes at a time.</summary>
    private sealed class PiecewiseStream(string text, int piece) : Stream
    {
        private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var length = Math.Min(Math.Min(piece, buffer.Length), _bytes.Length - _position);
            _bytes.AsMemory(_position, length).CopyTo(buffer);
            _position += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
