using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>A provider that comes to mean something else moves no repository, and one that breaks and heals loses none.</summary>
public abstract class ProviderChangeConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string OtherRegion = "eu-west-1";
    private const string OtherRole = "arn:aws:iam::345678901234:role/other";

    /// <summary>What changes, and how: all of it moves the provider to where the repository is not.</summary>
    public static TheoryData<string, string> Moves => new()
    {
        { "region", OtherRegion },
        { "assumeRoleARN", OtherRole },
    };

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task A_provider_that_moves_gets_nothing_written_until_it_is_back(string field, string value)
    {
        await CreateSyncedAsync("app", new() { ["tags"] = new JsonObject { ["a"] = "1" } });
        var writes = AwsWrites("app").Count;
        await PatchSpecAsync("aws", new() { [field] = value }, AWSProvider.Kind);
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        Assert.Contains((string)told["status"]!["repositoryArn"]!, told.Message());

        await PatchSpecAsync("app", new() { ["scanOnPush"] = true, ["tags"] = new JsonObject { ["a"] = null } });
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        Assert.Equal(writes, AwsWrites("app").Count);

        await PatchSpecAsync("aws", new() { [field] = field == "region" ? "us-east-1" : null }, AWSProvider.Kind);
        await UntilSyncedAsync("app");
        Assert.Equal([ApiNames.OwnerTag], (await TagsInAwsAsync("app")).Keys);
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task Deletion_waits_for_a_provider_that_moved(string field, string value)
    {
        await CreateSyncedAsync("app");
        await PatchSpecAsync("aws", new() { [field] = value }, AWSProvider.Kind);
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        await DeleteAsync("app");
        var told = await UntilAsync("app", seen => seen["metadata"]!["deletionTimestamp"] is not null && seen.Message()?.Contains("Orphan", StringComparison.Ordinal) == true);
        Assert.Equal(Reasons.ProviderNotAllowed, told.Condition(ConditionTypes.Synced)!.Value.Reason);
        Assert.NotNull(await FindInAwsAsync("app"));

        await PatchSpecAsync("aws", new() { [field] = field == "region" ? "us-east-1" : null }, AWSProvider.Kind);
        await UntilGoneAsync("app");
        Assert.Null(await FindInAwsAsync("app"));
    }

    [Fact]
    public async Task A_provider_that_moves_while_its_first_status_is_under_way_tells_the_repositories_that_it_served_by_then()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (InterfereWithKubernetes("early", "patch awsproviders/status", new() { After = () => released.Task }, times: 1))
        {
            await CreateProviderAsync("early", StaticKeys());
            await CreateSyncedAsync("app", Using("early"));
            await PatchSpecAsync("early", new() { ["region"] = OtherRegion }, AWSProvider.Kind);

            // What the watch tells of the one comes after what it tells of the other.
            await CreateProviderAsync("later", StaticKeys());
            await CreateSyncedAsync("beside", Using("later"));
            released.SetResult();
        }

        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
    }

    [Fact]
    public async Task A_write_that_was_decided_for_one_place_never_goes_to_another()
    {
        var elsewhere = Environment.ClientsOf(AccessKeyId, OtherRegion).Ecr;
        await elsewhere.CreateRepositoryAsync(new() { RepositoryName = RepositoryOf("app") }, Cancel);
        await CreateSyncedAsync("app");

        // The provider moves after the repository was looked at and before it is written to.
        async Task MoveAsync()
        {
            await PatchSpecAsync("aws", new() { ["region"] = OtherRegion }, AWSProvider.Kind);
            await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind);
        }

        using (InterfereWithAws("app", "DescribeImages", new() { Before = MoveAsync }, times: 1))
        {
            await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        }

        Assert.DoesNotContain("PutImageScanningConfiguration", AwsCalls("app"));
        var other = (await elsewhere.DescribeRepositoriesAsync(new() { RepositoryNames = [RepositoryOf("app")] }, Cancel)).Repositories!.Single();
        Assert.False(other.ImageScanningConfiguration!.ScanOnPush);
        await elsewhere.DeleteRepositoryAsync(new() { RepositoryName = RepositoryOf("app") }, Cancel);
    }

    [Fact]
    public async Task An_object_may_change_to_a_provider_of_the_same_place_and_to_no_other()
    {
        await CreateProviderAsync("beside", With(StaticKeys(), "defaultTags", new JsonObject { ["from"] = "beside" }));
        await CreateProviderAsync("abroad", With(StaticKeys(), "region", OtherRegion));
        await CreateSyncedAsync("app");

        await PatchSpecAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "beside" } });
        await UntilSyncedAsync("app");
        Assert.Equal("beside", (await TagsInAwsAsync("app"))["from"]);

        // The provider that it left may go.
        await DeleteAsync("aws", AWSProvider.Kind);
        await UntilGoneAsync("aws", AWSProvider.Kind);

        await PatchSpecAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "abroad" }, ["scanOnPush"] = true });
        var told = await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        Assert.Contains(OtherRegion, told.Message());
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);

        await PatchSpecAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "beside" } });
        await UntilSyncedAsync("app");
        Assert.True((await InAwsAsync("app")).ImageScanningConfiguration!.ScanOnPush);
        await Assert.ThrowsAsync<RepositoryNotFoundException>(() => Environment.ClientsOf(AccessKeyId, OtherRegion).Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [RepositoryOf("app")] }, Cancel));
    }

    [Fact]
    public async Task A_provider_made_anew_is_another_one()
    {
        await CreateSyncedAsync("app");
        await VanishAsync();
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotFound);

        await CreateProviderAsync("aws", With(StaticKeys(), "defaultTags", new JsonObject { ["second"] = "yes" }));
        await UntilSyncedAsync("app");
        Assert.Equal("yes", (await TagsInAwsAsync("app"))["second"]);

        await VanishAsync();
        await CreateProviderAsync("aws", With(StaticKeys(), "region", OtherRegion));
        await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.ProviderNotAllowed);
        Assert.Equal("yes", (await TagsInAwsAsync("app"))["second"]);

        async Task VanishAsync()
        {
            await DeleteAsync("aws", AWSProvider.Kind);
            await Objects.PatchAsync(AWSProvider.Kind, Namespace, "aws", new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } });
            await UntilGoneAsync("aws", AWSProvider.Kind);
        }
    }

    [Fact]
    public async Task A_provider_that_breaks_speaks_for_itself_and_wakes_everyone_when_it_heals()
    {
        var names = Enumerable.Range(0, 20).Select(number => $"app-{number}").ToArray();
        await Task.WhenAll(names.Select(name => CreateSyncedAsync(name)));
        var before = names.ToDictionary(name => name, name => KubernetesWrites(name).Count);
        using (Environment.Aws.Interfere(request => request.AccessKeyId != AccessKeyId ? null
            : request.Operation == "GetCallerIdentity" ? Interference.StsError("InvalidClientTokenId") : Interference.AwsError("UnrecognizedClientException")))
        {
            await AnnotateAsync("aws", ApiNames.ForceSyncAnnotation, "break", AWSProvider.Kind);
            await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.CredentialsExpired, AWSProvider.Kind);

            // Twenty repositories in order have nothing to tell, until they look.
            Assert.All(names, name => Assert.Equal(before[name], KubernetesWrites(name).Count));
            await Task.WhenAll(names.Select(CompareAsync));
            foreach (var name in names)
            {
                var told = await UntilReasonAsync(name, ConditionTypes.Synced, Reasons.ProviderNotReady);
                Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
                Assert.Equal(ConditionStatus.Unknown, told.Condition(ConditionTypes.Synced)!.Value.Status);
            }
        }

        await AnnotateAsync("aws", ApiNames.ForceSyncAnnotation, "heal", AWSProvider.Kind);
        await Task.WhenAll(names.Select(UntilSyncedAsync));
    }

    [Fact]
    public async Task Keys_that_were_rotated_are_read_again_at_the_first_refusal()
    {
        await CreateSecretAsync("rotated", accessKeyId: $"{AccessKeyId}OLD");
        await CreateProviderAsync("rotated", StaticKeys("rotated"));
        await CreateSyncedAsync("app", new() { ["providerRef"] = new JsonObject { ["name"] = "rotated" } });
        await Objects.PatchAsync("Secret", Namespace, "rotated", new() { ["data"] = new JsonObject { ["id"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(AccessKeyId)) } });
        using var refusal = Environment.Aws.Interfere(request => request.AccessKeyId != $"{AccessKeyId}OLD" ? null
            : request.Operation == "GetCallerIdentity" ? Interference.StsError("InvalidClientTokenId") : Interference.AwsError("UnrecognizedClientException"));

        await PatchSpecAsync("app", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("app");
        Assert.True((await InAwsAsync("app")).ImageScanningConfiguration!.ScanOnPush);
    }

    [Fact]
    public async Task A_revoked_namespace_gets_nothing_written_from_then_on()
    {
        var guest = await AddGuestAsync();
        await PatchSpecAsync("aws", new() { ["allowedNamespaces"] = null }, AWSProvider.Kind);
        var told = await Objects.UntilAsync(ECRRepository.Kind, guest, "app", value => value.Condition(ConditionTypes.Synced)?.Reason == Reasons.ProviderNotAllowed);
        Assert.Equal(ConditionStatus.True, told.Condition(ConditionTypes.Ready)!.Value.Status);
        var writes = AwsWrites("app").Count;
        await Objects.PatchAsync(ECRRepository.Kind, guest, "app", new() { ["spec"] = new JsonObject { ["scanOnPush"] = true, ["deletionPolicy"] = "Orphan" } });
        await Objects.UntilAsync(ECRRepository.Kind, guest, "app", value => value.SpeaksOfNewestSpec());
        Assert.Equal(writes, AwsWrites("app").Count);

        await Objects.DeleteAsync(ECRRepository.Kind, guest, "app");
        await Objects.UntilGoneAsync(ECRRepository.Kind, guest, "app");
    }

    [Fact]
    public async Task A_namespace_that_is_revoked_in_the_midst_of_its_writes_gets_no_more_of_them()
    {
        var guest = await AddGuestAsync();
        var before = AwsWrites("app").Count;
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interference = Environment.Aws.Interfere(request => IsWrite(request) ? new() { Before = () => held.Task } : null);
        var isHeld = Environment.Aws.UntilAsync(IsWrite, before + 1);
        await Objects.PatchAsync(ECRRepository.Kind, guest, "app", new()
        {
            ["spec"] = new JsonObject { ["scanOnPush"] = true, ["imageTagMutability"] = "IMMUTABLE", ["tags"] = new JsonObject { ["a"] = "b" } },
        });
        await isHeld;
        await PatchSpecAsync("aws", new() { ["allowedNamespaces"] = null }, AWSProvider.Kind);
        await UntilAsync("aws", value => value.SpeaksOfNewestSpec(), AWSProvider.Kind, "its newest spec told of");
        held.SetResult();

        await Objects.UntilAsync(ECRRepository.Kind, guest, "app", value => value.Condition(ConditionTypes.Synced)?.Reason == Reasons.ProviderNotAllowed);
        Assert.Equal(before + 1, AwsWrites("app").Count);

        bool IsWrite(RecordedRequest request) => request.IsWrite && request.Name == RepositoryOf("app");
    }

    /// <summary>A synced object, <c>app</c>, in a namespace that may use this one's provider.</summary>
    private async Task<string> AddGuestAsync()
    {
        var guest = $"{Namespace}-guest";
        await Objects.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = guest } });
        await PatchSpecAsync("aws", new() { ["allowedNamespaces"] = new JsonArray($"{Namespace}-*") }, AWSProvider.Kind);
        await Objects.CreateAsync(new()
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ECRRepository.Kind,
            ["metadata"] = new JsonObject { ["name"] = "app", ["namespace"] = guest },
            ["spec"] = new JsonObject { ["providerRef"] = new JsonObject { ["name"] = "aws", ["namespace"] = Namespace }, ["repositoryName"] = RepositoryOf("app") },
        });
        await Objects.UntilAsync(ECRRepository.Kind, guest, "app", value => value.IsSynced());
        return guest;
    }
}
