using System.Text.Json;
using System.Text.Json.Nodes;

namespace InfraOperator.Abstractions.Tests;

/// <summary>The records speak JSON as Kubernetes does.</summary>
public sealed class JsonTests
{
    [Fact]
    public void The_users_documents_example_status_is_spelled_field_for_field()
    {
        var status = new ECRRepositoryStatus
        {
            RepositoryArn = "arn:aws:ecr:us-east-1:123456789012:repository/app/backend-service",
            RepositoryUri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend-service",
            RegistryId = "123456789012",
            CreationDate = new(2025, 11, 22, 20, 15, 30, 999, TimeSpan.Zero),
            ImageTagMutability = "IMMUTABLE",
            EncryptionType = "AES256",
            ImageScanningConfiguration = new() { ScanOnPush = true },
            Ready = true,
            LastSyncTime = new(2025, 11, 22, 22, 15, 45, TimeSpan.FromHours(2)),
        };
        var expected = JsonNode.Parse(
            """
            {
              "repositoryArn": "arn:aws:ecr:us-east-1:123456789012:repository/app/backend-service",
              "repositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app/backend-service",
              "registryId": "123456789012",
              "creationDate": "2025-11-22T20:15:30Z",
              "imageTagMutability": "IMMUTABLE",
              "encryptionType": "AES256",
              "imageScanningConfiguration": {"scanOnPush": true},
              "ready": true,
              "lastSyncTime": "2025-11-22T20:15:45Z"
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, ResourceJson.ToJson(status)), ResourceJson.ToJson(status).ToJsonString());
    }

    [Fact]
    public void An_object_with_every_field_survives()
    {
        AssertSurvives((ECRRepository)Filled.Of(typeof(ECRRepository)) with { Malformed = null });
        AssertSurvives((AWSProvider)Filled.Of(typeof(AWSProvider)) with { Malformed = null });
    }

    [Fact]
    public void Absent_fields_keep_their_defaults_and_unknown_ones_are_passed_over()
    {
        var repository = JsonSerializer.Deserialize(
            """{"apiVersion":"x","kind":"y","metadata":{"name":"n","managedFields":[{}]},"spec":{"providerRef":{"name":"p"},"repositoryName":"r","later":{"a":1}}}""",
            ResourceJson.ECRRepository)!;
        Assert.Equal("n", repository.Metadata.Name);
        Assert.Empty(repository.Metadata.Finalizers);
        Assert.Empty(repository.Metadata.Annotations);
        Assert.Null(repository.Spec.Tags);
        Assert.Null(repository.Status);
        Assert.False(repository.Metadata.IsDeleting);
    }

    [Fact]
    public void Nothing_is_written_of_what_was_not_said()
    {
        Assert.Equal("""{"ready":false}""", ResourceJson.ToJson(new ECRRepositoryStatus()).ToJsonString());
        Assert.Equal(["name", "namespace", "uid", "resourceVersion", "generation", "finalizers", "annotations"], ResourceJson.ToJson(new ResourceMetadata()).Select(member => member.Key));
    }

    private static void AssertSurvives<T>(T value)
        where T : class
    {
        var info = typeof(T) == typeof(ECRRepository) ? (System.Text.Json.Serialization.Metadata.JsonTypeInfo)ResourceJson.ECRRepository : ResourceJson.AWSProvider;
        Assert.Equal(Described.Text(value), Described.Text(JsonSerializer.Deserialize(ResourceJson.ToJson(value).ToJsonString(), info)));
    }
}
