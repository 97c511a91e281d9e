using InfraOperator.Abstractions;
using InfraOperator.Sandbox.Ecr;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>Providers are moved to another silo while AWS leaves calls of theirs without an answer.</summary>
public sealed class ProviderMoveTests
{
    private static readonly string[] Providers = ["localstack", "provider-1"];
    private static readonly string[] Quick = ["quick-0", "quick-1"];
    private static readonly string[] Slow = ["slow-0", "slow-1"];
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _awsTime = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task One_that_is_busy_goes_on_serving_and_moves_when_it_is_answered()
    {
        await using var cluster = await StartAsync(rebalancePeriod: TimeSpan.FromSeconds(30));

        // From now on there is a silo that has no provider.
        await cluster.Silos.StartAdditionalSiloAsync();
        var began = TimeProvider.System.GetTimestamp();
        for (var edit = 0; TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5); edit++)
        {
            Apply(cluster, Quick, $"edit-{edit}");
            await cluster.UntilSyncedAsync(Quick);
        }

        Assert.DoesNotContain(cluster.Log.Lines, IsMove);
        await AssertEvenWhenAnsweredAsync(cluster);
    }

    [Fact]
    public async Task Where_all_are_busy_for_long_one_that_is_moves_all_the_same()
    {
        await using var cluster = await StartAsync(rebalancePeriod: TimeSpan.FromSeconds(2));

        await cluster.Silos.StartAdditionalSiloAsync();
        await SiloCluster.UntilAsync(() => cluster.Log.Lines.Any(IsMove), "a provider is to move, though nothing was answered");

        await AssertEvenWhenAnsweredAsync(cluster);
    }

    /// <summary>One silo with both providers, each of which has been waiting for an answer for longer than a fast AWS takes.</summary>
    private async Task<SiloCluster> StartAsync(TimeSpan rebalancePeriod)
    {
        var cluster = await SiloCluster.StartAsync(1, options => options.RebalancePeriod = rebalancePeriod, _awsTime);
        cluster.ApplyProvider();
        cluster.ApplyProviderTag("made", "here", Providers[1]);
        Apply(cluster, Quick, "one");
        await cluster.UntilSyncedAsync(Quick);

        cluster.Ecr.Faults.Add("CreateRepository", new EcrFault.Latency(Held), times: Slow.Length);
        Apply(cluster, Slow, "one");
        await cluster.Ecr.WaitForDelayedAsync(Slow.Length);
        await SiloCluster.UntilAsync(() => cluster.Grains.Values.Single().Where(static grain => grain.Plural == AWSProvider.Plural).All(static grain => grain.IsBusy), "both providers are busy");
        return cluster;
    }

    private async Task AssertEvenWhenAnsweredAsync(SiloCluster cluster)
    {
        _awsTime.Advance(Held);
        await cluster.UntilSyncedAsync(Slow);
        await SiloCluster.UntilAsync(
            () => cluster.Grains.Values.All(static grains => grains.Count(static grain => grain.Plural == AWSProvider.Plural) == 1), "each silo has one of the providers");
        Assert.Equal(Quick.Length + Slow.Length, cluster.Ecr.Calls("CreateRepository"));
    }

    private static bool IsMove(string line) => line.Contains("which has fewer", StringComparison.Ordinal);

    private static void Apply(SiloCluster cluster, string[] names, string tag)
    {
        foreach (var (name, provider) in names.Zip(Providers))
        {
            cluster.ApplyRepository(name, tag, provider);
        }
    }
}
