using InfraOperator.Abstractions;
using InfraOperator.Grains.Placement;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>
/// When a silo is lost, Orleans ends the grains of other silos that it kept record of: when, nobody can tell, so perhaps just after the watch
/// announced their objects again. Here no silo is lost, so nobody announces anything.
/// </summary>
public sealed class EndedGrainTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 20).Select(number => $"app-{number}")];

    [Theory]
    [InlineData(ECRRepository.Plural, 20, DeactivationReasonCode.DirectoryFailure)]
    [InlineData(AWSProvider.Plural, 1, DeactivationReasonCode.DirectoryFailure)]
    [InlineData(AWSProvider.Plural, 1, DeactivationReasonCode.Migrating)]
    public async Task What_Orleans_ends_is_made_anew_and_knows_all(string plural, int count, DeactivationReasonCode reason)
    {
        await using var cluster = await StartAsync();
        var ended = GrainsOf(cluster, plural);
        Assert.Equal(count, ended.Length);

        foreach (var grain in ended)
        {
            End(grain, reason);
        }

        await SiloCluster.UntilAsync(
            () => GrainsOf(cluster, plural).Except(ended).Select(grain => grain.Id).ToHashSet().SetEquals(ended.Select(grain => grain.Id)),
            "every object has a grain again");

        cluster.ApplyProviderTag("added", "later");
        await cluster.UntilTaggedAsync(Names, "added", "later");
        await SiloCluster.UntilAsync(() => (long?)cluster.Server.Get(AWSProvider.Plural, "default", "localstack")!["status"]?["repositoryCount"] == Names.Length, "the provider counts its repositories");
    }

    [Fact]
    public async Task An_edit_that_a_grain_was_told_of_before_its_end_is_served()
    {
        await using var cluster = await StartAsync();
        var key = SiloCluster.KeyOf("app-0");
        cluster.Ecr.Faults.Add("TagResource", new EcrFault.Latency(TimeSpan.FromSeconds(2)), times: 1);
        cluster.ApplyRepository("app-0", "two");
        await cluster.Ecr.WaitForDelayedAsync(1);

        // While the grain works on an edit it is told of the next. What it writes at the end of its work is news that would bring it back.
        cluster.Server.SilenceWatches();
        cluster.ApplyRepository("app-0", "three");
        await cluster.Silos.Client.GetGrain<IRepositoryGrain>(key.ToString()).Reread(onlyIfUnknown: false);
        End(GrainsOf(cluster, ECRRepository.Plural).Single(grain => grain.Key == key));

        await cluster.UntilTaggedAsync(["app-0"], "edit", "three");
        await cluster.UntilSyncedAsync(["app-0"]);
    }

    [Fact]
    public async Task Whoever_is_woken_before_it_knows_its_object_looks_for_it()
    {
        await using var cluster = await StartAsync();
        var key = SiloCluster.KeyOf("app-0");
        var ended = GrainsOf(cluster, ECRRepository.Plural).Single(grain => grain.Key == key);
        await cluster.UntagInAwsAsync("app-0", "edit");
        End(ended);
        await SiloCluster.UntilAsync(() => !GrainsOf(cluster, ECRRepository.Plural).Contains(ended), "the grain has ended");

        await cluster.Silos.Client.GetGrain<IRepositoryGrain>(key.ToString()).Wake();

        await cluster.UntilTaggedAsync(["app-0"], "edit", "one");
    }

    [Fact]
    public async Task What_ended_during_a_sweep_leaves_no_grain()
    {
        await using var cluster = await StartAsync();
        var gone = SiloCluster.KeyOf("gone");
        Assert.False(await cluster.Silos.Client.GetGrain<IRepositoryGrain>(gone.ToString()).Compare(new(new() { State = ProviderState.Ready, Message = "" }, null)));
        await SiloCluster.UntilAsync(() => GrainsOf(cluster, ECRRepository.Plural).All(grain => grain.Key != gone), "there is no grain of what is not");
    }

    private static async Task<SiloCluster> StartAsync()
    {
        var cluster = await SiloCluster.StartAsync(2, static options => options.ComparePeriod = TimeSpan.FromDays(40));
        cluster.ApplyProvider();
        foreach (var name in Names)
        {
            cluster.ApplyRepository(name);
        }

        await cluster.UntilSyncedAsync(Names);
        return cluster;
    }

    private static ILocalGrain[] GrainsOf(SiloCluster cluster, string plural) => [.. cluster.Grains.Values.SelectMany(grains => grains).Where(grain => grain.Plural == plural)];

    // As Orleans does when the silo that kept record of it is lost, or the silo that it was to move to does not take it.
    private static void End(ILocalGrain grain, DeactivationReasonCode reason = DeactivationReasonCode.DirectoryFailure) => ((IGrainBase)grain).GrainContext.Deactivate(new(reason, "in a test"));
}
