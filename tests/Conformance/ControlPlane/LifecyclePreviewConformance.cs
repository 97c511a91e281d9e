using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Aws;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>A lifecycle policy is previewed when an annotation asks for it: once, beside all else, and without being applied for that.</summary>
public abstract class LifecyclePreviewConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Digest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    private static JsonObject WithPolicy(string text) => new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = text } };

    [Fact]
    public async Task A_preview_is_begun_once_for_a_value_and_its_result_is_told()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        var writes = AwsWrites("app");
        aws.Complete("v1", Digest, "v2");
        await AskAsync("app", "monday");
        var told = await UntilPreviewAsync("app", "monday", LifecyclePreviewStates.Complete);

        var preview = told["status"]!["lifecyclePreview"]!;
        Assert.Equal(3, (long?)preview["expiring"]);
        Assert.Equal(["v1", Digest, "v2"], preview["sample"]!.AsArray().Select(image => (string)image!));
        Assert.Equal(LifecyclePolicy.Parse(Texts.KeepTen).Fingerprint, (string?)preview["policy"]);
        Assert.True(told.IsSynced());
        await UntilEventAsync("app", EventReasons.LifecyclePreviewed, "lifecycle preview 'monday': 3 images would expire");

        await CompareAsync("app");
        await AnnotateAsync("app", ApiNames.LifecyclePreviewAnnotation, null);
        Assert.NotNull((await CompareAsync("app"))["status"]!["lifecyclePreview"]);
        Assert.Equal(1, aws.Starts);

        aws.Complete();
        await AskAsync("app", "tuesday");
        told = await UntilPreviewAsync("app", "tuesday", LifecyclePreviewStates.Complete);
        Assert.Equal(0, (long?)told["status"]!["lifecyclePreview"]!["expiring"]);
        Assert.Null(told["status"]!["lifecyclePreview"]!["sample"]);
        Assert.Equal(2, aws.Starts);
        Assert.Equal(writes, AwsWrites("app"));
    }

    [Fact]
    public async Task At_most_twenty_images_are_shown()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        aws.Complete([.. Enumerable.Range(0, 30).Select(number => $"v{number}")]);
        await CreateRepositoryAsync("app", WithPolicy(Texts.KeepTen), new() { [ApiNames.LifecyclePreviewAnnotation] = "many" });
        var told = await UntilPreviewAsync("app", "many", LifecyclePreviewStates.Complete);

        Assert.Equal(30, (long?)told["status"]!["lifecyclePreview"]!["expiring"]);
        Assert.Equal(20, told["status"]!["lifecyclePreview"]!["sample"]!.AsArray().Count);
    }

    [Fact]
    public async Task While_it_is_paused_a_policy_is_previewed_and_nothing_else_is_done()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        var writes = AwsWrites("app").Count;
        await AnnotateAsync("app", ApiNames.PausedAnnotation, "true");
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.Paused);
        await PatchSpecAsync("app", With(WithPolicy(Texts.KeepFive), "scanOnPush", true));
        aws.Complete("v1");
        await AskAsync("app", "try");
        var told = await UntilPreviewAsync("app", "try", LifecyclePreviewStates.Complete);

        Assert.Equal(Reasons.Paused, told.Condition(ConditionTypes.Synced)!.Value.Reason);
        Assert.Equal(LifecyclePolicy.Parse(Texts.KeepFive), LifecyclePolicy.Parse(aws.Policy!));
        Assert.Equal(LifecyclePolicy.Parse(Texts.KeepTen), LifecyclePolicy.Parse((await LifecyclePolicyInAwsAsync("app"))!));
        Assert.Equal(writes, AwsWrites("app").Count);

        await AnnotateAsync("app", ApiNames.PausedAnnotation, null);
        await UntilSyncedAsync("app");
        Assert.Equal(LifecyclePolicy.Parse(Texts.KeepFive), LifecyclePolicy.Parse((await LifecyclePolicyInAwsAsync("app"))!));
        Assert.Equal(1, aws.Starts);
    }

    [Fact]
    public async Task What_is_only_observed_can_be_previewed_too()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        aws.Complete("v1");
        await CreateInAwsAsync("app");
        await CreateRepositoryAsync("app", With(WithPolicy(Texts.KeepTen), "managementPolicy", "Observe"), new() { [ApiNames.LifecyclePreviewAnnotation] = "look" });
        var told = await UntilPreviewAsync("app", "look", LifecyclePreviewStates.Complete);

        Assert.Empty(told.Finalizers());
        Assert.Empty(AwsWrites("app"));
        Assert.Null(await LifecyclePolicyInAwsAsync("app"));
    }

    [Fact]
    public async Task What_changes_meanwhile_is_applied_and_the_preview_is_not_lost()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        await AskAsync("app", "now");
        await UntilPreviewAsync("app", "now", LifecyclePreviewStates.InProgress);
        await PatchSpecAsync("app", new() { ["tags"] = new JsonObject { ["a"] = "1" } });
        await UntilSyncedAsync("app");
        Assert.Equal("1", (await TagsInAwsAsync("app"))["a"]);
        Assert.Equal(1, aws.Starts);

        // An edited policy is another one, so AWS is asked about that.
        await PatchSpecAsync("app", WithPolicy(Texts.KeepFive));
        await UntilAsync("app", value => (string?)value["status"]?["lifecyclePreview"]?["policy"] == LifecyclePolicy.Parse(Texts.KeepFive).Fingerprint);
        aws.Complete("v1");
        await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Complete);
        Assert.Equal(2, aws.Starts);
    }

    [Fact]
    public async Task Another_preview_under_way_is_waited_for()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        aws.Refuse(Interference.AwsError("LifecyclePolicyPreviewInProgressException"));
        aws.Show(Texts.KeepFive);
        await AskAsync("app", "mine");
        var told = await UntilPreviewAsync("app", "mine", LifecyclePreviewStates.Pending);
        Assert.Contains("another preview", (string?)told["status"]!["lifecyclePreview"]!["message"]);
        Assert.True(told.IsSynced());

        aws.Refuse(null);
        aws.Complete("v1");
        await UntilPreviewAsync("app", "mine", LifecyclePreviewStates.Complete);
    }

    [Fact]
    public async Task A_preview_that_was_begun_before_is_taken_up()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        aws.Refuse(Interference.AwsError("LifecyclePolicyPreviewInProgressException"));
        aws.Show(Texts.KeepTenOtherwise);
        await AskAsync("app", "mine");
        await UntilPreviewAsync("app", "mine", LifecyclePreviewStates.InProgress);
        aws.Complete("v1");
        await UntilPreviewAsync("app", "mine", LifecyclePreviewStates.Complete);

        Assert.Equal(1, aws.Starts);
    }

    [Fact]
    public async Task Somebody_elses_result_is_not_told_as_ours()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        await AskAsync("app", "mine");
        await UntilPreviewAsync("app", "mine", LifecyclePreviewStates.InProgress);
        aws.Show(Texts.KeepFive);
        aws.Complete("v1", "v2");
        var told = await UntilPreviewAsync("app", "mine", LifecyclePreviewStates.Failed);

        Assert.Contains("somebody else's", (string?)told["status"]!["lifecyclePreview"]!["message"]);
        Assert.Null(told["status"]!["lifecyclePreview"]!["expiring"]);
    }

    [Theory]
    [InlineData("AccessDeniedException", "User: u is not authorized to perform: ecr:StartLifecyclePolicyPreview", "allow the action")]
    [InlineData("InvalidParameterException", "Lifecycle policy validation failure", "mend spec.lifecyclePolicy")]
    [InlineData("SomethingNewException", "the words of AWS", "ask again")]
    public async Task A_refused_preview_is_told_once_and_harms_nothing_else(string code, string words, string mend)
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        aws.Refuse(Interference.AwsError(code, words));
        await AskAsync("app", "now");
        var told = await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Failed);
        Assert.Contains(words, (string?)told["status"]!["lifecyclePreview"]!["message"]);
        Assert.Contains(mend, (string?)told["status"]!["lifecyclePreview"]!["message"]);
        Assert.True(told.IsSynced());
        await UntilEventAsync("app", EventReasons.LifecyclePreviewFailed, words);

        Assert.True((await CompareAsync("app")).IsSynced());
        Assert.Equal(1, aws.Starts);
        Assert.Single((await Objects.EventsAsync(Namespace, "app")), item => (string?)item["reason"] == EventReasons.LifecyclePreviewFailed);
    }

    [Fact]
    public async Task While_AWS_cannot_be_asked_the_preview_waits_and_all_else_goes_on()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        aws.Refuse(Interference.AwsError("InternalFailure", "there is no such operation", 500));
        await AskAsync("app", "now");
        var told = await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Pending);
        Assert.Contains("StartLifecyclePolicyPreview", (string?)told["status"]!["lifecyclePreview"]!["message"]);
        await PatchSpecAsync("app", new() { ["tags"] = new JsonObject { ["a"] = "1" } });
        await UntilSyncedAsync("app");
        Assert.Equal("1", (await TagsInAwsAsync("app"))["a"]);

        aws.Refuse(null);
        aws.Complete("v1");
        told = await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Complete);
        Assert.Null(told["status"]!["lifecyclePreview"]!["message"]);
    }

    [Theory]
    [InlineData(LifecyclePreviewStates.Failed)]
    [InlineData(LifecyclePreviewStates.Expired)]
    public async Task An_end_without_results_is_told(string state)
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        aws.End(state);
        await AskAsync("app", "now");
        var told = await UntilPreviewAsync("app", "now", state);

        Assert.Contains("ask again with a new value", (string?)told["status"]!["lifecyclePreview"]!["message"]);
    }

    [Theory]
    [InlineData(null, "there is no policy to preview")]
    [InlineData("garbage", "not JSON")]
    [InlineData("""{"rules":[{"rulePriority":0,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":10},"action":{"type":"expire"}}]}""", "rule 1, rulePriority")]
    public async Task A_policy_that_cannot_be_previewed_is_told_and_AWS_not_asked(string? policy, string words)
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateRepositoryAsync("app", policy is null ? null : WithPolicy(policy), new() { [ApiNames.LifecyclePreviewAnnotation] = "now" });
        var told = await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Failed);

        Assert.Contains(words, (string?)told["status"]!["lifecyclePreview"]!["message"]);
        Assert.Equal(0, aws.Starts);
    }

    [Fact]
    public async Task On_somebody_elses_repository_nothing_is_previewed()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateInAwsAsync("app", (ApiNames.OwnerTag, "another-cluster/ns/app"));
        await CreateRepositoryAsync("app", WithPolicy(Texts.KeepTen), new() { [ApiNames.LifecyclePreviewAnnotation] = "now" });
        await UntilPreviewAsync("app", "now", LifecyclePreviewStates.Failed);

        Assert.Equal(0, aws.Starts);
    }

    [Fact]
    public async Task A_request_that_is_withdrawn_is_forgotten()
    {
        using var aws = new PreviewStandIn(Environment, RepositoryOf("app"));
        await CreateSyncedAsync("app", WithPolicy(Texts.KeepTen));
        await AskAsync("app", "now");
        await UntilPreviewAsync("app", "now", LifecyclePreviewStates.InProgress);
        await AnnotateAsync("app", ApiNames.LifecyclePreviewAnnotation, null);
        await UntilAsync("app", value => value["status"]?["lifecyclePreview"] is null);
    }

    /// <summary>Asks for a preview.</summary>
    protected Task AskAsync(string name, string token) => AnnotateAsync(name, ApiNames.LifecyclePreviewAnnotation, token);

    /// <summary>Waits until the preview of a value is in a state.</summary>
    protected Task<JsonObject> UntilPreviewAsync(string name, string token, string state) => UntilAsync(
        name,
        value => value["status"]?["lifecyclePreview"] is { } preview && (string?)preview["token"] == token && (string?)preview["state"] == state,
        ECRRepository.Kind,
        $"lifecyclePreview '{token}' {state}");

    private async Task UntilEventAsync(string name, string reason, string words)
    {
        await Environment.Kubernetes.UntilAsync(request => request.Namespace == Namespace && request.Name == name && request.Operation == "create events" && request.Body.Contains(reason, StringComparison.Ordinal))
            .WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.Contains(Environment.Kubernetes.Log, request => request.Namespace == Namespace && request.Operation == "create events" && ((string?)JsonNode.Parse(request.Body)!["note"])!.Contains(words, StringComparison.Ordinal));
    }
}
