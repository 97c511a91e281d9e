using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// The printed IAM policies do what is said of them, and hold nothing that is not used. The provider <c>iam</c> has a key of its
/// own, so that AWS can be held to a policy for it and not for the tests.
/// </summary>
public abstract class IamConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private string RestrictedKeyId => $"{AccessKeyId}IAM";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await CreateSecretAsync("iam", accessKeyId: RestrictedKeyId);
        await CreateProviderAsync("iam", StaticKeys("iam"));
    }

    [Fact]
    public void The_documents_policy_is_repeated_as_it_is() =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(PrintedPolicies.OfTheDocument), JsonNode.Parse(PrintedPolicies.OfTheDocumentRepeated)));

    [Fact]
    public async Task With_the_documents_policy_a_repository_lives_its_whole_life()
    {
        var policy = IdentityPolicy.Parse(PrintedPolicies.OfTheDocument);
        using var enforced = Enforce(policy);
        await CreateSyncedAsync("app", Spec());
        await ChangeAsync("app", new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepFive } });
        Assert.Contains("5", await LifecyclePolicyInAwsAsync("app"));

        await PushAsync("app", "one");
        await DeleteAsync("app");
        await UntilGoneAsync("app");
        Assert.Null(await FindInAwsAsync("app"));
        Assert.Equal(["ecr:DescribeImages"], Actions("app").Except(policy.AllowedActions));
        Assert.Single(AwsCalls("app"), "DescribeImages");
    }

    [Fact]
    public async Task With_the_documents_policy_a_repository_is_adopted_observed_and_kept()
    {
        using var enforced = Enforce(IdentityPolicy.Parse(PrintedPolicies.OfTheDocument));
        await CreateInAwsAsync("app", ("a", "1"));
        await CreateSyncedAsync("watcher", With(With(Spec(), "managementPolicy", "Observe"), "repositoryName", RepositoryOf("app")));
        var adopted = await CreateSyncedAsync("app", With(Spec(), "deletionPolicy", "Retain"));
        Assert.Equal(Origins.Adopted, (string?)adopted["status"]!["origin"]);

        await DeleteAsync("app");
        await UntilGoneAsync("app");
        Assert.StartsWith("released/", (await TagsInAwsAsync("app"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task A_lifecycle_policy_that_may_not_be_removed_is_told_with_the_action_to_allow()
    {
        using (Enforce(IdentityPolicy.Parse(PrintedPolicies.OfTheDocument)))
        {
            await CreateSyncedAsync("app", Spec());
            await PatchSpecAsync("app", new() { ["lifecyclePolicy"] = null });
            var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AccessDenied);

            Assert.Contains("is not authorized to perform: ecr:DeleteLifecyclePolicy on resource: arn:aws:ecr:", told.Message());
            Assert.Contains("allow the action to the provider's identity", told.Message());
            Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        }

        await UntilSyncedAsync("app");
        Assert.Null(await LifecyclePolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task What_may_not_be_read_is_named_once_on_the_provider()
    {
        string[] names = ["a", "b", "c"];
        var enforced = Enforce(IdentityPolicy.Parse(PrintedPolicies.OfTheDocument));
        foreach (var name in names)
        {
            await CreateSyncedAsync(name, Spec());
            await PushAsync(name, "one");
        }

        await UntilAsync("iam", value => (int?)value["status"]?["repositoryCount"] == 3, AWSProvider.Kind);
        await Task.WhenAll(names.Select(CompareAsync));
        var noted = await UntilAsync("iam", value => value.Message() is not null, AWSProvider.Kind);
        Assert.Equal("ecr:DescribeImages is not allowed, so images are not counted", noted.Message());
        var (status, reason, message) = noted.Condition(ConditionTypes.Ready)!.Value;
        Assert.Equal((ConditionStatus.True, Reasons.Available), (status, reason));
        Assert.Matches("^acts as arn:aws:.*; ecr:DescribeImages is not allowed, so images are not counted$", message);
        Assert.Null(noted.Condition(ConditionTypes.Stalled));
        await UntilEventAsync("iam", Reasons.AccessDenied);

        // The repositories are in order, and asked about once.
        var statusWrites = StatusWrites("iam");
        foreach (var name in names)
        {
            var compared = await CompareAsync(name);
            Assert.True(compared.IsSynced());
            Assert.Null(compared.Message());
            Assert.Equal(0, (long?)compared["status"]!["imageCount"]);
            Assert.Single(AwsCalls(name), "DescribeImages");
        }

        Assert.Equal(statusWrites, StatusWrites("iam"));
        Assert.Single(Events("iam"), request => request.Body.Contains(Reasons.AccessDenied, StringComparison.Ordinal));

        enforced.Dispose();
        await AnnotateAsync("iam", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
        var healed = await UntilAsync("iam", value => value.Message() is null, AWSProvider.Kind);
        Assert.DoesNotContain("DescribeImages", healed.Condition(ConditionTypes.Ready)!.Value.Message);
        await UntilEventAsync("iam", "allowed again");
        foreach (var name in names)
        {
            Assert.Equal(1, (long?)(await CompareAsync(name))["status"]!["imageCount"]);
        }
    }

    [Fact]
    public async Task Images_that_may_be_counted_in_some_repositories_are_counted_there()
    {
        var closed = $$"""{"Effect":"Deny","Action":"ecr:DescribeImages","Resource":"arn:aws:ecr:*:*:repository/{{RepositoryOf("closed")}}"}""";
        using var enforced = Enforce(IdentityPolicy.Parse($$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"},{{closed}}]}"""));
        foreach (var name in (string[])["open", "closed"])
        {
            await CreateSyncedAsync(name, Spec());
            await PushAsync(name, "one");
        }

        await CompareAsync("closed");
        await UntilAsync("iam", value => value.Message() is not null, AWSProvider.Kind);
        Assert.Equal(1, (long?)(await CompareAsync("open"))["status"]!["imageCount"]);
        Assert.Equal(0, (long?)(await CompareAsync("closed"))["status"]!["imageCount"]);
        Assert.NotNull((await UntilReasonAsync("iam", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind)).Message());
        Assert.Single(AwsCalls("closed"), "DescribeImages");
    }

    [Fact]
    public async Task The_full_policy_is_enough_and_holds_nothing_that_is_not_called()
    {
        using var enforced = Enforce(PrintedPolicies.Full);
        await LiveAsync("app");
        await DeleteAsync("app");
        await UntilGoneAsync("app");

        Assert.Null(await FindInAwsAsync("app"));
        Assert.Equal(PrintedPolicies.Full.AllowedActions.Order(), Actions("app"));
        await AssertNothingIsDeniedAsync();
    }

    [Fact]
    public async Task Without_deletion_all_else_goes_on_and_nothing_can_be_deleted()
    {
        using var enforced = Enforce(PrintedPolicies.WithoutDeletion);
        await LiveAsync("kept", "Retain");
        await DeleteAsync("kept");
        await UntilGoneAsync("kept");

        Assert.StartsWith("released/", (await TagsInAwsAsync("kept"))[ApiNames.OwnerTag]);
        Assert.Equal(PrintedPolicies.WithoutDeletion.AllowedActions.Order(), Actions("kept"));
        await AssertNothingIsDeniedAsync();

        // An object that wants more is told, and has a way out.
        await CreateSyncedAsync("app", Spec());
        await DeleteAsync("app");
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.AccessDenied);
        Assert.Contains("ecr:DeleteRepository", told.Message());
        await PatchSpecAsync("app", new() { ["deletionPolicy"] = "Orphan" });
        await UntilGoneAsync("app");
        Assert.NotNull(await FindInAwsAsync("app"));
    }

    [Fact]
    public async Task To_observe_takes_four_reads()
    {
        await CreateInAwsAsync("observed", ("a", "1"));
        await PushAsync("observed", "one");
        using var enforced = Enforce(PrintedPolicies.ReadOnly);
        var synced = await CreateSyncedAsync("observed", With(With(Spec(), "managementPolicy", "Observe"), "repositoryPolicyText", Texts.AllowPull));
        Assert.Equal(1, (long?)synced["status"]!["imageCount"]);
        await CompareAsync("observed");
        await SweepAsync("iam");
        await DeleteAsync("observed");
        await UntilGoneAsync("observed");

        Assert.Equal(PrintedPolicies.ReadOnly.AllowedActions.Order(), Actions("observed"));
        await AssertNothingIsDeniedAsync();
    }

    [Fact]
    public async Task A_policy_for_some_repositories_is_told_where_it_ends()
    {
        using var enforced = Enforce(IdentityPolicy.Parse(PrintedPolicies.Narrowed.Replace("repository/team-a/*", $"repository/{Namespace}/*", StringComparison.Ordinal)));
        await LiveAsync("inside");
        await DeleteAsync("inside");
        await UntilGoneAsync("inside");

        await CreateRepositoryAsync("outside", With(Spec(), "repositoryName", $"other-{Namespace}"));
        var told = await UntilReasonAsync("outside", ConditionTypes.Synced, Reasons.AccessDenied);
        Assert.Contains($"ecr:CreateRepository on resource: arn:aws:ecr:us-east-1:", told.Message());
        Assert.Contains($":repository/other-{Namespace}", told.Message());
        Assert.Equal(ConditionStatus.False, told.Condition(ConditionTypes.Ready)!.Value.Status);
    }

    private static JsonObject Spec() => new()
    {
        ["providerRef"] = new JsonObject { ["name"] = "iam" },
        ["imageTagMutability"] = "IMMUTABLE",
        ["scanOnPush"] = true,
        ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
        ["tags"] = new JsonObject { ["a"] = "1", ["b"] = "1" },
    };

    private IDisposable Enforce(IdentityPolicy policy) => Environment.Enforce(RestrictedKeyId, policy);

    /// <summary>Has an object made, its lifecycle policy previewed, everything about it changed, drift corrected, and what can be taken away taken away.</summary>
    private async Task LiveAsync(string name, string deletionPolicy = "Delete")
    {
        await CreateSyncedAsync(name, With(With(Spec(), "repositoryPolicyText", Texts.AllowPull), "deletionPolicy", deletionPolicy));
        await PreviewAsync(name);
        await SweepAsync("iam");
        await ChangeAsync(name, new() { ["lifecyclePolicy"] = null, ["repositoryPolicyText"] = null });
        Assert.Null(await LifecyclePolicyInAwsAsync(name));
        Assert.Null(await RepositoryPolicyInAwsAsync(name));
    }

    /// <summary>Has the lifecycle policy previewed.</summary>
    private async Task PreviewAsync(string name)
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf(name));
        aws.Complete("v1");
        await AnnotateAsync(name, ApiNames.LifecyclePreviewAnnotation, "now");
        await UntilAsync(name, value => (string?)value["status"]?["lifecyclePreview"]?["state"] == LifecyclePreviewStates.Complete);
    }

    /// <summary>Changes an object, then AWS behind its back, which is corrected.</summary>
    private async Task ChangeAsync(string name, JsonObject policies)
    {
        await PatchSpecAsync(name, With(With(With(policies, "imageTagMutability", "MUTABLE"), "scanOnPush", false), "tags", new JsonObject { ["a"] = "2", ["b"] = null }));
        await UntilSyncedAsync(name);
        Assert.Equal(new() { ["a"] = "2", [ApiNames.OwnerTag] = OwnerOf(name) }, await TagsInAwsAsync(name));

        await TagInAwsAsync(name, "a", "3");
        await Ecr.PutImageTagMutabilityAsync(new() { RepositoryName = RepositoryOf(name), ImageTagMutability = "IMMUTABLE" }, Cancel);
        Assert.True((await CompareAsync(name)).IsSynced());
        Assert.Equal("2", (await TagsInAwsAsync(name))["a"]);
        Assert.Equal("MUTABLE", (await InAwsAsync(name)).ImageTagMutability);
    }

    /// <summary>The IAM actions of the control plane's calls about the repository of an object, in order.</summary>
    private IEnumerable<string> Actions(string name) =>
        Environment.Aws.Log.Where(request => request.Name == RepositoryOf(name)).SelectMany(request => request.Actions).Distinct().Order();

    private async Task AssertNothingIsDeniedAsync()
    {
        await AnnotateAsync("iam", ApiNames.ForceSyncAnnotation, "at last", AWSProvider.Kind);
        var provider = await UntilAsync("iam", value => ((string?)value["status"]?["lastHandledForceSync"])?.StartsWith("at last", StringComparison.Ordinal) == true, AWSProvider.Kind);
        Assert.Null(provider.Message());
    }

    private int StatusWrites(string provider) => KubernetesWrites(provider).Count(request => request.Operation == "patch awsproviders/status");

    private IEnumerable<RecordedRequest> Events(string name) => KubernetesWrites(name).Where(request => request.Operation == "create events");

    private Task UntilEventAsync(string name, string words) => Environment.Kubernetes
        .UntilAsync(request => request.Namespace == Namespace && request.Name == name && request.Operation == "create events" && request.Body.Contains(words, StringComparison.Ordinal))
        .WaitAsync(KubernetesObjects.Deadline, Cancel);
}
