using System.Text.Json.Nodes;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.Chart;

/// <summary>One thing that a role allows.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The resource, with its subresource where it is of one.</param>
/// <param name="Verb">The verb.</param>
/// <param name="ResourceName">The only object that it is allowed of; empty for all.</param>
internal sealed record Right(string Group, string Resource, string Verb, string ResourceName = "")
{
    /// <summary>All that the rules of a role allow, one by one.</summary>
    public static IReadOnlyList<Right> Of(JsonObject role) =>
    [
        .. from rule in role["rules"]!.AsArray()
           from @group in Texts(rule!["apiGroups"])
           from resource in Texts(rule["resources"])
           from verb in Texts(rule["verbs"])
           from name in rule["resourceNames"] is { } names ? Texts(names) : [""]
           select new Right(@group, resource, verb, name),
    ];

    /// <summary>What it takes to have a request to Kubernetes served.</summary>
    public static Right Of(RecordedRequest request) => request.Operation.Split(' ') is [var verb, var resource]
        ? new(request.Group, resource, verb)
        : throw new InvalidOperationException($"No right is known for '{request.Operation}'.");

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(item => (string)item!);
}
