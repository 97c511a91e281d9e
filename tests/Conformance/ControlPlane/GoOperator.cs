using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// What the Go operator leaves in a cluster: its definitions, cut down to names, versions and fields, and objects with the
/// finalizer and the status that it writes.
/// </summary>
public static class GoOperator
{
    private const string Text = """{"type":"string"}""";
    private const string Time = """{"type":"string","format":"date-time"}""";
    private const string Conditions = $$"""
        {"type":"array","items":{"type":"object","required":["lastTransitionTime","message","reason","status","type"],"properties":{
          "lastTransitionTime":{{Time}},"message":{{Text}},"observedGeneration":{"type":"integer","format":"int64"},"reason":{{Text}},
          "status":{"type":"string","enum":["True","False","Unknown"]},"type":{{Text}} } } }
        """;

    private const string Secret = $$"""{"type":"object","required":["key","name"],"properties":{"key":{{Text}},"name":{{Text}},"namespace":{{Text}} } }""";

    private const string Repositories = $$"""
        {"type":"object","properties":{
          "spec":{"type":"object","required":["providerRef","repositoryName"],"properties":{
            "deletionPolicy":{{Text}},
            "encryptionConfiguration":{"type":"object","required":["encryptionType"],"properties":{"encryptionType":{{Text}},"kmsKey":{{Text}} } },
            "imageTagMutability":{{Text}},
            "lifecyclePolicy":{"type":"object","required":["policyText"],"properties":{"policyText":{{Text}} } },
            "providerRef":{"type":"object","required":["name"],"properties":{"name":{{Text}},"namespace":{{Text}} } },
            "repositoryName":{{Text}},
            "scanOnPush":{"type":"boolean"},
            "tags":{"type":"object","additionalProperties":{{Text}} } } },
          "status":{"type":"object","required":["ready"],"properties":{
            "conditions":{{Conditions}},"createdAt":{{Time}},"imageCount":{"type":"integer","format":"int64"},"lastSyncTime":{{Time}},"ready":{"type":"boolean"},
            "registryId":{{Text}},"repositoryArn":{{Text}},"repositoryUri":{{Text}} } } } }
        """;

    private const string Providers = $$"""
        {"type":"object","properties":{
          "spec":{"type":"object","required":["region"],"properties":{
            "accessKeyIDRef":{{Secret}},"secretAccessKeyRef":{{Secret}},
            "credentialsSecret":{"type":"object","required":["name"],"properties":{"name":{{Text}},"namespace":{{Text}} } },
            "assumeRoleARN":{{Text}},"externalID":{{Text}},"roleARN":{{Text}},"endpoint":{{Text}},"region":{{Text}},
            "defaultTags":{"type":"object","additionalProperties":{{Text}} } } },
          "status":{"type":"object","properties":{
            "accountID":{{Text}},"callerIdentity":{{Text}},"conditions":{{Conditions}},"lastAuthenticationTime":{{Time}},"ready":{"type":"boolean"} } } } }
        """;

    /// <summary>Its two definitions.</summary>
    public static IReadOnlyList<JsonObject> Definitions =>
    [
        Definition(AWSProvider.Kind, AWSProvider.Plural, "awsp", Providers),
        Definition(ECRRepository.Kind, ECRRepository.Plural, "ecr", Repositories),
    ];

    /// <summary>Installs its definitions, in the place of ours where those are there, and waits until they are what is served.</summary>
    public static async Task InstallAsync(KubernetesObjects objects)
    {
        foreach (var definition in Definitions)
        {
            await objects.ApplyAsync(definition);
        }

        await objects.UntilDocumentAsync(document => Fields(document, ECRRepository.Kind, "spec") is { } spec && !spec.ContainsKey("adoptionPolicy") && Fields(document, AWSProvider.Kind, "status") is { } status && !status.ContainsKey("message"));
    }

    /// <summary>The fields of a part of a kind in the API server's own document; null while it does not know the kind, or any.</summary>
    public static JsonObject? Fields(JsonObject document, string kind, string part) =>
        (document["components"]?["schemas"] as JsonObject ?? []).FirstOrDefault(schema => schema.Key.EndsWith($".{kind}", StringComparison.Ordinal)).Value?["properties"]?[part]?["properties"]?.AsObject();

    /// <summary>The status that it writes of a repository in order.</summary>
    public static JsonObject RepositoryStatus(Amazon.ECR.Model.Repository repository) => new()
    {
        ["status"] = new JsonObject
        {
            ["ready"] = true,
            ["repositoryArn"] = repository.RepositoryArn,
            ["repositoryUri"] = repository.RepositoryUri,
            ["registryId"] = repository.RegistryId,
            ["imageCount"] = 1,
            ["createdAt"] = "2025-01-01T00:00:00Z",
            ["lastSyncTime"] = "2025-11-01T00:00:00Z",
            ["conditions"] = new JsonArray(Condition("RepositoryReady", "ECR repository is ready")),
        },
    };

    /// <summary>The status that it writes of a provider in order.</summary>
    public static JsonObject ProviderStatus(string accountId) => new()
    {
        ["status"] = new JsonObject
        {
            ["ready"] = true,
            ["accountID"] = accountId,
            ["callerIdentity"] = $"arn:aws:iam::{accountId}:user/go",
            ["lastAuthenticationTime"] = "2025-11-01T00:00:00Z",
            ["conditions"] = new JsonArray(Condition("AuthenticationSucceeded", "Successfully authenticated")),
        },
    };

    private static JsonObject Condition(string reason, string message) => new()
    {
        ["type"] = "Ready",
        ["status"] = "True",
        ["reason"] = reason,
        ["message"] = message,
        ["observedGeneration"] = 1,
        ["lastTransitionTime"] = "2025-01-01T00:00:00Z",
    };

    private static JsonObject Definition(string kind, string plural, string shortName, string schema) => JsonNode.Parse($$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
         "metadata":{"name":"{{plural}}.{{ApiNames.Group}}","annotations":{"controller-gen.kubebuilder.io/version":"v0.19.0"} },
         "spec":{"group":"{{ApiNames.Group}}","scope":"Namespaced",
           "names":{"kind":"{{kind}}","listKind":"{{kind}}List","plural":"{{plural}}","singular":"{{kind.ToLowerInvariant()}}","shortNames":["{{shortName}}"]},
           "versions":[{"name":"{{ApiNames.Version}}","served":true,"storage":true,"subresources":{"status":{} },"schema":{"openAPIV3Schema":{{schema}} } }] } }
        """)!.AsObject();
}
