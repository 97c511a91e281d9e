using System.Text;
using System.Text.Json;
using InfraOperator.Kubernetes.Tests.Fakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Kubernetes.Tests.Events;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private static readonly EventRegarding Regarding = new("example.com/v1", "Widget", "ns", "a", "u1", "7");

    private readonly ObservedTime _time = new();
    private readonly RecordingLogger<EventRecorder> _logger = new();
    private FakeApiServer _server = null!;
    private KubernetesApi _api = null!;
    private EventRecorder _recorder = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = new KubernetesApi(_server.Configuration, _time, NullLoggerFactory.Instance);
        _recorder = new EventRecorder(_api, "example.com/controller", new string('p', 200), _time, _logger);
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 23, 10, 20, 30, 456, TimeSpan.Zero));
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_event_says_what_happened_to_what_and_who_says_so()
    {
        var request = await RecordAsync();

        Assert.Equal(("POST", "/apis/events.k8s.io/v1/namespaces/ns/events"), (request.Method, request.Path));
        using var json = JsonDocument.Parse(request.Body);
        var root = json.RootElement;
        Assert.Equal("events.k8s.io/v1 Event", $"{root.GetProperty("apiVersion")} {root.GetProperty("kind")}");
        Assert.Matches("^a\\.[0-9a-f]{16}$", root.GetProperty("metadata").GetProperty("name").GetString());
        Assert.Equal("ns", root.GetProperty("metadata").GetProperty("namespace").GetString());
        Assert.Equal("2026-11-23T10:20:30.456000Z", root.GetProperty("eventTime").GetString());
        Assert.Equal("example.com/controller", root.GetProperty("reportingController").GetString());
        Assert.Equal(128, root.GetProperty("reportingInstance").GetString()!.Length);
        Assert.Equal("Warning Failed Create it broke", $"{root.GetProperty("type")} {root.GetProperty("reason")} {root.GetProperty("action")} {root.GetProperty("note")}");
        Assert.Equal(
            """{"apiVersion":"example.com/v1","kind":"Widget","namespace":"ns","name":"a","uid":"u1","resourceVersion":"7"}""",
            root.GetProperty("regarding").GetRawText());
    }

    [Fact]
    public async Task The_same_event_again_is_counted_on_the_first()
    {
        var name = NameOf(await RecordAsync());
        for (var count = 2; count <= 3; count++)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            var patch = await RecordAsync();
            Assert.Equal(("PATCH", $"/apis/events.k8s.io/v1/namespaces/ns/events/{name}"), (patch.Method, patch.Path));
            Assert.Equal("application/merge-patch+json", patch.Headers.ContentType);
            Assert.StartsWith($"{{\"series\":{{\"count\":{count},\"lastObservedTime\":\"2026-11-23T10:{20 + (5 * (count - 1))}:30.456000Z\"", patch.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task After_six_minutes_it_is_a_new_event()
    {
        await RecordAsync();
        _time.Advance(TimeSpan.FromMinutes(6) + TimeSpan.FromTicks(1));

        Assert.Equal("POST", (await RecordAsync()).Method);
    }

    [Fact]
    public async Task Another_note_type_or_object_is_another_event()
    {
        await RecordAsync();

        Assert.Equal("POST", (await RecordAsync(note: "it broke again")).Method);
        Assert.Equal("POST", (await RecordAsync(type: EventType.Normal)).Method);
        Assert.Equal("POST", (await RecordAsync(Regarding with { Uid = "u2" })).Method);
    }

    [Fact]
    public async Task A_series_whose_event_is_gone_begins_anew()
    {
        await RecordAsync();
        var record = _recorder.RecordAsync(Regarding, EventType.Warning, "Failed", "Create", "it broke", Cancellation);
        await (await _server.NextAsync()).RefuseAsync(404, "NotFound");
        var create = await _server.NextAsync();
        Assert.Equal("POST", create.Method);
        await create.RespondAsync("{}", 201);
        await record;

        Assert.EndsWith(NameOf(create), (await RecordAsync()).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_note_is_cut_between_characters()
    {
        var request = await RecordAsync(note: new string('x', 1000) + string.Concat(Enumerable.Repeat("🐳", 100)));

        using var json = JsonDocument.Parse(request.Body);
        var note = json.RootElement.GetProperty("note").GetString()!;
        Assert.InRange(Encoding.UTF8.GetByteCount(note), 1020, 1024);
        Assert.EndsWith("🐳…", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_name_leaves_room_for_the_events_own()
    {
        var request = await RecordAsync(Regarding with { Name = new string('a', 235) + "." + new string('b', 17) });

        Assert.Equal(235 + 17, NameOf(request).Length);
    }

    [Fact]
    public async Task An_event_of_an_object_without_namespace_is_kept_in_default()
    {
        var request = await RecordAsync(Regarding with { Namespace = "" });

        Assert.Equal("/apis/events.k8s.io/v1/namespaces/default/events", request.Path);
        Assert.DoesNotContain("\"namespace\":\"\"", request.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, """{"causes":[{"reason":"NamespaceTerminating"}]}""")]
    [InlineData(404, "{}")]
    public async Task An_event_of_a_namespace_that_ends_is_dropped_in_silence(int code, string details)
    {
        var record = _recorder.RecordAsync(Regarding, EventType.Warning, "Failed", "Create", "it broke", Cancellation);
        await (await _server.NextAsync()).RefuseAsync(code, "", details: details);
        await record;

        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public async Task Another_failure_is_logged_and_not_thrown()
    {
        var record = _recorder.RecordAsync(Regarding, EventType.Warning, "Failed", "Create", "it broke", Cancellation);
        await (await _server.NextAsync()).RefuseAsync(403, "Forbidden", "may not");
        await record;

        var (level, message) = Assert.Single(_logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Equal("Event Failed of ns/a could not be recorded: cannot create events.events.k8s.io in namespace \"ns\": forbidden: may not", message);
    }

    [Fact]
    public async Task Cancellation_is_thrown()
    {
        using var cancellation = new CancellationTokenSource();
        var record = _recorder.RecordAsync(Regarding, EventType.Warning, "Failed", "Create", "it broke", cancellation.Token);
        await _server.NextAsync();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => record);
    }

    [Fact]
    public void Memory_of_events_is_bounded_and_forgets_the_longest_unseen()
    {
        var recent = new Kubernetes.Events.RecentEvents(_time);
        for (var i = 0; i <= Kubernetes.Events.RecentEvents.Capacity; i++)
        {
            recent.First(Key(i), $"e{i}");
            Assert.NotNull(recent.Again(Key(1 <= i ? 1 : 0)));
        }

        Assert.Null(recent.Again(Key(0)));
        Assert.NotNull(recent.Again(Key(1)));
        Assert.NotNull(recent.Again(Key(2)));
        _time.Advance(TimeSpan.FromMinutes(7));
        Assert.Null(recent.Again(Key(1)));
    }

    private static Kubernetes.Events.EventKey Key(int i) => Kubernetes.Events.EventKey.Of($"u{i}", EventType.Normal, "Reason", "note");

    private static string NameOf(FakeRequest create)
    {
        using var json = JsonDocument.Parse(create.Body);
        return json.RootElement.GetProperty("metadata").GetProperty("name").GetString()!;
    }

    private async Task<FakeRequest> RecordAsync(EventRegarding? regarding = null, EventType type = EventType.Warning, string note = "it broke")
    {
        var record = _recorder.RecordAsync(regarding ?? Regarding, type, "Failed", "Create", note, Cancellation);
        var request = await _server.NextAsync();
        await request.RespondAsync("{}", 201);
        await record;
        return request;
    }
}
