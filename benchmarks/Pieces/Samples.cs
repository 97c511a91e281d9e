using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Benchmarks.Pieces;

/// <summary>One repository as the API server, AWS and the planner know it, with all that the documentation's complete example has.</summary>
internal static class Samples
{
    public static readonly ResourceKey Key = new("benchmark", "team-a", "orders");

    private static readonly DateTimeOffset Created = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>An event of the object, in sync, as a watch brings it.</summary>
    public static byte[] Event { get; } = Encoding.UTF8.GetBytes($$$"""{"type":"MODIFIED","object":{{{Json("orders")}}}}""");

    /// <summary>The object, in sync.</summary>
    /// <param name="name">Its name.</param>
    public static ECRRepository Repository(string name = "orders") => Read(Encoding.UTF8.GetBytes(Json(name)));

    /// <summary>An object from its JSON.</summary>
    public static ECRRepository Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, ResourceJson.ECRRepository)!;

    /// <summary>What the object asks for.</summary>
    public static DesiredRepository Desired { get; } = DesiredRepository.From(Repository(), Key, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>What is ours.</summary>
    public static Owned Owned { get; } = Owned.From(Repository().Status);

    /// <summary>AWS as the object asks for.</summary>
    public static ObservedRepository Settled { get; } = new()
    {
        Arn = Repository().Status!.RepositoryArn!,
        Uri = Repository().Status!.RepositoryUri!,
        RegistryId = "111111111111",
        CreationDate = Created,
        ImageTagMutability = "IMMUTABLE",
        ScanOnPush = true,
        EncryptionType = "AES256",
        Tags = Desired.Tags.SetItem(ApiNames.OwnerTag, Desired.OwnerTag),
        LifecyclePolicy = new(true, Repositories.Lifecycle),
        RepositoryPolicy = new(true, Repositories.Policy),
        Images = new(3, 1000, false),
    };

    /// <summary>AWS after somebody changed a tag, the scanning and the lifecycle policy.</summary>
    public static ObservedRepository Differing { get; } = Settled with
    {
        ScanOnPush = false,
        Tags = Settled.Tags!.SetItem("team", "another"),
        LifecyclePolicy = new(true, Repositories.Lifecycle.Replace(":10", ":20", StringComparison.Ordinal)),
    };

    /// <summary>The JSON of the object, in sync.</summary>
    /// <param name="name">Its name.</param>
    public static string Json(string name)
    {
        var (lifecycle, policy) = (Aws.LifecyclePolicy.Parse(Repositories.Lifecycle).Fingerprint, Aws.RepositoryPolicy.Parse(Repositories.Policy).Fingerprint);
        return $$$$$$"""
            {"apiVersion":"aws-infra-operator.runner.codes/v1alpha1","kind":"ECRRepository","metadata":{"creationTimestamp":"2026-01-02T03:04:05Z",
            "finalizers":["aws-infra-operator.runner.codes/finalizer"],"generation":1,"labels":{"app":"orders"},"managedFields":[{"apiVersion":"aws-infra-operator.runner.codes/v1alpha1",
            "fieldsType":"FieldsV1","fieldsV1":{"f:spec":{".":{},"f:adoptionPolicy":{},"f:deletionPolicy":{},"f:encryptionConfiguration":{".":{},"f:encryptionType":{}},"f:imageTagMutability":{},
            "f:lifecyclePolicy":{".":{},"f:policyText":{}},"f:providerRef":{".":{},"f:name":{}},"f:repositoryName":{},"f:repositoryPolicyText":{},"f:scanOnPush":{},"f:tags":{".":{},"f:environment":{},
            "f:team":{}}}},"manager":"kubectl","operation":"Apply","time":"2026-01-02T03:04:05Z"}],"name":"{{{{{{name}}}}}}","namespace":"team-a","resourceVersion":"4711","uid":"0f0e0d0c-0b0a-0908-0706-050403020100"},
            "spec":{"providerRef":{"name":"benchmark"},"repositoryName":"{{{{{{name}}}}}}","imageTagMutability":"IMMUTABLE","scanOnPush":true,"encryptionConfiguration":{"encryptionType":"AES256"},
            "tags":{"environment":"test","team":"platform"},"deletionPolicy":"Delete","adoptionPolicy":"AdoptOrCreate","lifecyclePolicy":{"policyText":{{{{{{JsonSerializer.Serialize(Repositories.Lifecycle)}}}}}}},
            "repositoryPolicyText":{{{{{{JsonSerializer.Serialize(Repositories.Policy)}}}}}}},
            "status":{"repositoryArn":"arn:aws:ecr:us-east-1:111111111111:repository/{{{{{{name}}}}}}","repositoryUri":"111111111111.dkr.ecr.us-east-1.amazonaws.com/{{{{{{name}}}}}}","registryId":"111111111111",
            "creationDate":"2026-01-02T03:04:05Z","imageTagMutability":"IMMUTABLE","encryptionType":"AES256","imageScanningConfiguration":{"scanOnPush":true},"imageCount":3,"imageSizeBytes":1000,"ready":true,
            "lastSyncTime":"2026-01-02T03:04:05Z","origin":"Created","observedGeneration":1,"appliedGeneration":1,"owned":{"fields":["imageTagMutability","scanOnPush"],"tagKeys":["environment","team"],
            "lifecyclePolicy":{"wanted":"{{{{{{lifecycle}}}}}}","observed":"{{{{{{lifecycle}}}}}}"},
            "repositoryPolicy":{"wanted":"{{{{{{policy}}}}}}","observed":"{{{{{{policy}}}}}}"}},
            "conditions":[{"type":"Ready","status":"True","reason":"Available","message":"the repository can be used","lastTransitionTime":"2026-01-02T03:04:05Z","observedGeneration":1},
            {"type":"Synced","status":"True","reason":"Available","message":"the whole spec holds in AWS","lastTransitionTime":"2026-01-02T03:04:05Z","observedGeneration":1}]}}
            """.ReplaceLineEndings("");
    }
}
