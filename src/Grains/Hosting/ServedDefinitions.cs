using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using InfraOperator.Abstractions;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Hosting;

/// <summary>
/// Whether the API server serves our kinds with everything that this version needs. Under an older definition a wish would be
/// dropped on its way in and our record of what is ours on its way out, both without a word; so nothing is begun under one.
/// A newer definition, and one that keeps whatever is written, will do.
/// </summary>
/// <param name="api">The API server.</param>
public sealed class ServedDefinitions(KubernetesApi api)
{
    private const int FieldsNamed = 8;
    private const string Mend =
        "Apply the definitions of this version, kubectl apply -f helm/infra-operator/crds (Helm installs the folder crds/ once and never upgrades it), and start again";

    private static readonly (ResourceKind Kind, JsonTypeInfo Json)[] Kinds =
        [(ResourceKinds.AWSProvider, ResourceJson.AWSProvider), (ResourceKinds.ECRRepository, ResourceJson.ECRRepository)];

    private bool _served;

    /// <summary>Asks the API server, until it has once been found in order.</summary>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>Which definition lacks what, and the mend; null where nothing is lacking.</returns>
    /// <exception cref="KubernetesApiException">The server refused or did not answer, so nothing is known.</exception>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (_served)
        {
            return null;
        }

        var problems = new List<string>();
        foreach (var (kind, json) in Kinds)
        {
            if (Problem(kind, json, await api.FindSchemaAsync(kind, cancellationToken)) is { } problem)
            {
                problems.Add(problem);
            }
        }

        _served = problems.Count == 0;
        return _served ? null : $"{string.Join("; ", problems)}. {Mend}.";
    }

    /// <summary>What one kind's definition lacks; null: nothing.</summary>
    internal static string? Problem(ResourceKind kind, JsonTypeInfo json, ServedSchema? schema)
    {
        var name = $"CustomResourceDefinition {kind}";
        if (schema is null)
        {
            return $"{name} is not installed, or does not serve {kind.Version}";
        }

        // Where a field is missing, those within it are no news.
        var missing = new List<string>();
        foreach (var field in RequiredFields.Of(json).Where(field => !schema.Keeps(field)).Select(field => string.Join('.', field.Where(part => part != ServedSchema.Each))))
        {
            if (!missing.Exists(outer => field.StartsWith(outer + '.', StringComparison.Ordinal)))
            {
                missing.Add(field);
            }
        }

        List<string> lacks =
        [
            .. missing.Count == 0 ? [] : new[] { $"it would drop {string.Join(", ", missing.Take(FieldsNamed))}{(missing.Count > FieldsNamed ? $" and {missing.Count - FieldsNamed} more" : "")} without a word" },
            .. schema.HasStatusSubresource ? [] : new[] { "it has no status subresource" },
            .. !schema.Names("status") || IsPending(schema.DefaultOf("status")) ? [] : new[] { $"it gives a new object no status {ConditionTypes.Ready}={ConditionStatus.Unknown}, reason {Reasons.Pending}" },
        ];
        return lacks.Count == 0 ? null : $"{name} is older than this version of the operator: {string.Join(", ", lacks)}";
    }

    // First sight costs no write, because the schema says "nobody has looked yet".
    private static bool IsPending(JsonNode? status) => status?["conditions"] is JsonArray conditions && conditions.Any(condition =>
        ((string?)condition?["type"], (string?)condition?["status"], (string?)condition?["reason"]) == (ConditionTypes.Ready, ConditionStatus.Unknown, Reasons.Pending));
}
