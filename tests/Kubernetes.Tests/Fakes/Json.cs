using System.Text.Json;
using System.Text.Json.Serialization;

namespace InfraOperator.Kubernetes.Tests.Fakes;

/// <summary>An object as the tests read it.</summary>
internal sealed record Widget(WidgetMetadata Metadata, WidgetSpec? Spec);

internal sealed record WidgetMetadata(string Name, string Namespace, string Uid, string ResourceVersion);

internal sealed record WidgetSpec(int Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Widget))]
internal sealed partial class WidgetJson : JsonSerializerContext;

/// <summary>JSON as the API server writes it.</summary>
internal static class Json
{
    public const string InitialEventsEnd = "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"},";

    public static readonly ResourceKind Kind = new("example.com", "v1", "widgets", "Widget");

    public static readonly WatchedKind<Widget> Watched = new(
        Kind,
        WidgetJson.Default.Widget,
        widget => new ObjectReference(widget.Metadata.Namespace, widget.Metadata.Name, widget.Metadata.Uid, widget.Metadata.ResourceVersion));

    public static string Widget(string name, int resourceVersion, string uid = "u1", string spec = "{\"size\":1}", string ns = "default") =>
        $$$"""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{} } }],"name":"{{{name}}}","namespace":"{{{ns}}}","resourceVersion":"{{{resourceVersion}}}","uid":"{{{uid}}}"},"spec":{{{spec}}}}""";

    public static string Bookmark(int resourceVersion, bool initialEventsEnd = false) =>
        $$$"""{"kind":"Widget","apiVersion":"example.com/v1","metadata":{{{{(initialEventsEnd ? InitialEventsEnd : "")}}}"resourceVersion":"{{{resourceVersion}}}","creationTimestamp":null}}""";

    public static string List(int resourceVersion, string continueToken, params IEnumerable<string> items) =>
        $$$"""{"apiVersion":"example.com/v1","items":[{{{string.Join(',', items)}}}],"kind":"WidgetList","metadata":{"continue":"{{{continueToken}}}","resourceVersion":"{{{resourceVersion}}}"}}""" + "\n";

    public static string Status(int code, string reason, string message = "no", string details = "{}") =>
        $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":{{{JsonSerializer.Serialize(message)}}},"reason":"{{{reason}}}","details":{{{details}}},"code":{{{code}}}}""";
}
