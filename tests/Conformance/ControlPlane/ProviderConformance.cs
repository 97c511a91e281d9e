using System.Text;
using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>A provider proves its identity, says what is wrong, and wakes who waited for it.</summary>
public abstract class ProviderConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    [Fact]
    public async Task A_provider_tells_who_it_acts_as()
    {
        var ready = await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        var caller = await Environment.ClientsOf(AccessKeyId).GetCallerIdentityAsync(Cancel);

        var status = ready["status"]!;
        Assert.True((bool)status["ready"]!);
        Assert.Equal(caller.AccountId, (string?)status["accountID"]);
        Assert.Equal(caller.Arn, (string?)status["callerIdentity"]);
        Assert.Equal(Environment.Aws.Url.ToString(), (string?)status["endpoint"]);
        Assert.Equal("us-east-1", (string?)status["region"]);
        Assert.NotNull((string?)status["lastAuthenticationTime"]);
        Assert.Equal(1, (long?)status["observedGeneration"]);
        Assert.Equal([ApiNames.Finalizer], ready.Finalizers());
    }

    [Fact]
    public async Task Keys_may_come_from_one_Secret()
    {
        await CreateSecretAsync("one", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
        await CreateProviderAsync("one", Credentials("one"));
        await CreateSyncedAsync("app", Using("one"));

        Assert.All(Environment.Aws.Log.Where(request => request.Name == RepositoryOf("app")), request => Assert.Equal(AccessKeyId, request.AccessKeyId));
    }

    [Fact]
    public async Task Without_keys_the_process_own_identity_is_used()
    {
        await CreateProviderAsync("ambient", []);
        await CreateSyncedAsync("app", Using("ambient"));

        Assert.All(Environment.Aws.Log.Where(request => request.Name == RepositoryOf("app")), request => Assert.Equal("AKIAAMBIENT", request.AccessKeyId));
    }

    [Fact]
    public async Task A_role_is_assumed_with_the_process_token()
    {
        await CreateProviderAsync("irsa", new() { ["roleARN"] = "arn:aws:iam::210987654321:role/ecr" });
        var synced = await CreateSyncedAsync("app", Using("irsa"));

        Assert.Contains(":210987654321:repository/", (string?)synced["status"]!["repositoryArn"]);
        var ready = await UntilReasonAsync("irsa", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        Assert.Equal($"arn:aws:sts::210987654321:assumed-role/ecr/{ControlPlaneEnvironment.ClusterId}.{Namespace}.irsa", (string?)ready["status"]!["callerIdentity"]);
    }

    [Fact]
    public async Task Another_accounts_role_is_assumed_on_top()
    {
        await CreateProviderAsync("cross", With(With(StaticKeys(), "assumeRoleARN", "arn:aws:iam::345678901234:role/cross"), "externalID", "external"));
        var synced = await CreateSyncedAsync("app", Using("cross"));

        Assert.Contains(":345678901234:repository/", (string?)synced["status"]!["repositoryArn"]);
    }

    [Fact]
    public async Task A_session_bears_tags_where_the_provider_says_so()
    {
        const string Role = "arn:aws:iam::345678901234:role/tagged";
        await CreateProviderAsync("plain", With(StaticKeys(), "assumeRoleARN", Role));
        await CreateProviderAsync("tagged", With(With(StaticKeys(), "assumeRoleARN", Role), "sessionTags", true));
        await UntilReasonAsync("plain", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        await UntilReasonAsync("tagged", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);

        Assert.DoesNotContain("Tags", AssumedBy("plain"));
        Assert.Contains(
            $"&Tags.member.1.Key=infra-operator-cluster&Tags.member.1.Value={ControlPlaneEnvironment.ClusterId}"
            + $"&Tags.member.2.Key=infra-operator-namespace&Tags.member.2.Value={Namespace}"
            + "&Tags.member.3.Key=infra-operator-provider&Tags.member.3.Value=tagged&",
            AssumedBy("tagged"));

        string AssumedBy(string provider) => Environment.Aws.Log.First(request =>
            request.Operation == "AssumeRole" && request.Body.Contains($"RoleSessionName={ControlPlaneEnvironment.ClusterId}.{Namespace}.{provider}&", StringComparison.Ordinal)).Body;
    }

    [Fact]
    public async Task A_missing_Secret_is_named_and_dependents_are_ready_soon_after_it_appears()
    {
        await CreateProviderAsync("late", StaticKeys("late"));
        await CreateRepositoryAsync("app", Using("late"));
        var told = await UntilReasonAsync("late", ConditionTypes.Ready, Reasons.SecretNotFound, AWSProvider.Kind);
        Assert.Contains($"{Namespace}/late", told.Message());
        var waiting = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady);
        Assert.Equal(ConditionStatus.Unknown, waiting.Condition(ConditionTypes.Ready)!.Value.Status);

        // A Secret without the key, then a whole one.
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "late", ["namespace"] = Namespace },
            ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(AccessKeyId)) },
        });
        await UntilAsync("late", value => value.Message()?.Contains("has no key 'secret'", StringComparison.Ordinal) == true, AWSProvider.Kind);
        await Objects.PatchAsync("Secret", Namespace, "late", new() { ["data"] = new JsonObject { ["secret"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(PlantedSecrets.SecretAccessKey)) } });
        await UntilSyncedAsync("app");
    }

    [Theory]
    [InlineData("AKIA…")]
    [InlineData("AKIA\nEXAMPLE")]
    public async Task A_key_that_can_be_none_is_told_by_its_Secret_and_never_sent(string key)
    {
        await CreateSecretAsync("garbled", accessKeyId: key);
        await CreateProviderAsync("garbled", StaticKeys("garbled"));
        var told = await UntilReasonAsync("garbled", ConditionTypes.Ready, Reasons.SecretNotFound, AWSProvider.Kind);
        Assert.Contains($"Secret '{Namespace}/garbled' has under the key 'id' a character that no key of AWS has", told.Message());

        await Objects.PatchAsync("Secret", Namespace, "garbled", new() { ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(AccessKeyId)) } });
        await UntilReasonAsync("garbled", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
    }

    [Fact]
    public async Task An_object_may_be_applied_before_its_provider()
    {
        await CreateRepositoryAsync("early", Using("later"));
        var told = await UntilReasonAsync("early", ConditionTypes.Synced, Reasons.ProviderNotFound);
        Assert.Equal(ConditionStatus.Unknown, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.Empty(AwsCalls("early"));
        Assert.Empty(told.Finalizers());

        await CreateProviderAsync("later", StaticKeys());
        await UntilSyncedAsync("early");
    }

    [Fact]
    public async Task A_provider_wakes_everyone_who_waited_at_once()
    {
        var names = Enumerable.Range(0, 20).Select(number => $"early-{number}").ToArray();
        await Task.WhenAll(names.Select(name => CreateRepositoryAsync(name, Using("later"))));
        await Task.WhenAll(names.Select(name => UntilReasonAsync(name, ConditionTypes.Synced, Reasons.ProviderNotFound)));

        await CreateProviderAsync("later", StaticKeys());
        await Task.WhenAll(names.Select(UntilSyncedAsync));
    }

    [Fact]
    public async Task A_provider_in_use_stays_until_it_is_not()
    {
        await CreateSyncedAsync("user");
        await DeleteAsync("aws", AWSProvider.Kind);
        var held = await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Deleting, AWSProvider.Kind);
        Assert.Contains("1 ECRRepository", held.Message());
        Assert.Contains($"{Namespace}/user", held.Message());
        Assert.Equal([ApiNames.Finalizer], held.Finalizers());

        // It goes on serving meanwhile.
        await PatchSpecAsync("user", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("user");

        await DeleteAsync("user");
        await UntilGoneAsync("user");
        await UntilGoneAsync("aws", AWSProvider.Kind);
        Assert.Null(await FindInAwsAsync("user"));
    }

    [Fact]
    public async Task A_provider_nobody_uses_goes_at_once()
    {
        await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        await DeleteAsync("aws", AWSProvider.Kind);
        await UntilGoneAsync("aws", AWSProvider.Kind);
    }

    [Fact]
    public async Task Another_namespaces_provider_serves_only_who_is_allowed()
    {
        var other = $"{Namespace}-other";
        await Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = other } });
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ECRRepository.Kind,
            ["metadata"] = new JsonObject { ["name"] = "guest", ["namespace"] = other },
            ["spec"] = new JsonObject { ["providerRef"] = new JsonObject { ["name"] = "aws", ["namespace"] = Namespace }, ["repositoryName"] = RepositoryOf("guest") },
        });
        var refused = await Objects.UntilAsync(ECRRepository.Kind, other, "guest", value => value.Condition(ConditionTypes.Synced)?.Reason == Reasons.ProviderNotAllowed);
        Assert.Contains(other, refused.Message());
        Assert.Empty(AwsCalls("guest"));

        await PatchSpecAsync("aws", new() { ["allowedNamespaces"] = new JsonArray($"{Namespace}-*") }, AWSProvider.Kind);
        await Objects.UntilAsync(ECRRepository.Kind, other, "guest", value => value.IsSynced());
        Assert.Equal($"{ControlPlaneEnvironment.ClusterId}/{other}/guest", (await TagsInAwsAsync("guest"))[ApiNames.OwnerTag]);
    }

    [Fact]
    public async Task An_account_that_is_not_allowed_gets_nothing_written()
    {
        await CreateProviderAsync("bound", With(StaticKeys(), "allowedAccountIDs", new JsonArray("999999999999")));
        await CreateRepositoryAsync("app", Using("bound"));
        var told = await UntilReasonAsync("bound", ConditionTypes.Ready, Reasons.ProviderNotAllowed, AWSProvider.Kind);
        Assert.Contains("999999999999", told.Message());
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady);
        Assert.Empty(AwsCalls("app"));

        await PatchSpecAsync("bound", new() { ["allowedAccountIDs"] = new JsonArray("999999999999", (await Environment.ClientsOf(AccessKeyId).GetCallerIdentityAsync(Cancel)).AccountId) }, AWSProvider.Kind);
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task Keys_that_AWS_does_not_know_are_told_and_new_ones_are_taken_up()
    {
        await CreateSecretAsync("rotating", accessKeyId: $"{AccessKeyId}OLD");
        using var refusal = Environment.Aws.Interfere(request => request.AccessKeyId != $"{AccessKeyId}OLD" ? null : Interference.StsError("InvalidClientTokenId", "The security token included in the request is invalid"));
        await CreateProviderAsync("rotating", StaticKeys("rotating"));
        await CreateRepositoryAsync("app", Using("rotating"));
        await UntilReasonAsync("rotating", ConditionTypes.Ready, Reasons.CredentialsExpired, AWSProvider.Kind);

        await Objects.PatchAsync("Secret", Namespace, "rotating", new() { ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(AccessKeyId)) } });
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task AWSs_explanation_of_a_wrong_signature_is_told_without_the_session_token_that_it_quotes()
    {
        await CreateSecretAsync("temporary", accessKeyId: $"{AccessKeyId}TMP");
        var canonical = $"The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been 'POST / x-amz-security-token:{PlantedSecrets.SessionToken}'";
        using (Environment.Aws.Interfere(request => request.AccessKeyId == $"{AccessKeyId}TMP" ? Interference.StsError("SignatureDoesNotMatch", canonical) : null))
        {
            await CreateProviderAsync("temporary", With(StaticKeys("temporary"), "sessionTokenRef", new JsonObject { ["name"] = "temporary", ["key"] = "token" }));
            var told = await UntilReasonAsync("temporary", ConditionTypes.Ready, Reasons.CredentialsExpired, AWSProvider.Kind);
            Assert.Contains("does not match", told.Message());
            Assert.Empty(PlantedSecrets.FoundIn(told.ToJsonString()));
        }

        await CreateSyncedAsync("app", Using("temporary"));
    }

    [Fact]
    public async Task Keys_that_expire_in_use_are_told_on_the_provider_and_taken_up_again_when_renewed()
    {
        await CreateSecretAsync("expiring", accessKeyId: $"{AccessKeyId}OLD");
        await CreateProviderAsync("expiring", StaticKeys("expiring"));
        await CreateSyncedAsync("app", Using("expiring"));
        using var refusal = Environment.Aws.Interfere(request => request.AccessKeyId != $"{AccessKeyId}OLD" ? null
            : request.Operation == "GetCallerIdentity" ? Interference.StsError("ExpiredToken") : Interference.AwsError("ExpiredTokenException"));

        var told = await CompareAsync("app");
        Assert.Equal(Reasons.CredentialsExpired, told.Condition(ConditionTypes.Synced)!.Value.Reason);
        Assert.Equal(ConditionStatus.Unknown, told.Condition(ConditionTypes.Synced)!.Value.Status);
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);

        await Objects.PatchAsync("Secret", Namespace, "expiring", new() { ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(AccessKeyId)) } });
        await AnnotateAsync("expiring", ApiNames.ForceSyncAnnotation, "now", AWSProvider.Kind);
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task The_specs_endpoint_comes_before_the_environments()
    {
        await CreateProviderAsync("direct", With(StaticKeys(), "endpoint", Environment.AwsUrl.ToString()));
        await CreateSyncedAsync("app", Using("direct"));

        Assert.NotNull(await FindInAwsAsync("app"));
        Assert.Empty(AwsCalls("app"));
        var ready = await UntilReasonAsync("direct", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        Assert.Equal(Environment.AwsUrl, new Uri((string)ready["status"]!["endpoint"]!));
    }

    [Fact]
    public async Task A_chosen_endpoint_never_sees_the_process_own_identity()
    {
        await CreateProviderAsync("chosen", new() { ["endpoint"] = Environment.Aws.Url.ToString() });
        var told = await UntilReasonAsync("chosen", ConditionTypes.Ready, Reasons.InvalidSpec, AWSProvider.Kind);

        Assert.Contains("spec.endpoint", told.Message());
    }

    [Theory]
    [InlineData("http://localhost:4566", "this machine")]
    [InlineData("http://127.0.0.2:4566", "loopback")]
    [InlineData("http://169.254.169.254", "link-local")]
    [InlineData("https://kubernetes.default.svc", "name of the cluster")]
    [InlineData("https://kubernetes", "without a dot")]
    public async Task An_endpoint_that_only_the_operator_can_reach_is_refused_and_told(string endpoint, string why)
    {
        await CreateProviderAsync("chosen", With(StaticKeys(), "endpoint", endpoint));
        var told = await UntilReasonAsync("chosen", ConditionTypes.Ready, Reasons.InvalidSpec, AWSProvider.Kind);

        Assert.Contains("spec.endpoint", told.Message());
        Assert.Contains(why, told.Message());
        Assert.Contains("Operator:InternalEndpointHosts", told.Message());
    }

    [Fact]
    public async Task A_host_that_DNS_cannot_spell_is_told()
    {
        await CreateProviderAsync("chosen", With(StaticKeys(), "endpoint", $"http://{string.Join('.', Enumerable.Repeat(new string('\u754c', 8), 20))}.example.com"));
        var told = await UntilReasonAsync("chosen", ConditionTypes.Ready, Reasons.InvalidSpec, AWSProvider.Kind);

        Assert.Contains("is no http(s) URL", told.Message());
    }

    [Fact]
    public async Task An_edit_of_a_provider_holds_from_then_on()
    {
        await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);

        // The proof of the new region is under way when the object comes: it must not be made in the old one.
        var proving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Environment.Aws.UntilAsync(request => request.AccessKeyId == AccessKeyId && request.Operation == "GetCallerIdentity", 2);
        using var held = Environment.Aws.Interfere(request => request.AccessKeyId == AccessKeyId && request.Operation == "GetCallerIdentity" ? new() { Before = () => proving.Task } : null);
        await PatchSpecAsync("aws", new() { ["region"] = "eu-west-1" }, AWSProvider.Kind);
        await asked.WaitAsync(KubernetesObjects.Deadline, Cancel);
        await CreateRepositoryAsync("app");
        await CreateProviderAsync("beside", Credentials("absent"));
        await UntilReasonAsync("beside", ConditionTypes.Ready, Reasons.SecretNotFound, AWSProvider.Kind);
        proving.SetResult();

        var synced = await UntilSyncedAsync("app");
        Assert.StartsWith("arn:aws:ecr:eu-west-1:", (string?)synced["status"]!["repositoryArn"]);
    }

    private static JsonObject Credentials(string secret) => new() { ["credentialsSecret"] = new JsonObject { ["name"] = secret } };
}
