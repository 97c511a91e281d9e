namespace InfraOperator.Kubernetes;

/// <summary>An event of events.k8s.io/v1 as it is created.</summary>
internal sealed record RecordedEvent(
    string ApiVersion,
    string Kind,
    RecordedEventMetadata Metadata,
    string EventTime,
    string ReportingController,
    string ReportingInstance,
    string Action,
    string Reason,
    RecordedEventRegarding Regarding,
    string Note,
    string Type);

internal sealed record RecordedEventMetadata(string Name, string Namespace);

internal sealed record RecordedEventRegarding(string ApiVersion, string Kind, string? Namespace, string Name, string Uid, string ResourceVersion);

/// <summary>The merge patch that makes an event a series, or a series longer.</summary>
internal sealed record SeriesPatch(EventSeries Series);

internal sealed record EventSeries(int Count, string LastObservedTime);
