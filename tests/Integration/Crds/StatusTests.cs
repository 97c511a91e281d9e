using System.Net;
using System.Text.Json.Nodes;

namespace InfraOperator.Integration.Crds;

/// <summary>The status that nobody has written yet, and the one that the operator writes.</summary>
public sealed class StatusTests(CrdFixture fixture) : IClassFixture<CrdFixture>
{
    private const string Condition = """ {"type":"Ready","status":"True","reason":"Available","message":"m","lastTransitionTime":"2025-11-22T20:15:45Z","observedGeneration":1} """;

    private const string RepositoryStatus =
        """
        {
          "ready": true, "repositoryArn": "a", "repositoryUri": "u", "registryId": "123456789012", "creationDate": "2025-11-22T20:15:30Z",
          "imageTagMutability": "IMMUTABLE", "encryptionType": "KMS", "kmsKey": "k", "imageScanningConfiguration": {"scanOnPush": true},
          "imageCount": 3, "imageSizeBytes": 5000000000, "origin": "Created", "lastSyncTime": "2025-11-22T20:15:45Z", "message": "",
          "observedGeneration": 1, "appliedGeneration": 1, "lastHandledForceSync": "1|2",
          "lifecyclePreview": {"token": "t", "state": "COMPLETE", "expiring": 2, "sample": ["v1"]},
          "drift": [{"field": "scanOnPush", "expected": "true", "actual": "false"}],
          "owned": {"fields": ["scanOnPush"], "tagKeys": ["a"], "lifecyclePolicy": {"wanted": "w", "observed": "o"}, "repositoryPolicy": {"wanted": "w", "observed": "o"}},
          "conditions": [CONDITION]
        }
        """;

    private const string ProviderStatus =
        """
        {
          "ready": true, "accountID": "123456789012", "region": "us-east-1", "endpoint": "http://localhost:1", "callerIdentity": "arn",
          "lastAuthenticationTime": "2025-11-22T20:15:45Z", "lastSweepTime": "2025-11-22T20:15:45Z", "repositoryCount": 2, "message": "",
          "lastHandledForceSync": "1|", "observedGeneration": 1, "conditions": [CONDITION]
        }
        """;

    [Theory]
    [InlineData("AWSProvider", "{region: us-east-1}", "Ready")]
    [InlineData("ECRRepository", "{providerRef: {name: p}, repositoryName: app/backend}", "Ready,Synced")]
    public async Task A_new_object_is_Pending_without_a_write_by_anyone(string kind, string spec, string conditions)
    {
        var created = (await fixture.CreateAsync(kind, "new", spec)).Success;

        var read = (await fixture.Server.GetAsync(fixture.PathOf(kind, "new"))).Success;
        var yaml = await Kubectl.RunAsync("get", kind, "new", "-n", fixture.Namespace, "-o", "yaml");

        AssertPending(read, conditions);
        Assert.Contains("reason: Pending", yaml);
        Assert.Equal((string?)created["metadata"]!["resourceVersion"], (string?)read["metadata"]!["resourceVersion"]);
        Assert.Null(read["status"]!["observedGeneration"]);
    }

    [Fact]
    public async Task A_watch_and_a_list_show_the_default_too()
    {
        _ = (await fixture.CreateAsync("ECRRepository", "seen", "{providerRef: {name: p}, repositoryName: app/backend}")).Success;
        var path = $"{CustomResourceDefinitions.PathOf("ECRRepository", fixture.Namespace)}?fieldSelector=metadata.name=seen";

        var list = (await fixture.Server.GetAsync(path)).Success;

        AssertPending(Assert.Single(list["items"]!.AsArray())!, "Ready,Synced");
        await foreach (var change in fixture.Server.WatchAsync($"{path}&watch=true&timeoutSeconds=30"))
        {
            Assert.Equal("ADDED", (string?)change["type"]);
            AssertPending(change["object"]!, "Ready,Synced");
            break;
        }
    }

