using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>Tests that stop the silo, in an environment that no other test shares, one after the other.</summary>
public sealed class RestartTests() : RestartConformance(new SandboxControlPlane())
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }
}

/// <summary>Periodic comparison, with a period short enough to see.</summary>
public sealed class PeriodTests() : ControlPlaneConformance(new OftenComparing())
{
    [Fact]
    public async Task Comparing_again_and_again_writes_nothing_while_nothing_differs()
    {
        await CreateSyncedAsync("calm", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen }, ["tags"] = new JsonObject { ["a"] = "1" } });
        var aws = AwsWrites("calm").Count;
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("calm") && request.Operation == "DescribeRepositories", 3).WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.Equal(aws, AwsWrites("calm").Count);
        AssertOnlyHeartbeats("calm");

        // What differs is found without anybody's asking.
        await TagInAwsAsync("calm", "a", "2");
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("calm") && request.Operation == "TagResource").WaitAsync(KubernetesObjects.Deadline, Cancel);
    }

    [Fact]
    public async Task The_heartbeat_is_the_only_write_of_an_object_in_order()
    {
        await CreateSyncedAsync("beats");
        await Environment.Kubernetes.UntilAsync(request => request.Namespace == Namespace && request.Name == "beats" && request.Operation == "patch ecrrepositories/status", 3).WaitAsync(KubernetesObjects.Deadline, Cancel);

        AssertOnlyHeartbeats("beats");
        var beats = KubernetesWrites("beats").Where(write => write.Operation == "patch ecrrepositories/status")
            .Select(write => JsonNode.Parse(write.Body)!.AsArray().First(operation => (string)operation!["path"]! is "/status/lastSyncTime")!["value"]!.GetValue<DateTimeOffset>()).ToArray();
        Assert.All(beats.Zip(beats.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(3), $"{pair.First:T} and {pair.Second:T}"));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    /// <summary>After finalizer, event and first status nothing is written but when the last comparison was.</summary>
    private void AssertOnlyHeartbeats(string name)
    {
        var writes = KubernetesWrites(name);
        Assert.Equal(["patch ecrrepositories", "create events", "patch ecrrepositories/status"], writes.Take(3).Select(write => write.Operation));
        Assert.All(writes.Skip(3), write =>
            Assert.Equal(["/metadata/uid", "/status/lastSyncTime"], JsonNode.Parse(write.Body)!.AsArray().Select(operation => (string)operation!["path"]!)));
    }

    private sealed class OftenComparing : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:ComparePeriod"] = "00:00:01", ["Operator:DeepCallsPerSecond"] = "100", ["Operator:HeartbeatPeriod"] = "00:00:03" };
    }
}

/// <summary>Keys are rotated in their Secret, and nobody asks for anything.</summary>
public sealed class RotationTests() : ControlPlaneConformance(new OftenRefreshing())
{
    [Fact]
    public async Task Rotated_keys_are_taken_up_by_themselves()
    {
        await CreateSyncedAsync("app");

        // More often than there is any other reason to look at the provider.
        for (var number = 0; number < 4; number++)
        {
            var renewed = $"{AccessKeyId}NEW{number}";
            await Objects.PatchAsync("Secret", Namespace, "keys", new() { ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(renewed)) } });
            await Environment.Aws.UntilAsync(request => request.AccessKeyId == renewed && request.Operation == "GetCallerIdentity").WaitAsync(KubernetesObjects.Deadline, Cancel);
        }

        await CompareAsync("app");
        Assert.Contains(Environment.Aws.Log, request => request.AccessKeyId == $"{AccessKeyId}NEW3" && request.Operation == "DescribeRepositories");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private sealed class OftenRefreshing : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:ProviderRefreshPeriod"] = "00:00:01" };
    }
}

