using System.Text.Json.Nodes;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>How a sweep asks for more repositories than one call can name.</summary>
public sealed class ListingTests() : ControlPlaneConformance(new TwoNamesPerCall())
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public async Task An_account_of_few_repositories_is_listed()
    {
        await CreateAllAsync();
        await CreateInAwsAsync("foreign");

        Assert.Equal([[]], await SweptAsync());

        // What is listed is compared.
        await Ecr.PutImageScanningConfigurationAsync(new() { RepositoryName = RepositoryOf("b"), ImageScanningConfiguration = new() { ScanOnPush = true } }, Cancel);
        await SweepAsync();
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("b") && request.Operation == "PutImageScanningConfiguration").WaitAsync(KubernetesObjects.Deadline, Cancel);

        // What is not listed any longer is noticed, though no page says so.
        await DeleteInAwsAsync("c");
        await AgeAsync("c");
        await SweepAsync();
        await Environment.Aws.UntilAsync(request => request.Name == RepositoryOf("c") && request.Operation == "CreateRepository", 2).WaitAsync(KubernetesObjects.Deadline, Cancel);
    }

    [Fact]
    public async Task A_large_account_is_asked_by_name_from_when_it_shows()
    {
        await CreateAllAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 3000), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (number, token) =>
            await Ecr.CreateRepositoryAsync(new() { RepositoryName = $"{Namespace}-others/{number}" }, token));

        // Three pages of a thousand are more than two calls by name.
        Assert.Equal(5, (await SweptAsync()).Length);
        AssertByName(await SweptAsync());
    }

    [Fact]
    public async Task Who_may_not_list_asks_by_name_and_does_not_try_again_each_time()
    {
        using var denied = Environment.Enforce(AccessKeyId, IdentityPolicy.Parse($$"""
            {"Version": "2012-10-17", "Statement": [
              {"Effect": "Allow", "Action": "ecr:*", "Resource": "arn:aws:ecr:*:*:repository/{{Namespace}}/*"},
              {"Effect": "Allow", "Action": "tag:GetResources", "Resource": "*"}]}
            """));
        await CreateAllAsync();

        var first = await SweptAsync();
        Assert.Empty(first[0]);
        AssertByName(first[1..]);
        AssertByName(await SweptAsync());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private Task CreateAllAsync() => Task.WhenAll(Names.Select(name => CreateSyncedAsync(name, new() { ["scanOnPush"] = false })));

    private void AssertByName(string[][] calls)
    {
        Assert.Equal([1, 2], calls.Select(call => call.Length).Order());
        Assert.Equal(Names.Select(RepositoryOf), calls.SelectMany(names => names).Order(StringComparer.Ordinal));
    }

    /// <summary>Sweeps, and gives the names of each DescribeRepositories; none where it lists.</summary>
    private async Task<string[][]> SweptAsync()
    {
        var before = Calls().Length;
        await SweepAsync();
        return [.. Calls().Skip(before).Select(request => JsonNode.Parse(request.Body)!["repositoryNames"]?.AsArray().Select(name => (string)name!).ToArray() ?? [])];
    }

    private RecordedRequest[] Calls() => [.. Environment.Aws.Log.Where(request => request.AccessKeyId == AccessKeyId && request.Operation == "DescribeRepositories")];

    private sealed class TwoNamesPerCall : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:NamesPerCall"] = "2" };
    }
}
