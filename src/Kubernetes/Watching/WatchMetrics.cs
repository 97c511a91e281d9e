using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace InfraOperator.Kubernetes.Watching;

/// <summary>Counts what the watches of a cluster hear, and how often they have to begin again.</summary>
internal sealed class WatchMetrics
{
    public const string MeterName = "InfraOperator.Kubernetes";

    private readonly Counter<long> _events;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _relists;

    public WatchMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _events = meter.CreateCounter<long>("infra_operator.watch.events", description: "Events that watches sent, bookmarks among them.");
        _reconnects = meter.CreateCounter<long>("infra_operator.watch.reconnects", description: "Watches that ended, so that another one follows.");
        _relists = meter.CreateCounter<long>("infra_operator.watch.relists", description: "Times a whole collection was read again because history was lost.");
    }

    public void Heard(ResourceKind kind, WatchEventType type) => _events.Add(1, new TagList { { "kind", kind.Kind }, { "type", type.ToString() } });

    public void Reconnecting(ResourceKind kind, WatchEnd reason) => _reconnects.Add(1, new TagList { { "kind", kind.Kind }, { "reason", reason.ToString() } });

    public void Relisted(ResourceKind kind) => _relists.Add(1, new KeyValuePair<string, object?>("kind", kind.Kind));
}

/// <summary>Why a watch ended.</summary>
internal enum WatchEnd
{
    /// <summary>The server ended it in good order, as it does every few minutes.</summary>
    Ended,

    /// <summary>The server has forgotten what came after the last event.</summary>
    Gone,

    /// <summary>The server refused, broke off, fell silent or talked nonsense.</summary>
    Failed,

    /// <summary>What was heard could not be handed over.</summary>
    NotTaken,

    /// <summary>The handler asked for everything again.</summary>
    Interrupted,
}