/// <summary>What happens to the API server as a whole.</summary>
public sealed class ApiServerTroubleTests() : ControlPlaneConformance(new SandboxControlPlane())
{
    [Fact]
    public async Task What_changes_while_the_API_server_is_away_is_caught_up_with_though_its_history_is_gone()
    {
        await CreateSyncedAsync("edited");
        await CreateSyncedAsync("deleted");
        await CreateSyncedAsync("renewed");
        using (Environment.Kubernetes.Interfere(static _ => new() { DropBefore = true }))
        {
            Server.DropWatches();
            await PatchSpecAsync("edited", new() { ["scanOnPush"] = true });
            await DeleteAsync("deleted");
            await CreateRepositoryAsync("created");
            await DeleteAsync("renewed");
            await Objects.PatchAsync(ECRRepository.Kind, Namespace, "renewed", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
            await CreateRepositoryAsync("renewed", new() { ["tags"] = new JsonObject { ["second"] = "yes" } });
            Server.ForgetHistory();
            await Environment.Kubernetes.UntilAsync(request => request.Operation == "watch ecrrepositories", 3).WaitAsync(KubernetesObjects.Deadline, Cancel);
        }

        await UntilSyncedAsync("edited");
        await UntilSyncedAsync("created");
        await UntilSyncedAsync("renewed");
        await UntilGoneAsync("deleted");
        Assert.Equal("yes", (await TagsInAwsAsync("renewed"))["second"]);
        Assert.Null(await FindInAwsAsync("deleted"));
    }

    [Fact]
    public async Task An_object_that_went_unseen_is_not_served_any_longer()
    {
        await CreateSyncedAsync("vanished");
        using (Environment.Kubernetes.Interfere(static request => request.Operation.StartsWith("watch ", StringComparison.Ordinal) ? new() { DropBefore = true } : null))
        {
            Server.DropWatches();
            await Objects.PatchAsync(ECRRepository.Kind, Namespace, "vanished", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
            await DeleteAsync("vanished");
            Server.ForgetHistory();
        }

        // The provider's users are counted by what it was told: it goes once the watch has told of the end.
        await DeleteAsync("aws", AWSProvider.Kind);
        await UntilGoneAsync("aws", AWSProvider.Kind);
        Assert.NotNull(await FindInAwsAsync("vanished"));
    }

    [Fact]
    public async Task An_edit_that_is_first_heard_of_in_the_answer_to_a_write_is_not_lost()
    {
        // The watch tells of the edit only when its version is old news already.
        using (InterfereWithKubernetes("late", "patch ecrrepositories/status", new()
        {
            Before = async () =>
            {
                Server.SilenceWatches();
                await PatchSpecAsync("late", new() { ["scanOnPush"] = true });
            },
        }, times: 1))
        {
            await CreateRepositoryAsync("late");
            await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("late") && request.Operation == "PutImageScanningConfiguration").WaitAsync(KubernetesObjects.Deadline, Cancel);
        }

        Server.SilenceWatches(false);
        await UntilSyncedAsync("late");
    }

    [Fact]
    public async Task An_edit_of_a_provider_that_is_first_heard_of_in_the_answer_to_a_write_is_not_lost()
    {
        using (InterfereWithKubernetes("late", "patch awsproviders/status", new()
        {
            Before = async () =>
            {
                Server.SilenceWatches();
                await PatchSpecAsync("late", new() { ["region"] = "eu-west-1" }, AWSProvider.Kind);
            },
        }, times: 1))
        {
            await CreateProviderAsync("late", StaticKeys());
            await Environment.Kubernetes.UntilAsync(request => request.Namespace == Namespace && request.Name == "late" && request.Operation == "patch awsproviders/status", 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
        }

        Server.SilenceWatches(false);
        await UntilReasonAsync("late", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
    }

    [Fact]
    public async Task Watches_that_break_again_and_again_lose_nothing()
    {
        var names = Enumerable.Range(0, 20).Select(number => $"app-{number}").ToArray();
        foreach (var name in names)
        {
            await CreateRepositoryAsync(name);
            Server.DropWatches();
        }

        await Task.WhenAll(names.Select(UntilSyncedAsync));
        Assert.All(names, name => Assert.Single(AwsCalls(name), "CreateRepository"));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private Sandbox.Kubernetes.SandboxApiServer Server => ((SandboxControlPlane)Environment).Server;
}

/// <summary>Objects that no schema has looked at: an older definition, or one that somebody loosened.</summary>
public sealed class LooseSchemaTests(LooseSchemaTests.Loose environment) : ControlPlaneConformance(environment), IClassFixture<LooseSchemaTests.Loose>
{
    /// <summary>What is wrong, the spec that is laid over a good one, the condition's reason, and a word of the message.</summary>
    public static TheoryData<string, string, string, string> Specs => new()
    {
        { "unknown deletion policy", """{"deletionPolicy":"Shred"}""", Reasons.InvalidSpec, "spec.deletionPolicy" },
        { "unknown adoption policy", """{"adoptionPolicy":"Steal"}""", Reasons.AdoptionRefused, "spec.adoptionPolicy" },
        { "unknown drift policy", """{"driftPolicy":"Shrug"}""", Reasons.InvalidSpec, "spec.driftPolicy" },
        { "unknown mutability", """{"imageTagMutability":"SOMETIMES"}""", Reasons.InvalidSpec, "imageTagMutability" },
        { "filters without their mode", """{"imageTagMutability":"MUTABLE","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"v*"}]}""", Reasons.InvalidSpec, "" },
        { "unknown encryption", """{"encryptionConfiguration":{"encryptionType":"ROT13"}}""", Reasons.InvalidSpec, "" },
        { "reserved tag", """{"tags":{"aws:x":"1"}}""", Reasons.InvalidSpec, "aws:x" },
        { "owner tag", $$"""{"tags":{"{{ApiNames.OwnerTag}}":"me"} }""", Reasons.InvalidSpec, ApiNames.OwnerTag },
        { "no repository name", """{"repositoryName":null}""", Reasons.InvalidSpec, "spec.repositoryName" },
        { "bad repository name", """{"repositoryName":"Not A Name"}""", Reasons.InvalidSpec, "" },
        { "no provider", """{"providerRef":null}""", Reasons.InvalidSpec, "spec.providerRef" },
        { "a path for a provider", """{"providerRef":{"name":"../../secrets/keys"}}""", Reasons.InvalidSpec, "spec.providerRef" },
        { "tags that are no text", """{"tags":{"a":1}}""", Reasons.InvalidSpec, "tags" },
        { "tags that are null", """{"tags":{"a":null,"b":"1"}}""", "", "" },
        { "a name that is a number", """{"repositoryName":5}""", Reasons.InvalidSpec, "repositoryName" },
        { "a policy that is a list", """{"lifecyclePolicy":[]}""", Reasons.InvalidSpec, "lifecyclePolicy" },
        { "filters that are an object", """{"imageTagMutabilityExclusionFilters":{}}""", Reasons.InvalidSpec, "imageTagMutabilityExclusionFilters" },
        { "a boolean that is a word", """{"scanOnPush":"yes"}""", Reasons.InvalidSpec, "scanOnPush" },
    };

    public static TheoryData<string, string, string> Providers => new()
    {
        { "no region", """{"region":null}""", "spec.region" },
        { "a region that is none", """{"region":"Not A Region!"}""", "spec.region" },
        { "an endpoint that is no URL", """{"endpoint":"not a url"}""", "spec.endpoint" },
        { "an endpoint that is a file", """{"endpoint":"file:///etc/passwd"}""", "spec.endpoint" },
        { "half of the keys", """{"secretAccessKeyRef":null}""", "spec.secretAccessKeyRef" },
        { "a Secret without a name", """{"accessKeyIDRef":{"key":"id"}}""", "spec.accessKeyIDRef" },
        { "a path for a Secret", """{"accessKeyIDRef":{"name":"../keys","key":"id"}}""", "spec.accessKeyIDRef" },
        { "a Secret of another namespace", """{"accessKeyIDRef":null,"secretAccessKeyRef":null,"credentialsSecret":{"name":"keys","namespace":"kube-system"}}""", "spec.credentialsSecret.namespace" },
        { "a role that is none", """{"assumeRoleARN":"me"}""", "" },
        { "tags that are no text", """{"defaultTags":{"a":1}}""", "defaultTags" },
        { "a region that is a list", """{"region":["us-east-1"]}""", "region" },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public async Task A_spec_that_makes_no_sense_is_told_and_mended(string fault, string overlay, string reason, string word)
    {
        Assert.NotEmpty(fault);
        await CreateRepositoryAsync("good");
        var spec = new JsonObject { ["providerRef"] = new JsonObject { ["name"] = "aws" }, ["repositoryName"] = RepositoryOf("bad") };
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ECRRepository.Kind,
            ["metadata"] = new JsonObject { ["name"] = "bad", ["namespace"] = Namespace },
            ["spec"] = Overlaid(spec, overlay),
        });
        if (reason.Length > 0)
        {
            var told = await UntilAsync("bad", value => value.Condition(ConditionTypes.Synced)?.Reason == reason);
            Assert.Contains(word, told.Message());
        }

        await UntilSyncedAsync("good");
        await PatchSpecAsync("bad", Mending(overlay, spec));
        await UntilAsync("bad", value => value.Condition(ConditionTypes.Synced)?.Status == ConditionStatus.True);
        await AssertNoDefectAsync("bad");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_provider_that_makes_no_sense_is_told_and_mended(string fault, string overlay, string word)
    {
        Assert.NotEmpty(fault);
        var spec = With(StaticKeys(), "region", "us-east-1");
        await CreateProviderAsync("bad", Overlaid(spec, overlay));
        await CreateRepositoryAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "bad" } });
        var told = await UntilAsync("bad", value => value.Condition(ConditionTypes.Ready)?.Status == ConditionStatus.False, AWSProvider.Kind);
        Assert.Contains(word, told.Message());

        Assert.DoesNotContain(Environment.Kubernetes.Log, request => request.Operation == "get secrets" && request.Namespace != "" && !request.Namespace.StartsWith("t-", StringComparison.Ordinal));

        await PatchSpecAsync("bad", Mending(overlay, spec), AWSProvider.Kind);
        await UntilSyncedAsync("app");
        await AssertNoDefectAsync("bad");
    }

    [Theory]
    [InlineData("""{"conditions":"none"}""")]
    [InlineData("""{"conditions":[null]}""")]
    [InlineData("""{"conditions":[{"type":5}]}""")]
    [InlineData("""{"owned":{"tagKeys":[1]}}""")]
    [InlineData("""{"creationDate":"yesterday"}""")]
    [InlineData("""{"imageCount":"many"}""")]
    public async Task A_status_that_somebody_spoilt_harms_nothing(string status)
    {
        await CreateSyncedAsync("app");
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "app", new() { ["status"] = JsonNode.Parse(status) }, "status");
        await CreateSyncedAsync("beside");
        await AssertNoDefectAsync("app");

        // Taken out again, the object is as it was.
        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "app", new() { ["status"] = new JsonObject(JsonNode.Parse(status)!.AsObject().Select(field => KeyValuePair.Create<string, JsonNode?>(field.Key, null))) }, "status");
        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("app");
    }

    private async Task AssertNoDefectAsync(string name)
    {
        await CreateSyncedAsync("barrier");
        Assert.DoesNotContain(Environment.Log.Errors, line => line.Contains(Namespace, StringComparison.Ordinal));
        Assert.True(Environment.Kubernetes.Log.Count(request => request.Namespace == Namespace && request.Name == name) < 20);
    }

    private static JsonObject Overlaid(JsonObject spec, string overlay)
    {
        var result = spec.DeepClone().AsObject();
        foreach (var (field, value) in JsonNode.Parse(overlay)!.AsObject())
        {
            result[field] = value?.DeepClone();
        }

        return result;
    }

    /// <summary>Puts back what the good spec has, and takes out the rest.</summary>
    private static JsonObject Mending(string overlay, JsonObject spec) =>
        new(JsonNode.Parse(overlay)!.AsObject().Select(field => KeyValuePair.Create(field.Key, spec[field.Key]?.DeepClone())));

    public sealed class Loose : SandboxControlPlane
    {
        protected override IReadOnlyList<string> Definitions { get; } =
        [
            Definition(ECRRepository.Plural, "ecrrepository", ECRRepository.Kind),
            Definition(AWSProvider.Plural, "awsprovider", AWSProvider.Kind),
        ];

        private static string Definition(string plural, string singular, string kind) => $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: {{plural}}.{{ApiNames.Group}} }
            spec:
              group: {{ApiNames.Group}}
              scope: Namespaced
              names: {plural: {{plural}}, singular: {{singular}}, kind: {{kind}}, listKind: {{kind}}List}
              versions:
                - name: {{ApiNames.Version}}
                  served: true
                  storage: true
                  subresources: {status: {} }
                  schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} }
            """;
    }
}
