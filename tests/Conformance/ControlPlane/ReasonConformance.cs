using System.Reflection;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// Every reason can be reached, says what is wrong and what to do, and goes with its cause. A reason that is added is reached by
/// nobody until a way to it is written down here.
/// </summary>
public abstract class ReasonConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    /// <summary>The object that each way brings to its reason, whichever its kind.</summary>
    private const string App = "app";

    private const string Garbage = "keep the last ten, please";

    /// <summary><see cref="DeletionBrakeConformance"/> takes as many deletions as it needs.</summary>
    private static readonly string[] ReachedElsewhere = [Reasons.DeletionHeld];

    private IDisposable? _interference;

    public static TheoryData<string> All =>
        [.. typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!).Except(ReachedElsewhere)];

    private string OtherKey => $"{AccessKeyId}OTHER";

    private Dictionary<string, Way> Ways => new()
    {
        [Reasons.Available] = new(() => CreateRepositoryAsync(App), () => Task.CompletedTask, "the whole spec holds in AWS"),
        [Reasons.Pending] = new(() => InterferedAsync(InterfereWithKubernetes(App, "patch ecrrepositories", Interference.KubernetesError(500, "InternalError"))), EndAsync, "Waiting for the operator"),
        [Reasons.Creating] = new(LaggingAsync, EndAsync, "was created", "does not show it yet") { Condition = ConditionTypes.Ready },
        [Reasons.Deleting] = new(DeleteUsedProviderAsync, () => DeleteAsync("user"), "1 ECRRepository objects name it", $"'{Namespace}/user'", "delete them") { Kind = AWSProvider.Kind, Ends = true },
        [Reasons.ProviderNotReady] = new(
            async () =>
            {
                await CreateProviderAsync("keyless", StaticKeys("late"));
                await CreateRepositoryAsync(App, Using("keyless"));
            },
            () => CreateSecretAsync("late"),
            $"AWSProvider '{Namespace}/keyless' is not ready",
            $"Secret '{Namespace}/late' does not exist; create it"),
        [Reasons.ProviderNotFound] = new(() => CreateRepositoryAsync(App, Using("later")), () => CreateProviderAsync("later", StaticKeys()), $"'{Namespace}/later' does not exist; create it"),
        [Reasons.ProviderNotAllowed] = new(
            async () =>
            {
                await CreateProviderAsync("elsewhere", With(StaticKeys(), "region", "eu-west-1"));
                await CreateSyncedAsync(App);
                await PatchSpecAsync(App, Using("elsewhere"));
            },
            () => PatchSpecAsync(App, Using("aws")),
            "eu-west-1",
            "name a provider of the repository's account and region"),
        [Reasons.InvalidSpec] = new(
            () => CreateProviderAsync(App, new() { ["endpoint"] = Environment.Aws.Url.ToString() }),
            () => PatchSpecAsync(App, new() { ["endpoint"] = null }, AWSProvider.Kind),
            "spec.endpoint: host",
            "give the provider credentialsSecret")
        { Kind = AWSProvider.Kind },
        [Reasons.InvalidLifecyclePolicy] = new(
            () => CreateRepositoryAsync(App, new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Garbage } }),
            () => PatchSpecAsync(App, new() { ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen } }),
            "spec.lifecyclePolicy.policyText: "),
        [Reasons.InvalidRepositoryPolicy] = new(
            () => CreateRepositoryAsync(App, new() { ["repositoryPolicyText"] = Garbage }),
            () => PatchSpecAsync(App, new() { ["repositoryPolicyText"] = Texts.AllowPull }),
            "spec.repositoryPolicyText: "),
        [Reasons.AccessDenied] = Refused("AccessDeniedException", "allow the action to the provider's identity"),
        [Reasons.CredentialsExpired] = new(
            async () =>
            {
                await CreateSecretAsync("other", accessKeyId: OtherKey);
                _interference = Environment.Aws.Interfere(request => request.AccessKeyId == OtherKey ? Interference.StsError("InvalidClientTokenId", "The security token included in the request is invalid") : null);
                await CreateProviderAsync(App, StaticKeys("other"));
            },
            EndAsync,
            "GetCallerIdentity: InvalidClientTokenId: The security token included in the request is invalid",
            "renew the provider's credentials")
        { Kind = AWSProvider.Kind },
        [Reasons.SecretNotFound] = new(
            () => CreateProviderAsync(App, StaticKeys("late")), () => CreateSecretAsync("late"), $"Secret '{Namespace}/late' does not exist; create it")
        { Kind = AWSProvider.Kind },
        [Reasons.KmsKeyNotUsable] = Refused("KmsException", "the key must exist, be enabled, and let the provider's identity use it"),
        [Reasons.QuotaExceeded] = Refused("LimitExceededException", "have the quota raised, or delete what is not needed"),
        [Reasons.TooManyTags] = new(
            () => CreateRepositoryAsync(App, new() { ["tags"] = new JsonObject(Enumerable.Range(0, 50).Select(number => KeyValuePair.Create<string, JsonNode?>($"key-{number}", "value"))) }),
            () => PatchSpecAsync(App, new() { ["tags"] = new JsonObject { ["key-0"] = null } }),
            "would bear 51 tags and AWS allows 50",
            "take some out"),
        [Reasons.Throttled] = Refused("ThrottlingException", "tried again by itself"),
        [Reasons.AWSUnavailable] = Refused("ServerException", "tried again by itself", status: 500),
        [Reasons.RepositoryNotEmpty] = new(
            async () =>
            {
                await CreateSyncedAsync(App, new() { ["forceDelete"] = false });
                await PushAsync(App, "one");
                await DeleteAsync(App);
            },
            () => PatchSpecAsync(App, new() { ["deletionPolicy"] = "Orphan" }),
            "holds 1 images",
            "delete the images, or set forceDelete to true")
        { Ends = true },
        [Reasons.OwnedByAnother] = new(
            async () =>
            {
                await CreateInAwsAsync(App, (ApiNames.OwnerTag, "another-cluster/ns/app"));
                await CreateRepositoryAsync(App);
            },
            () => TagInAwsAsync(App, ApiNames.OwnerTag, "released/another-cluster/ns/app"),
            "belongs to 'another-cluster/ns/app'",
            "name another repository, release this one there"),
        [Reasons.AdoptionRefused] = new(
            async () =>
            {
                await CreateInAwsAsync(App);
                await CreateRepositoryAsync(App, new() { ["adoptionPolicy"] = "Create" });
            },
            () => PatchSpecAsync(App, new() { ["adoptionPolicy"] = "AdoptOrCreate" }),
            "exists already",
            "set adoptionPolicy to AdoptOrCreate"),
        [Reasons.NotFound] = new(
            async () =>
            {
                await CreateSyncedAsync(App, new() { ["driftPolicy"] = "Report" });
                await DeleteInAwsAsync(App);
                await AgeAsync(App);
                await CompareAsync(App);
            },
            () => PatchSpecAsync(App, new() { ["driftPolicy"] = "Correct" }),
            "was deleted outside",
            "change the spec, or set driftPolicy to Correct"),
        [Reasons.ImmutableFieldChanged] = new(
            async () =>
            {
                await CreateInAwsAsync(App);
                await CreateRepositoryAsync(App, new() { ["encryptionConfiguration"] = new JsonObject { ["encryptionType"] = "KMS" } });
            },
            () => DeleteInAwsAsync(App),
            "the repository has 'AES256' and the spec says 'KMS'",
            "name a new repository"),
        [Reasons.DriftDetected] = new(
            async () =>
            {
                await CreateSyncedAsync(App, new() { ["driftPolicy"] = "Report", ["tags"] = new JsonObject { ["a"] = "1" } });
                await TagInAwsAsync(App, "a", "2");
                await CompareAsync(App);
            },
            () => PatchSpecAsync(App, new() { ["driftPolicy"] = "Correct" }),
            "differs from the spec in tags[a]",
            "change the spec, or set driftPolicy to Correct"),
        [Reasons.Paused] = new(() => CreateRepositoryAsync(App, annotations: new() { [ApiNames.PausedAnnotation] = "true" }), () => AnnotateAsync(App, ApiNames.PausedAnnotation, null), ApiNames.PausedAnnotation, "take it off"),
        [Reasons.KubernetesForbidden] = new(
            () => InterferedAsync(InterfereWithKubernetes(App, "patch ecrrepositories", Interference.KubernetesError(403, "Forbidden"))),
            EndAsync,
            $"cannot patch ecrrepositories.{ApiNames.Group}",
            $"allow patch on ecrrepositories.{ApiNames.Group} to the operator's ServiceAccount"),
        [Reasons.KubernetesUnavailable] = new(
            async () =>
            {
                await CreateSecretAsync("sealed");
                _interference = InterfereWithKubernetes("sealed", "get secrets", Interference.KubernetesError(500, "InternalError"));
                await CreateProviderAsync(App, StaticKeys("sealed"));
            },
            EndAsync,
            "cannot get secrets",
            "tried again by itself")
        { Kind = AWSProvider.Kind },
        [Reasons.KubernetesRejected] = new(
            () => InterferedAsync(InterfereWithKubernetes(App, "patch ecrrepositories", Interference.KubernetesError(422, "Invalid", "metadata.finalizers: no", details: new()
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "FieldValueInvalid", ["message"] = "no", ["field"] = "metadata.finalizers" }),
            }))),
            EndAsync,
            "metadata.finalizers: no",
            "change what refuses the operator's write"),
    };

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_reason_is_reached_says_what_to_do_and_goes_with_its_cause(string reason)
    {
        Assert.True(Ways.TryGetValue(reason, out var way), $"No way to reach {reason} is written down.");
        await way.Bring();
        var told = await UntilAsync(App, value => value.Condition(way.Shown)?.Reason == reason, way.Kind, $"{way.Shown} for the reason {reason}");
        Assert.All(way.Says, words => Assert.Contains(words, told.Condition(way.Shown)!.Value.Message));
        Assert.True(reason is Reasons.Available or Reasons.Pending || told.Message() == told.Condition(way.Shown)!.Value.Message, "The message says the same as the condition.");

        await way.Mend();
        await (way.Ends ? UntilGoneAsync(App, way.Kind)
            : way.Kind == AWSProvider.Kind ? UntilReasonAsync(App, ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind)
            : (Task)UntilSyncedAsync(App));
    }

    public override ValueTask DisposeAsync()
    {
        _interference?.Dispose();
        return base.DisposeAsync();
    }

    private async Task InterferedAsync(IDisposable interference)
    {
        _interference = interference;
        await CreateRepositoryAsync(App);
    }

    private Task EndAsync()
    {
        _interference?.Dispose();
        return Task.CompletedTask;
    }

    private async Task LaggingAsync()
    {
        await CreateSyncedAsync(App);
        _interference = InterfereWithAws(App, "DescribeRepositories", Interference.AwsError("RepositoryNotFoundException"));
        await CompareAsync(App);
    }

    private async Task DeleteUsedProviderAsync()
    {
        await CreateProviderAsync(App, StaticKeys());
        await CreateSyncedAsync("user", With(Using(App), "deletionPolicy", "Orphan"));
        await DeleteAsync(App, AWSProvider.Kind);
    }

    /// <summary>The way to a reason by AWS's refusal of the create.</summary>
    private Way Refused(string code, string mend, int status = 400) =>
        new(() => InterferedAsync(InterfereWithAws(App, "CreateRepository", Interference.AwsError(code, "the words of AWS", status))), EndAsync, $"CreateRepository: {code}: the words of AWS", mend);

    /// <summary>How an object comes to a reason, and how it gets away from it.</summary>
    /// <param name="Bring">Brings the object there.</param>
    /// <param name="Mend">Takes the cause away.</param>
    /// <param name="Says">What the condition says: what is wrong, and what to do.</param>
    private sealed record Way(Func<Task> Bring, Func<Task> Mend, params string[] Says)
    {
        public string Kind { get; init; } = ECRRepository.Kind;

        /// <summary>The condition that has the reason; by default the one that says whether the spec holds, or for a provider whether it is ready.</summary>
        public string? Condition { get; init; }

        /// <summary>Whether the object is gone in the end.</summary>
        public bool Ends { get; init; }

        public string Shown => Condition ?? (Kind == AWSProvider.Kind ? ConditionTypes.Ready : ConditionTypes.Synced);
    }
}
