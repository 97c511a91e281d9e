using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>Outside the tenancy rule <c>fenced</c> nothing reaches AWS, and the condition names the rule.</summary>
public abstract class TenancyConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment, "fenced")
{
    private const string Rule = "tenancy rule 'fenced'";

    /// <summary>A key that only the provider of a test signs with.</summary>
    private string OtherKey => $"{AccessKeyId}OTHER";

    [Fact]
    public async Task Within_the_rule_everything_is_as_ever()
    {
        await CreateProviderAsync("irsa", new() { ["roleARN"] = "arn:aws:iam::123456789012:role/fenced-ecr" });
        var synced = await CreateSyncedAsync("by-role", Using("irsa"));
        await CreateSyncedAsync("by-keys");
        await DeleteAsync("by-keys");
        await UntilGoneAsync("by-keys");

        Assert.Contains(":123456789012:repository/", (string?)synced["status"]!["repositoryArn"]);
        Assert.Null(await FindInAwsAsync("by-keys"));
    }

    [Fact]
    public Task A_region_outside_is_refused_before_any_call() =>
        AssertRefusedAsync(With(StaticKeys("other"), "region", "eu-west-1"), Reasons.InvalidSpec, "spec.region: 'eu-west-1'", "us-east-1");

    [Fact]
    public Task A_role_outside_is_refused_before_any_call() =>
        AssertRefusedAsync(new() { ["roleARN"] = $"arn:aws:iam::123456789012:role/{Namespace}" }, Reasons.InvalidSpec, "spec.roleARN: 'arn:aws:iam::123456789012:role/", "arn:aws:iam::*:role/fenced-*");

    [Fact]
    public Task A_role_outside_is_refused_on_top_of_keys_too() =>
        AssertRefusedAsync(With(StaticKeys("other"), "assumeRoleARN", $"arn:aws:iam::123456789012:role/{Namespace}"), Reasons.InvalidSpec, "spec.assumeRoleARN: ");

    [Fact]
    public Task A_role_of_an_account_outside_is_refused_before_any_call() =>
        AssertRefusedAsync(With(StaticKeys("other"), "assumeRoleARN", $"arn:aws:iam::210987654321:role/fenced-{Namespace}"), Reasons.ProviderNotAllowed, "account 210987654321", "123456789012");

    [Fact]
    public Task The_operators_own_identity_is_refused_where_roles_are_bound() =>
        AssertRefusedAsync([], Reasons.InvalidSpec, "names neither keys nor a role");

    [Fact]
    public Task An_endpoint_outside_is_refused_before_any_call() =>
        AssertRefusedAsync(With(StaticKeys("other"), "endpoint", Environment.Aws.Url.ToString()), Reasons.InvalidSpec, "spec.endpoint: '127.0.0.1'", "*.fenced.example");