    [Fact]
    public async Task kubectl_wait_understands_the_default()
    {
        _ = (await fixture.CreateAsync("ECRRepository", "waited", "{providerRef: {name: p}, repositoryName: app/backend}")).Success;

        var output = await Kubectl.RunAsync("wait", "--for=condition=Ready=Unknown", "ecr/waited", "-n", fixture.Namespace, "--timeout=10s");

        Assert.Contains("condition met", output);
    }

    [Theory]
    [InlineData("AWSProvider", "{region: us-east-1}", ProviderStatus)]
    [InlineData("ECRRepository", "{providerRef: {name: p}, repositoryName: app/backend}", RepositoryStatus)]
    public async Task Every_field_that_the_operator_writes_is_kept(string kind, string spec, string status)
    {
        status = status.Replace("CONDITION", Condition, StringComparison.Ordinal);
        _ = (await fixture.CreateAsync(kind, "full", spec)).Success;

        _ = (await fixture.Server.MergePatchAsync($"{fixture.PathOf(kind, "full")}/status?fieldValidation=Strict", $$"""{"status":{{status}}}""")).Success;

        var stored = (await fixture.Server.GetAsync(fixture.PathOf(kind, "full"))).Success["status"];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(status), stored), stored!.ToJsonString());
    }

    [Fact]
    public async Task Status_is_written_by_its_subresource_only_and_counts_no_generation()
    {
        _ = (await fixture.CreateAsync("ECRRepository", "apart", "{providerRef: {name: p}, repositoryName: app/backend}")).Success;
        var path = fixture.PathOf("ECRRepository", "apart");

        var ignored = (await fixture.Server.MergePatchAsync(path, """{"status":{"message":"by mistake"}}""")).Success;
        var written = (await fixture.Server.MergePatchAsync($"{path}/status", """{"status":{"message":"found"},"spec":{"repositoryName":"other"}}""")).Success;

        AssertPending(ignored, "Ready,Synced");
        Assert.Equal("found", (string?)written["status"]!["message"]);
        Assert.Equal("app/backend", (string?)written["spec"]!["repositoryName"]);
        Assert.Equal(1, (int?)written["metadata"]!["generation"]);
    }

    [Theory]
    [InlineData("drift", "[21]", "status.drift")]
    [InlineData("drift", """[{"field":"a","actual":"LONG"}]""", "status.drift[0].actual")]
    [InlineData("origin", "\"Stolen\"", "status.origin")]
    [InlineData("conditions", """[{"type":"Ready","status":"Maybe","reason":"A","message":"","lastTransitionTime":"2025-11-22T20:15:45Z"}]""", "status.conditions[0].status")]
    [InlineData("conditions", """[{"type":"Ready","status":"True","reason":"","message":"","lastTransitionTime":"2025-11-22T20:15:45Z"}]""", "status.conditions[0].reason")]
    [InlineData("conditions", """[{"type":"Ready","status":"True","reason":"A","message":""}]""", "status.conditions[0].lastTransitionTime")]
    public async Task A_status_out_of_bounds_is_refused(string field, string value, string cause)
    {
        var name = $"bounds-{Guid.NewGuid():N}";
        value = value == "[21]" ? $"[{string.Join(',', Enumerable.Repeat("""{"field":"a"}""", 21))}]" : value.Replace("LONG", new string('a', 257), StringComparison.Ordinal);
        _ = (await fixture.CreateAsync("ECRRepository", name, "{providerRef: {name: p}, repositoryName: app/backend}")).Success;

        var answer = await fixture.Server.MergePatchAsync($"{fixture.PathOf("ECRRepository", name)}/status", $$"""{"status":{ "{{field}}": {{value}} } }""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(answer.Causes, words => words.StartsWith($"{cause}: ", StringComparison.Ordinal));
    }

    private static void AssertPending(JsonNode resource, string conditions)
    {
        Assert.False((bool)resource["status"]!["ready"]!);
        Assert.Equal(conditions, string.Join(',', resource["status"]!["conditions"]!.AsArray().Select(condition => (string?)condition!["type"])));
        Assert.All(resource["status"]!["conditions"]!.AsArray(), condition =>
        {
            Assert.Equal("Unknown", (string?)condition!["status"]);
            Assert.Equal("Pending", (string?)condition["reason"]);
        });
    }
}
