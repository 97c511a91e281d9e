using InfraOperator.Abstractions;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>Providers are moved to another silo while their calls are under way.</summary>
public sealed class ProviderMoveTests
{
    private static readonly string[] Providers = ["localstack", "provider-1"];
    private static readonly string[] Quick = ["quick-0", "quick-1"];
    private static readonly string[] Slow = ["slow-0", "slow-1"];

    [Fact]
    public async Task A_provider_whose_call_AWS_leaves_without_an_answer_goes_on_serving_the_others_and_moves_when_it_was_answered()
    {
        await using var cluster = await SiloCluster.StartAsync(1);
        cluster.ApplyProvider();
        cluster.ApplyProviderTag("made", "here", Providers[1]);
        Apply(cluster, Quick, "one");
        await cluster.UntilSyncedAsync(Quick);

        cluster.Ecr.Faults.Add("CreateRepository", new EcrFault.Latency(TimeSpan.FromSeconds(15)), times: Slow.Length);
        Apply(cluster, Slow, "one");
        await cluster.Ecr.WaitForDelayedAsync(Slow.Length);
        var began = TimeProvider.System.GetTimestamp();
        await SiloCluster.UntilAsync(() => TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(1.5), "the calls last longer than a fast AWS takes");

        // From now on there is a silo that has no provider.
        await cluster.Silos.StartAdditionalSiloAsync();
        began = TimeProvider.System.GetTimestamp();
        for (var edit = 0; TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(3); edit++)
        {
            Apply(cluster, Quick, $"edit-{edit}");
            await cluster.UntilSyncedAsync(Quick);
            Assert.All(Slow, name => Assert.NotEqual(true, (bool?)cluster.Server.Get(ECRRepository.Plural, "default", name)?["status"]?["ready"]));
        }

        await cluster.UntilSyncedAsync(Slow);
        await SiloCluster.UntilAsync(
            () => cluster.Grains.Values.All(static grains => grains.Count(static grain => grain.Plural == AWSProvider.Plural) == 1), "each silo has one of the providers");
        Assert.Equal(Quick.Length + Slow.Length, cluster.Ecr.Calls("CreateRepository"));
    }

    private static void Apply(SiloCluster cluster, string[] names, string tag)
    {
        foreach (var (name, provider) in names.Zip(Providers))
        {
            cluster.ApplyRepository(name, tag, provider);
        }
    }
}