    [Fact]
    public async Task Keys_of_an_account_outside_get_no_further_than_the_question_whose_they_are()
    {
        using var elsewhere = Environment.Aws.Interfere(request => request.AccessKeyId == OtherKey && request.Operation == "GetCallerIdentity"
            ? new() { Instead = new(200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::999999999999:user/other</Arn><UserId>1</UserId><Account>999999999999</Account></GetCallerIdentityResult></GetCallerIdentityResponse>", "text/xml") }
            : null);
        await CreateSecretAsync("other", accessKeyId: OtherKey);
        await CreateProviderAsync("other", StaticKeys("other"));
        await CreateRepositoryAsync("app", Using("other"));

        await AssertToldAsync("other", Reasons.ProviderNotAllowed, "account 999999999999", "123456789012");
        Assert.Equal(["GetCallerIdentity"], Environment.Aws.Log.Where(request => request.AccessKeyId == OtherKey).Select(request => request.Operation).Distinct());
    }

    [Fact]
    public async Task A_provider_that_is_put_right_serves_at_once()
    {
        await CreateProviderAsync("mended", With(StaticKeys(), "region", "eu-west-1"));
        await CreateRepositoryAsync("app", Using("mended"));
        await AssertToldAsync("mended", Reasons.InvalidSpec);

        await PatchSpecAsync("mended", new() { ["region"] = "us-east-1" }, AWSProvider.Kind);
        await UntilSyncedAsync("app");
    }

    [Fact]
    public async Task A_provider_that_is_taken_outside_deletes_nothing_by_who_it_was()
    {
        await CreateProviderAsync("moving", StaticKeys());
        await CreateSyncedAsync("app", Using("moving"));
        await PatchSpecAsync("moving", new() { ["assumeRoleARN"] = $"arn:aws:iam::123456789012:role/{Namespace}" }, AWSProvider.Kind);
        await UntilReasonAsync("moving", ConditionTypes.Ready, Reasons.InvalidSpec, AWSProvider.Kind);
        var before = AwsCalls("app").Count;

        await DeleteAsync("app");
        var told = await UntilAsync("app", value => value["metadata"]!["deletionTimestamp"] is not null && value.Message()?.Contains("Orphan", StringComparison.Ordinal) == true);
        Assert.Contains(Rule, told.Message());
        Assert.Equal(before, AwsCalls("app").Count);

        await PatchSpecAsync("moving", new() { ["assumeRoleARN"] = null }, AWSProvider.Kind);
        await UntilGoneAsync("app");
        Assert.Null(await FindInAwsAsync("app"));
    }

    [Fact]
    public async Task A_repository_whose_name_is_outside_is_never_asked_about()
    {
        // Not only is it not made: one that is there is neither adopted, looked at nor swept.
        var name = $"{Namespace}-outside/app";
        await Ecr.CreateRepositoryAsync(new() { RepositoryName = name }, Cancel);
        await CreateRepositoryAsync("outside", new() { ["repositoryName"] = name });
        await CreateRepositoryAsync("watching", new() { ["repositoryName"] = name, ["managementPolicy"] = "Observe" });
        foreach (var each in (string[])["outside", "watching"])
        {
            var told = await UntilReasonAsync(each, ConditionTypes.Synced, Reasons.InvalidSpec);
            Assert.Contains($"spec.repositoryName: '{name}' is outside {Rule}", told.Message());
            Assert.Contains("t-*fenced/*", told.Message());
            Assert.Empty(told.Finalizers());
        }

        await CreateSyncedAsync("inside");
        await SweepAsync();
        await AnnotateAsync("outside", ApiNames.PausedAnnotation, "true");
        await AnnotateAsync("outside", ApiNames.LifecyclePreviewAnnotation, "try");
        await UntilAsync("outside", value => ((string?)value["status"]?["lifecyclePreview"]?["message"])?.Contains(Rule, StringComparison.Ordinal) == true);
        Assert.DoesNotContain(Environment.Aws.Log, request => request.Body.Contains($"{Namespace}-outside", StringComparison.Ordinal));

        await DeleteAsync("outside");
        await UntilGoneAsync("outside");
        Assert.DoesNotContain(Environment.Aws.Log, request => request.Body.Contains($"{Namespace}-outside", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("eu-west-1", null, "region eu-west-1")]
    [InlineData("us-east-1", "arn:aws:iam::210987654321:role/elsewhere", "account 210987654321")]
    public async Task Another_namespaces_provider_serves_only_within_the_repositorys_own_rule(string region, string? role, string words)
    {
        var host = $"{Namespace}-host";
        await CreateNamespaceAsync(host);
        var spec = new JsonObject { ["region"] = region, ["allowedNamespaces"] = new JsonArray(Namespace) };
        if (role is not null)
        {
            spec["roleARN"] = role;
        }

        await CreateInAsync(host, AWSProvider.Kind, "wide", spec);
        await Objects.UntilAsync(AWSProvider.Kind, host, "wide", value => value.Condition(ConditionTypes.Ready)?.Status == ConditionStatus.True);
        await CreateRepositoryAsync("guest", new() { ["providerRef"] = new JsonObject { ["name"] = "wide", ["namespace"] = host } });

        var told = await UntilReasonAsync("guest", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        Assert.Contains($"the provider acts in {words}, outside {Rule}", told.Message());
        Assert.Empty(told.Finalizers());
        Assert.Empty(AwsCalls("guest"));
    }

    [Fact]
    public async Task An_elder_object_outside_keeps_no_repository_from_who_may_have_it()
    {
        var narrow = $"{Namespace}-narrow";
        await CreateNamespaceAsync(narrow);
        await PatchSpecAsync("aws", new() { ["allowedNamespaces"] = new JsonArray(narrow) }, AWSProvider.Kind);
        await CreateInAsync(narrow, ECRRepository.Kind, "elder", new() { ["providerRef"] = new JsonObject { ["name"] = "aws", ["namespace"] = Namespace }, ["repositoryName"] = RepositoryOf("wanted") });
        var elder = await Objects.UntilAsync(ECRRepository.Kind, narrow, "elder", value => value.Condition(ConditionTypes.Synced)?.Reason == Reasons.InvalidSpec);
        await UntilSecondAfterAsync(elder.Created());

        await CreateInAwsAsync("wanted");
        await CreateSyncedAsync("wanted", new() { ["adoptionPolicy"] = "Adopt" });
    }

    [Fact]
    public async Task Of_many_objects_at_once_no_more_get_a_repository_than_the_rule_allows()
    {
        var names = Enumerable.Range(0, 8).Select(number => $"app-{number}").ToArray();
        await Task.WhenAll(names.Select(name => CreateRepositoryAsync(name)));
        var told = await Task.WhenAll(names.Select(name => UntilAsync(name, value => value.IsSynced() || value.Condition(ConditionTypes.Synced)?.Reason == Reasons.InvalidSpec)));

        var refused = told.Where(value => !value.IsSynced()).ToArray();
        Assert.Equal(5, refused.Length);
        Assert.All(refused, value =>
        {
            Assert.StartsWith($"{Rule} allows namespace '{Namespace}' 3 repositories, and 3 other", value.Message(), StringComparison.Ordinal);
            Assert.Empty(value.Finalizers());
        });
        Assert.Equal(3, AwsCalls().Count(operation => operation == "CreateRepository"));
        Assert.All(refused, value => Assert.Empty(AwsCalls((string)value["metadata"]!["name"]!)));
    }

    [Fact]
    public async Task Who_has_a_repository_keeps_it_and_who_waits_gets_the_place_of_who_goes()
    {
        foreach (var name in (string[])["one", "two", "three"])
        {
            await CreateSyncedAsync(name);
        }

        await CreateRepositoryAsync("waiting");
        await UntilReasonAsync("waiting", ConditionTypes.Synced, Reasons.InvalidSpec);
        await CreateSyncedAsync("watching", new() { ["repositoryName"] = RepositoryOf("one"), ["managementPolicy"] = "Observe" });
        await PatchSpecAsync("one", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("one");
        Assert.Empty(AwsCalls("waiting"));

        await DeleteAsync("two");
        await UntilGoneAsync("two");
        await UntilSyncedAsync("waiting");

        // Adoption is one more as well.
        await CreateInAwsAsync("there");
        await CreateRepositoryAsync("there", new() { ["adoptionPolicy"] = "Adopt" });
        await UntilReasonAsync("there", ConditionTypes.Synced, Reasons.InvalidSpec);
        Assert.Empty(AwsCalls("there"));
    }

    private Task CreateNamespaceAsync(string name) =>
        Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });

    private Task CreateInAsync(string ns, string kind, string name, JsonObject spec) => Objects.CreateAsync(new()
    {
        ["apiVersion"] = ApiNames.ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["spec"] = spec,
    });

    /// <summary>A provider with this spec says why it is refused, and neither it nor its repository is a reason for a call.</summary>
    private async Task AssertRefusedAsync(JsonObject spec, string reason, params string[] words)
    {
        await CreateSecretAsync("other", accessKeyId: OtherKey);
        await CreateProviderAsync("other", spec);
        await CreateRepositoryAsync("app", Using("other"));

        await AssertToldAsync("other", reason, words);
        Assert.DoesNotContain(Environment.Aws.Log, request => request.AccessKeyId == OtherKey || request.Body.Contains(Uri.EscapeDataString($"role/{Namespace}"), StringComparison.Ordinal) || request.Body.Contains($"fenced-{Namespace}", StringComparison.Ordinal));
    }

    private async Task AssertToldAsync(string provider, string reason, params string[] words)
    {
        var told = await UntilReasonAsync(provider, ConditionTypes.Ready, reason, AWSProvider.Kind);
        Assert.All([Rule, .. words], word => Assert.Contains(word, told.Message()));
        var waiting = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotReady);
        Assert.Contains(Rule, waiting.Message());
        Assert.Empty(waiting.Finalizers());
        Assert.Empty(AwsCalls("app"));
    }
}
