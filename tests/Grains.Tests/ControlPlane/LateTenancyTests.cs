using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>A tenancy rule that comes later than the repositories: nothing more is done for them, and they can be deleted.</summary>
public sealed class LateTenancyTests() : ControlPlaneConformance(new LateRules())
{
    private new LateRules Environment => (LateRules)base.Environment;

    [Fact]
    public async Task What_was_made_before_the_rule_is_told_of_it_and_deleted_with_its_object()
    {
        await CreateSyncedAsync("before");
        await CreateSyncedAsync("kept", new() { ["repositoryName"] = $"kept/{Namespace}" });
        Assert.Single(Environment.Log.Lines, line => line.Contains("No tenancy rules are configured", StringComparison.Ordinal));

        await Environment.StopSiloAsync();
        Environment.Rules = new() { ["Operator:Tenants:0:Name"] = "late", ["Operator:Tenants:0:Namespaces:0"] = "*", ["Operator:Tenants:0:RepositoryNames:0"] = "kept/*" };
        var calls = AwsCalls("before").Count;
        await Environment.StartSiloAsync();
        Assert.Single(Environment.Log.Lines, line => line.Contains("No tenancy rules are configured", StringComparison.Ordinal));

        // It was in order, and is told without waiting for anything to change.
        var told = await UntilReasonAsync("before", ConditionTypes.Synced, Reasons.InvalidSpec);
        Assert.Contains("tenancy rule 'late'", told.Message());
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        await PatchSpecAsync("before", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("before", ConditionTypes.Synced, Reasons.InvalidSpec);
        await UntilSyncedAsync("kept");
        await SweepAsync();
        Assert.Equal(calls, AwsCalls("before").Count);
        Assert.Contains(Environment.Aws.Log, request => request.Operation == "DescribeRepositories" && request.Body.Contains("kept/", StringComparison.Ordinal));
        Assert.DoesNotContain(Environment.Aws.Log, request => request.Operation == "DescribeRepositories" && request.Body.Contains(RepositoryOf("before"), StringComparison.Ordinal));

        await DeleteAsync("before");
        await UntilGoneAsync("before");
        Assert.Null(await FindInAwsAsync("before"));
    }

    [Fact]
    public async Task What_is_not_on_record_is_not_asked_about_for_a_deletion_either()
    {
        Environment.Rules = new() { ["Operator:Tenants:0:Name"] = "late", ["Operator:Tenants:0:Namespaces:0"] = "*", ["Operator:Tenants:0:RepositoryNames:0"] = "kept/*" };
        await Environment.StopSiloAsync();
        await Environment.StartSiloAsync();
        await CreateRepositoryAsync("claimed");
        await UntilReasonAsync("claimed", ConditionTypes.Synced, Reasons.InvalidSpec);

        await Objects.PatchAsync(ECRRepository.Kind, Namespace, "claimed", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray(ApiNames.Finalizer) } });
        await DeleteAsync("claimed");
        var held = await UntilAsync("claimed", value => value.Message()?.Contains("set deletionPolicy to Orphan", StringComparison.Ordinal) == true);
        Assert.Contains("tenancy rule 'late'", held.Message());
        await PatchSpecAsync("claimed", new() { ["deletionPolicy"] = "Orphan" });
        await UntilGoneAsync("claimed");
        Assert.Empty(AwsCalls("claimed"));
    }

    [Fact]
    public async Task More_than_a_later_rule_allows_are_served_and_no_more_are_made()
    {
        await CreateSyncedAsync("one");
        await CreateSyncedAsync("two");
        await Environment.StopSiloAsync();
        Environment.Rules = new() { ["Operator:Tenants:0:Name"] = "late", ["Operator:Tenants:0:Namespaces:0"] = "*", ["Operator:Tenants:0:MaxRepositories"] = "1" };
        await Environment.StartSiloAsync();

        await CreateRepositoryAsync("three");
        var told = await UntilReasonAsync("three", ConditionTypes.Synced, Reasons.InvalidSpec);
        Assert.StartsWith($"tenancy rule 'late' allows namespace '{Namespace}' 1 repositories, and 2 other", told.Message(), StringComparison.Ordinal);
        await PatchSpecAsync("one", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("one");

        // One that goes makes no room yet.
        await DeleteAsync("two");
        await UntilGoneAsync("two");
        await PatchSpecAsync("three", new() { ["scanOnPush"] = true });
        await UntilReasonAsync("three", ConditionTypes.Synced, Reasons.InvalidSpec);
        Assert.Empty(AwsCalls("three"));
        await DeleteAsync("one");
        await UntilSyncedAsync("three");
    }

    [Fact]
    public async Task A_namespace_without_a_rule_gets_nothing()
    {
        Environment.Rules = new() { ["Operator:Tenants:0:Name"] = "late", ["Operator:Tenants:0:Namespaces:0"] = "t-another" };
        await Environment.StopSiloAsync();
        await Environment.StartSiloAsync();
        await CreateSecretAsync("unruled", accessKeyId: $"{AccessKeyId}OTHER");
        await CreateProviderAsync("unruled", StaticKeys("unruled"));
        await CreateRepositoryAsync("app", Using("unruled"));

        foreach (var (kind, name, type) in ((string, string, string)[])[(AWSProvider.Kind, "unruled", ConditionTypes.Ready), (ECRRepository.Kind, "app", ConditionTypes.Synced)])
        {
            var told = await UntilReasonAsync(name, type, Reasons.ProviderNotAllowed, kind);
            Assert.StartsWith($"no tenancy rule is for namespace '{Namespace}'", told.Message(), StringComparison.Ordinal);
        }

        Assert.Empty(AwsCalls("app"));
        Assert.DoesNotContain(Environment.Aws.Log, request => request.AccessKeyId == $"{AccessKeyId}OTHER");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private sealed class LateRules : SandboxControlPlane
    {
        public Dictionary<string, string?> Rules { get; set; } = [];

        protected override Dictionary<string, string?> Settings =>
            new([.. base.Settings.Where(setting => !setting.Key.StartsWith("Operator:Tenants:", StringComparison.Ordinal)), .. Rules]);
    }
}
