using System.Globalization;
using System.Text;
using InfraOperator.Kubernetes.Events;
using InfraOperator.Kubernetes.Requests;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Kubernetes;

/// <summary>
/// Writes events (events.k8s.io/v1), which <c>kubectl describe</c> shows under the object. An event is a courtesy: what goes
/// wrong is logged and never stops the caller. Thread-safe.
/// </summary>
public sealed partial class EventRecorder
{
    private const int LongestNote = 1024;
    private const int LongestName = 253;

    private readonly KubernetesApi _api;
    private readonly string _reportingController;
    private readonly string _reportingInstance;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRecorder> _logger;
    private readonly RecentEvents _recent;

    /// <summary>Prepares a recorder.</summary>
    /// <param name="api">The cluster.</param>
    /// <param name="reportingController">Who reports: a qualified name such as <c>example.com/controller</c>.</param>
    /// <param name="reportingInstance">Which copy of it reports, such as the name of its pod; cut at 128 characters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures are logged.</param>
    public EventRecorder(KubernetesApi api, string reportingController, string reportingInstance, TimeProvider time, ILogger<EventRecorder> logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(reportingController);
        ArgumentException.ThrowIfNullOrEmpty(reportingInstance);
        _api = api;
        _reportingController = reportingController;
        _reportingInstance = reportingInstance.Length <= 128 ? reportingInstance : reportingInstance[..128];
        _time = time;
        _logger = logger;
        _recent = new RecentEvents(time);
    }

    /// <summary>
    /// Records an event. The same one about the same object again (type, reason and note) within six minutes becomes a series:
    /// a count on the first, no further object. An event that the namespace cannot take any more because it is being deleted
    /// or gone is dropped.
    /// </summary>
    /// <param name="regarding">The object it is about.</param>
    /// <param name="type">Whether it is good news.</param>
    /// <param name="reason">Why, as one CamelCase word.</param>
    /// <param name="action">What was being done, as one CamelCase word.</param>
    /// <param name="note">What happened, for people; cut at 1,024 bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RecordAsync(EventRegarding regarding, EventType type, string reason, string action, string note, CancellationToken cancellationToken)
    {
        note = Cut(note, LongestNote);
        var ns = regarding.Namespace.Length == 0 ? "default" : regarding.Namespace;
        var key = EventKey.Of(regarding.Uid, type, reason, note);
        try
        {
            if (_recent.Again(key) is { } again && await TryLengthenAsync(ns, again, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            var name = NewName(regarding.Name);
            var created = new RecordedEvent(
                ResourceKind.Event.ApiVersion,
                ResourceKind.Event.Kind,
                new RecordedEventMetadata(name, ns),
                Now(),
                _reportingController,
                _reportingInstance,
                action,
                reason,
                new RecordedEventRegarding(regarding.ApiVersion, regarding.Kind, regarding.Namespace.Length == 0 ? null : ns, regarding.Name, regarding.Uid, regarding.ResourceVersion),
                note,
                type.ToString());
            await _api.CreateAsync(ResourceKind.Event, ns, created, ApiJson.Default.RecordedEvent, cancellationToken).ConfigureAwait(false);
            _recent.First(key, name);
        }
        catch (KubernetesApiException exception) when (exception.Failure is KubernetesFailure.NamespaceTerminating or KubernetesFailure.NotFound)
        {
            LogDebugDropped(_logger, reason, ns, regarding.Name, exception.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogWarningNotRecorded(_logger, reason, ns, regarding.Name, exception.Message);
        }
    }

    /// <summary>False if the event of which this would be a repetition is no longer there: the server keeps events for an hour.</summary>
    private async Task<bool> TryLengthenAsync(string ns, RecentEvent again, CancellationToken cancellationToken)
    {
        try
        {
            var patch = new SeriesPatch(new EventSeries(again.Count, Now()));
            await _api.MergePatchAsync(ResourceKind.Event, ns, again.Name, patch, ApiJson.Default.SeriesPatch, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.NotFound)
        {
            return false;
        }
    }

    private string Now() => _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private static string NewName(string regarding)
    {
        var suffix = "." + Guid.NewGuid().ToString("N")[..16];
        var room = LongestName - suffix.Length;
        return (regarding.Length <= room ? regarding : regarding[..room].TrimEnd('.', '-')) + suffix;
    }

    private static string Cut(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        const string Ellipsis = "…";
        var left = bytes - Encoding.UTF8.GetByteCount(Ellipsis);
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length] + Ellipsis;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Reason} of {Namespace}/{Name} is dropped: {Failure}")]
    private static partial void LogDebugDropped(ILogger logger, string reason, string @namespace, string name, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Reason} of {Namespace}/{Name} could not be recorded: {Failure}")]
    private static partial void LogWarningNotRecorded(ILogger logger, string reason, string @namespace, string name, string failure);
}
