using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>A silo ends without a word: what it had is served again by those that are left.</summary>
public sealed class FailoverTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 30).Select(number => $"app-{number}")];

    public static TheoryData<string, string> Lost => new()
    {
        { "resource-watch", $"{SiloCluster.ClusterId}/{ECRRepository.Plural}" },
        { "resource-watch", $"{SiloCluster.ClusterId}/{AWSProvider.Plural}" },
        { "provider", SiloCluster.KeyOf("localstack").ToString() },
        { "repository", SiloCluster.KeyOf("app-0").ToString() },
    };

    [Theory]
    [MemberData(nameof(Lost))]
    public async Task What_a_killed_silo_had_is_served_by_the_others(string type, string key)
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        cluster.ApplyProvider();
        foreach (var name in Names)
        {
            cluster.ApplyRepository(name);
        }

        await cluster.UntilSyncedAsync(Names);

        await cluster.Silos.KillSiloAsync(cluster.SiloOf(type, key), TestContext.Current.CancellationToken);
        foreach (var name in Names)
        {
            cluster.ApplyRepository(name, "two");
        }

        await cluster.UntilSyncedAsync(Names);

        // The provider, an old activation or a new, knows its repositories.
        await SiloCluster.UntilAsync(() => (long?)cluster.Server.Get(AWSProvider.Plural, "default", "localstack")!["status"]?["repositoryCount"] == Names.Length, "the provider counts its repositories");
        cluster.ApplyProviderTag("added", "later");
        await cluster.UntilTaggedAsync(Names, "added", "later");
        Assert.Equal(0, cluster.Ecr.Calls("DeleteRepository"));
        Assert.Equal(Names.Length, cluster.Ecr.Calls("CreateRepository"));
    }
}
