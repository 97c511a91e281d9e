using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>
/// What becomes of grains when silos come and go. They are told of objects that the API server does not have, in a namespace that no
/// watch covers, so that whatever was forgotten cannot be learnt again.
/// </summary>
public sealed class RebalancingTests
{
    private const int Objects = 10_000;
    private const string Unwatched = "unwatched";

    [Fact]
    public async Task Ten_thousand_repositories_are_spread_evenly_and_a_fifth_silo_takes_its_share_with_all_that_is_known()
    {
        await using var cluster = await SiloCluster.StartAsync(4, NothingIsDue);
        await AnnounceAsync(cluster, Objects, Unwatched);

        Assert.All(cluster.Grains.Values, grains => Assert.InRange(Count(grains), 0.9 * Objects / 4, 1.1 * Objects / 4));

        var fifth = await cluster.Silos.StartAdditionalSiloAsync();
        await SiloCluster.UntilAsync(() => cluster.IsBalanced && cluster.Grains.Values.Sum(Count) == Objects, "every grain is where it belongs, and none on its way or lost");

        Assert.InRange(Count(SiloCluster.Local(fifth).All), 0.18 * Objects, 0.22 * Objects);
        await AssertKnownAsync(cluster, Objects);
    }

    [Fact]
    public async Task A_silo_that_is_stopped_hands_over_what_it_knows()
    {
        const int Few = 300;
        await using var cluster = await SiloCluster.StartAsync(3, NothingIsDue);
        await AnnounceAsync(cluster, Few, Unwatched);

        var leaves = cluster.Silos.Silos.First(silo => !silo.Equals(cluster.SiloOf("resource-watch", $"{SiloCluster.ClusterId}/{ECRRepository.Plural}/default")));
        await cluster.Silos.StopSiloAsync(leaves, TestContext.Current.CancellationToken);

        await SiloCluster.UntilAsync(() => cluster.Grains.Values.Sum(Count) == Few, "every grain is on one of the silos that stayed");
        Assert.Equal(2, cluster.Grains.Count);
        await AssertKnownAsync(cluster, Few);
    }

    [Fact]
    public async Task An_object_whose_end_nobody_heard_of_is_let_go_when_a_new_watch_does_not_tell_of_it()
    {
        await using var cluster = await SiloCluster.StartAsync(3, NothingIsDue);
        cluster.ApplyProvider();
        cluster.ApplyRepository("lives");
        await cluster.UntilSyncedAsync(["lives"]);
        await AnnounceAsync(cluster, 5, "default");

        await cluster.Silos.KillSiloAsync(cluster.SiloOf("resource-watch", $"{SiloCluster.ClusterId}/{ECRRepository.Plural}/default"), TestContext.Current.CancellationToken);

        await SiloCluster.UntilAsync(() => cluster.Grains.Values.SelectMany(grains => grains).Select(grain => grain.Key.Name).ToHashSet() is var names
            && names.Contains("lives") && !names.Any(name => name.StartsWith("app-", StringComparison.Ordinal)), "only what exists has a grain");
    }

    private static void NothingIsDue(OperatorOptions options)
    {
        options.ComparePeriod = TimeSpan.FromDays(40);
        options.Namespaces.Add("default");
    }

    private static int Count(IEnumerable<Placement.ILocalGrain> grains) => grains.Count(grain => grain.Plural == ECRRepository.Plural);

    private static async Task AnnounceAsync(SiloCluster cluster, int count, string ns) => await Parallel.ForEachAsync(Enumerable.Range(0, count), async (number, _) =>
        await cluster.Silos.Client.GetGrain<IRepositoryGrain>(SiloCluster.KeyOf($"app-{number}", ns).ToString()).Announce(Settled($"app-{number}", ns), round: 1));

    // A grain that has forgotten its object asks the API server for it, does not find it, and ends.
    private static async Task AssertKnownAsync(SiloCluster cluster, int count)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, count), async (number, _) =>
            await cluster.Silos.Client.GetGrain<IRepositoryGrain>(SiloCluster.KeyOf($"app-{number}", Unwatched).ToString()).Reread(onlyIfUnknown: true));
        Assert.Equal(count, cluster.Grains.Values.Sum(Count));
    }

    private static ECRRepository Settled(string name, string ns) => new()
    {
        Metadata = new() { Name = name, Namespace = ns, Uid = name, ResourceVersion = "7", Generation = 1, Finalizers = [ApiNames.Finalizer] },
        Spec = new() { ProviderRef = new() { Name = "nobody" }, RepositoryName = name },
        Status = new()
        {
            Ready = true,
            AppliedGeneration = 1,
            Conditions = [new() { Type = ConditionTypes.Synced, Status = ConditionStatus.True, Reason = Reasons.Available, Message = "", ObservedGeneration = 1, LastTransitionTime = DateTimeOffset.UnixEpoch }],
        },
    };
}
