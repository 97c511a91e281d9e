using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>Providers are too few for a hash to spread them evenly, so they are spread by number.</summary>
public sealed class ProviderBalancerTests
{
    private const int Providers = 16;
    private static readonly string[] Names = [.. Enumerable.Range(0, Providers).Select(number => $"app-{number}")];

    [Fact]
    public async Task Every_silo_has_its_share_of_the_providers_when_silos_come_and_go_and_what_they_know_goes_along()
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        cluster.ApplyProvider();
        foreach (var number in Enumerable.Range(0, Providers))
        {
            cluster.ApplyProviderTag("added", "early", ProviderOf(number));
            cluster.ApplyRepository(Names[number], provider: ProviderOf(number));
        }

        await cluster.UntilSyncedAsync(Names);
        await UntilSharesAreAsync(cluster, 5, 5, 6);

        var fourth = await cluster.Silos.StartAdditionalSiloAsync();
        await UntilSharesAreAsync(cluster, 4, 4, 4, 4);

        await cluster.Silos.KillSiloAsync(fourth, TestContext.Current.CancellationToken);
        await UntilSharesAreAsync(cluster, 5, 5, 6);

        // A provider tells its repositories of a change only where it knows them.
        foreach (var number in Enumerable.Range(0, Providers))
        {
            cluster.ApplyProviderTag("added", "later", ProviderOf(number));
        }

        await cluster.UntilTaggedAsync(Names, "added", "later");
        Assert.Equal(Providers, cluster.Ecr.Calls("CreateRepository"));
    }

    private static string ProviderOf(int number) => number == 0 ? "localstack" : $"provider-{number}";

    private static Task UntilSharesAreAsync(SiloCluster cluster, params int[] shares) => SiloCluster.UntilAsync(
        () => cluster.Grains.Values.Select(static grains => grains.Count(static grain => grain.Plural == AWSProvider.Plural)).Order().SequenceEqual(shares),
        $"the silos have {string.Join(", ", shares)} providers");
}
