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
        var (repository, provider) = ((ECRRepository)Filled.Of(typeof(ECRRepository)), (AWSProvider)Filled.Of(typeof(AWSProvider)));
        AssertSurvives(repository with { Malformed = null, Metadata = WithOurs(repository.Metadata) });
        AssertSurvives(provider with { Malformed = null, Metadata = WithOurs(provider.Metadata) });

        static ResourceMetadata WithOurs(ResourceMetadata metadata) => metadata with { Annotations = new ResourceMetadata().Annotations.Add(ApiNames.PausedAnnotation, "true") };
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

    // Which strings take each other's place differs from process to process, so of many pairs most have to share, not each.
    [Fact]
    public void Strings_that_objects_have_in_common_are_mostly_held_once()
    {
        const int pairs = 64;
        int namespaces = 0, policies = 0, keys = 0, values = 0, messages = 0;
        foreach (var number in Enumerable.Range(0, pairs))
        {
            var text = $$$"""{"metadata":{"namespace":"team-{{{number}}}"},"spec":{"repositoryPolicyText":"{\"Version\":\"\u00fc{{{number}}}\"}","tags":{"team-{{{number}}}s":"platform-{{{number}}}"}},"status":{"conditions":[{"message":"all {{{number}}} are well"}]}}""";
            var (one, other) = (Read(text), Read(text));
            Assert.Equal($$$"""{"Version":"ü{{{number}}}"}""", one.Spec.RepositoryPolicyText);
            namespaces += Shared(one.Metadata.Namespace, other.Metadata.Namespace);
            policies += Shared(one.Spec.RepositoryPolicyText, other.Spec.RepositoryPolicyText);
            keys += Shared(one.Spec.Tags!.Keys.Single(), other.Spec.Tags!.Keys.Single());
            values += Shared(one.Spec.Tags.Values.Single(), other.Spec.Tags.Values.Single());
            messages += Shared(one.Status!.Conditions!.Value[0].Message, other.Status!.Conditions!.Value[0].Message);
        }

        Assert.All([namespaces, policies, keys, values, messages], shared => Assert.InRange(shared, pairs / 2, pairs));

        static int Shared(string? one, string? other) => ReferenceEquals(one, other) ? 1 : 0;
    }

    [Fact]
    public void Strings_are_what_was_said_however_many_there_are()
    {
        foreach (var number in Enumerable.Range(0, 20_000))
        {
            Assert.Equal($"name-{number}", Read($$$"""{"metadata":{"name":"name-{{{number}}}"}}""").Metadata.Name);
        }

        var longest = new string('x', 100_000);
        Assert.Equal(longest, Read($$$"""{"metadata":{"name":"{{{longest}}}"}}""").Metadata.Name);
        Assert.Equal("", Read("""{"metadata":{"name":""}}""").Metadata.Name);
        Assert.Null(Read("""{"spec":{"imageTagMutability":null}}""").Spec.ImageTagMutability);
        Assert.Throws<JsonException>(() => Read("""{"metadata":{"name":null}}"""));
        Assert.ThrowsAny<Exception>(() => Read("""{"metadata":{"name":7}}"""));
    }

    [Fact]
    public void Others_annotations_are_passed_by()
    {
        var annotations = Read(
            """
            {"metadata":{"name":"n","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","force-sync":"1","example.com/force-sync":"2",
            "aws-infra-operator.runner.codes/paused":"true","aws-infra-operator.runner.codes/later":"3"},"uid":"u"}}
            """).Metadata;
        Assert.Equal(["aws-infra-operator.runner.codes/later", "aws-infra-operator.runner.codes/paused", "force-sync"], annotations.Annotations.Keys.Order(StringComparer.Ordinal));
        Assert.True(annotations.IsPaused);
        Assert.Equal("1|", annotations.ForceSync);
        Assert.Equal("u", annotations.Uid);
        Assert.Throws<JsonException>(() => Read("""{"metadata":{"annotations":[]}}"""));
    }

    [Fact]
    public void Nothing_is_written_of_what_was_not_said()
    {
        Assert.Equal("""{"ready":false}""", ResourceJson.ToJson(new ECRRepositoryStatus()).ToJsonString());
        Assert.Equal(["name", "namespace", "uid", "resourceVersion", "generation", "finalizers", "annotations"], ResourceJson.ToJson(new ResourceMetadata()).Select(member => member.Key));
    }

    private static ECRRepository Read(string text) => JsonSerializer.Deserialize(text, ResourceJson.ECRRepository)!;

    private static void AssertSurvives<T>(T value)
        where T : class
    {
        var info = typeof(T) == typeof(ECRRepository) ? (System.Text.Json.Serialization.Metadata.JsonTypeInfo)ResourceJson.ECRRepository : ResourceJson.AWSProvider;
        Assert.Equal(Described.Text(value), Described.Text(JsonSerializer.Deserialize(ResourceJson.ToJson(value).ToJsonString(), info)));
    }
}
