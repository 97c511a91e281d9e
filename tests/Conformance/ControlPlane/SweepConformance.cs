using System.Text.Json.Nodes;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// A sweep looks at many repositories with few calls and leaves those alone that are in order. It comes every period, and here when the
/// provider is asked to sync.
/// </summary>
public abstract class SweepConformance(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private static readonly string[] Names = ["a", "b", "c", "d"];

    [Fact]
    public async Task What_is_in_order_costs_a_sweep_two_calls_for_all_and_no_write()
    {
        await Task.WhenAll(Names.Select(name => CreateSyncedAsync(name, new()
        {
            ["lifecyclePolicy"] = new JsonObject { ["policyText"] = Texts.KeepTen },
            ["tags"] = new JsonObject { ["team"] = name },
        })));

        // The first learns what they are in order with; none of them looks for itself even then.
        foreach (var _ in (int[])[1, 2, 3])
        {
            var (aws, kubernetes) = (RequestsToAws().Count, Names.Sum(name => KubernetesWrites(name).Count));

            await SweepAsync();

            Assert.Equal(["DescribeRepositories", "GetResources"], RequestsToAws().Skip(aws).Select(request => request.Operation).Where(operation => operation != "GetCallerIdentity"));
            Assert.Equal(kubernetes, Names.Sum(name => KubernetesWrites(name).Count));
        }
    }

    [Theory]
    [InlineData("scanOnPush", "PutImageScanningConfiguration")]
    [InlineData("imageTagMutability", "PutImageTagMutability")]
    public Task What_differs_is_read_again_and_then_corrected(string field, string write) => CorrectAsync(field, write);

    protected async Task CorrectAsync(string field, string write)
    {
        await Task.WhenAll(Names.Select(name => CreateSyncedAsync(name, new() { ["scanOnPush"] = true, ["imageTagMutability"] = "IMMUTABLE", ["tags"] = new JsonObject { ["team"] = name } })));
        await SweepAsync();
        await ChangeAsync("b", field);
        var before = RequestsToAws().Count;

        await SweepAsync();
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("b") && request.Operation == write).WaitAsync(KubernetesObjects.Deadline, Cancel);

        // It reads for itself first, since a sweep may tell of what was.
        var asked = RequestsToAws().Skip(before).TakeWhile(request => request.Operation != write).ToArray();
        Assert.Contains(asked, request => request.Operation == "DescribeRepositories" && NamesIn(request) is [var one] && one == RepositoryOf("b"));
        Assert.Contains(asked, request => request.Operation == "ListTagsForResource" && request.Name == RepositoryOf("b"));
        Assert.DoesNotContain(asked, request => request.Operation == "ListTagsForResource" && request.Name != RepositoryOf("b"));
    }

    [Fact]
    public async Task A_repository_deleted_outside_is_made_again()
    {
        await CreateSyncedAsync("a");
        await CreateSyncedAsync("b");
        await SweepAsync();
        await DeleteInAwsAsync("b");
        await AgeAsync("b");

        await SweepAsync();

        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("b") && request.Operation == "CreateRepository", 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.Equal(["CreateRepository"], AwsWrites("a"));
    }

    [Fact]
    public async Task What_was_changed_there_and_back_between_two_sweeps_is_still_known()
    {
        await CreateSyncedAsync("a", new() { ["scanOnPush"] = false });
        await SweepAsync();

        // The object moves on, and somebody puts AWS back to what the last sweep saw.
        await PatchSpecAsync("a", new() { ["scanOnPush"] = true });
        await UntilSyncedAsync("a");
        await ChangeAsync("a", "scanOnPush");

        await SweepAsync();

        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("a") && request.Operation == "PutImageScanningConfiguration", 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
    }

    [Theory]
    [InlineData("InvalidParameterException")]
    [InlineData("AccessDeniedException")]
    public async Task A_name_that_AWS_does_not_take_ends_no_sweep(string code)
    {
        await Task.WhenAll(Names.Select(name => CreateSyncedAsync(name, new() { ["scanOnPush"] = true })));
        await ChangeAsync("b", "scanOnPush");
        using (Environment.Aws.Interfere(request => request.AccessKeyId == AccessKeyId && request.Operation == "DescribeRepositories" && NamesIn(request).Contains(RepositoryOf("c")) ? Interference.AwsError(code) : null))
        {
            await SweepAsync();
            await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("b") && request.Operation == "PutImageScanningConfiguration").WaitAsync(KubernetesObjects.Deadline, Cancel);
        }
    }

    [Fact]
    public async Task Without_the_tagging_API_configuration_is_swept_all_the_same()
    {
        using var denied = Environment.Enforce(AccessKeyId, IdentityPolicy.Parse("""{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}"""));
        await Task.WhenAll(Names.Select(name => CreateSyncedAsync(name, new() { ["scanOnPush"] = true, ["tags"] = new JsonObject { ["team"] = name } })));
        await SweepAsync();
        await ChangeAsync("c", "scanOnPush");
        Assert.Single(RequestsToAws(), request => request.Operation == "GetResources");

        await SweepAsync();

        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("c") && request.Operation == "PutImageScanningConfiguration").WaitAsync(KubernetesObjects.Deadline, Cancel);
    }

    private List<RecordedRequest> RequestsToAws() => [.. Environment.Aws.Log.Where(request => request.AccessKeyId == AccessKeyId)];

    private static string[] NamesIn(RecordedRequest request) => [.. JsonNode.Parse(request.Body)!["repositoryNames"]?.AsArray().Select(name => (string)name!) ?? []];

    private Task ChangeAsync(string name, string field) => field switch
    {
        "scanOnPush" => Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = RepositoryOf(name), ImageScanningConfiguration = new() { ScanOnPush = false } }, Cancel),
        "imageTagMutability" => Ecr.PutImageTagMutabilityAsync(new() { RepositoryName = RepositoryOf(name), ImageTagMutability = "MUTABLE" }, Cancel),
        _ => TagInAwsAsync(name, "team", "changed"),
    };
}
