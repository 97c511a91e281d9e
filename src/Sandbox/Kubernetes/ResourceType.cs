using System.Text.Json.Nodes;

namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>One column of <c>kubectl get</c>; priority 1 and up only with <c>-o wide</c>.</summary>
internal sealed record PrinterColumn(string Name, string Type, string Path, int Priority = 0, string Format = "", string? Description = null);

/// <summary>One kind in one version: its names, its scope and what the server knows about its objects.</summary>
internal sealed class ResourceType
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Kind { get; init; }

    public string Singular { get => field ?? Kind.ToLowerInvariant(); init; }

    public string ListKind { get => field ?? Kind + "List"; init; }

    public bool Namespaced { get; init; } = true;

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public bool HasStatus { get; init; }

    /// <summary>Whether metadata.generation counts the changes of everything but metadata and status.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>The schema of a custom kind; built-in kinds are stored as they come, except for <see cref="BuiltInRules"/>.</summary>
    public StructuralSchema? Schema { get; init; }

    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [new("Age", "date", ".metadata.creationTimestamp")];

    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Field names of storage and of this version, where they differ: events.k8s.io/v1 shows core/v1 events under other names.</summary>
    public IReadOnlyDictionary<string, string> Renames { get; init; } = new Dictionary<string, string>();

    public bool Custom => Schema is not null;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>plural.group</c>, as messages name a resource.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The name of the storage that holds the objects; shared by all versions of a kind.</summary>
    public string Storage => Renames.Count > 0 ? Plural : QualifiedName;

    /// <summary>The stored object as this version shows it; the object itself where nothing differs.</summary>
    public JsonObject Present(JsonObject stored) => (string?)stored["apiVersion"] == ApiVersion ? stored : Rename(stored, Renames, ApiVersion);

    /// <summary>The opposite of <see cref="Present"/>.</summary>
    public JsonObject Store(JsonObject shown) =>
        Renames.Count == 0 ? shown : Rename(shown, Renames.ToDictionary(pair => pair.Value, pair => pair.Key), Version);

    private static JsonObject Rename(JsonObject from, IReadOnlyDictionary<string, string> names, string apiVersion)
    {
        var to = new JsonObject();
        foreach (var (name, value) in from)
        {
            to[names.GetValueOrDefault(name, name)] = name == "apiVersion" ? apiVersion : value?.DeepClone();
        }

        return to;
    }

    /// <summary>The kinds that a CustomResourceDefinition defines, one for each served version.</summary>
    public static IEnumerable<ResourceType> Define(JsonObject crd)
    {
        var spec = crd["spec"]!.AsObject();
        var names = spec["names"]!.AsObject();
        foreach (var version in spec["versions"]!.AsArray().Select(item => item!.AsObject()).Where(item => (bool?)item["served"] == true))
        {
            yield return new ResourceType
            {
                Group = (string)spec["group"]!,
                Version = (string)version["name"]!,
                Plural = (string)names["plural"]!,
                Kind = (string)names["kind"]!,
                Singular = (string?)names["singular"] ?? ((string)names["kind"]!).ToLowerInvariant(),
                ListKind = (string?)names["listKind"] ?? (string)names["kind"]! + "List",
                ShortNames = Strings(names["shortNames"]),
                Categories = Strings(names["categories"]),
                Namespaced = (string?)spec["scope"] == "Namespaced",
                HasStatus = version["subresources"]?["status"] is not null,
                HasGeneration = true,
                Schema = new StructuralSchema(version["schema"]?["openAPIV3Schema"]?.AsObject() ?? []),
                SelectableFields = [.. (version["selectableFields"]?.AsArray() ?? []).Select(field => ((string)field!["jsonPath"]!).TrimStart('.'))],
                Columns = version["additionalPrinterColumns"]?.AsArray() is not { Count: > 0 } columns ? [new("Age", "date", ".metadata.creationTimestamp")] :
                [
                    .. columns.Select(column => new PrinterColumn(
                        (string)column!["name"]!, (string)column["type"]!, (string)column["jsonPath"]!,
                        (int)((long?)column["priority"] ?? 0), (string?)column["format"] ?? "", (string?)column["description"])),
                ],
            };
        }

        static IReadOnlyList<string> Strings(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(item => (string)item!)];
    }

    /// <summary>The kinds that are always there.</summary>
    public static IReadOnlyList<ResourceType> BuiltIn()
    {
        PrinterColumn age = new("Age", "date", ".metadata.creationTimestamp");
        PrinterColumn[] events =
        [
            new("Last Seen", "date", ".metadata.creationTimestamp"), new("Type", "string", ".type"), new("Reason", "string", ".reason"),
            new("Object", "string", ".involvedObject.name"), new("Message", "string", ".message"),
        ];
        string[] selectable =
        [
            .. new[] { "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath" }.Select(field => $"involvedObject.{field}"),
            "reason", "reportingComponent", "source", "type",
        ];
        return
        [
            new() { Group = "", Version = "v1", Plural = "namespaces", Kind = "Namespace", Namespaced = false, ShortNames = ["ns"], HasStatus = true, Columns = [new("Status", "string", ".status.phase"), age] },
            new() { Group = "", Version = "v1", Plural = "secrets", Kind = "Secret", Columns = [new("Type", "string", ".type"), age], SelectableFields = ["type"] },
            new() { Group = "", Version = "v1", Plural = "configmaps", Kind = "ConfigMap", ShortNames = ["cm"] },
            new() { Group = "", Version = "v1", Plural = "serviceaccounts", Kind = "ServiceAccount", ShortNames = ["sa"] },
            new() { Group = "", Version = "v1", Plural = "pods", Kind = "Pod", ShortNames = ["po"], Categories = ["all"], HasStatus = true, Columns = [new("Status", "string", ".status.phase"), age], SelectableFields = ["spec.nodeName", "status.phase"] },
            new() { Group = "", Version = "v1", Plural = "events", Kind = "Event", ShortNames = ["ev"], Columns = events, SelectableFields = selectable },
            new()
            {
                Group = "events.k8s.io", Version = "v1", Plural = "events", Kind = "Event", ShortNames = ["ev"],
                Columns = [.. events.Select(column => column with { Path = column.Path.Replace("involvedObject", "regarding", StringComparison.Ordinal).Replace(".message", ".note", StringComparison.Ordinal) })],
                SelectableFields = [.. selectable.Select(field => field.Replace("involvedObject", "regarding", StringComparison.Ordinal))],
                Renames = new Dictionary<string, string>
                {
                    ["involvedObject"] = "regarding",
                    ["message"] = "note",
                    ["source"] = "deprecatedSource",
                    ["firstTimestamp"] = "deprecatedFirstTimestamp",
                    ["lastTimestamp"] = "deprecatedLastTimestamp",
                    ["count"] = "deprecatedCount",
                    ["reportingComponent"] = "reportingController",
                },
            },
            new() { Group = "apps", Version = "v1", Plural = "deployments", Kind = "Deployment", ShortNames = ["deploy"], Categories = ["all"], HasStatus = true, HasGeneration = true },
            new()
            {
                Group = "apiextensions.k8s.io", Version = "v1", Plural = "customresourcedefinitions", Kind = "CustomResourceDefinition", Namespaced = false,
                ShortNames = ["crd", "crds"], Categories = ["api-extensions"], HasStatus = true, HasGeneration = true,
                Columns = [new("Created At", "date", ".metadata.creationTimestamp")],
            },
        ];
    }
}
