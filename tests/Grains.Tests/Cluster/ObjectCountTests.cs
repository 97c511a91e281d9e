using System.Diagnostics.Metrics;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace InfraOperator.Grains.Tests.Cluster;

/// <summary>The sum over the silos of what each counts is all objects, wherever they move.</summary>
public sealed class ObjectCountTests
{
    private const int Objects = 200;

    [Fact]
    public async Task An_object_that_moves_is_counted_where_it_came_to_and_no_longer_where_it_was()
    {
        await using var cluster = await SiloCluster.StartAsync(2, static options =>
        {
            options.ComparePeriod = TimeSpan.FromDays(40);
            options.Namespaces.Add("default");
        });
        await Parallel.ForEachAsync(Enumerable.Range(0, Objects), async (number, _) =>
            await cluster.Silos.Client.GetGrain<IRepositoryGrain>(SiloCluster.KeyOf($"app-{number}", "unwatched").ToString()).Announce(Ready($"app-{number}"), round: 1));
        var counts = cluster.Silos.Silos.Select(CountOn).ToArray();
        Assert.Equal(Objects, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 1, Objects - 1));

        var third = await cluster.Silos.StartAdditionalSiloAsync();
        await SiloCluster.UntilAsync(
            () => CountOn(third) > Objects / 5 && Total(cluster) == Objects && cluster.IsBalanced,
            "the third silo counts its share, and nothing is counted twice");

        await cluster.Silos.StopSiloAsync(third, TestContext.Current.CancellationToken);
        await SiloCluster.UntilAsync(() => Total(cluster) == Objects, "those that stayed count everything");
    }

    private static long Total(SiloCluster cluster) => cluster.Silos.Silos.Where(silo => silo.IsActive).Sum(CountOn);

    private static long CountOn(InProcessSiloHandle silo)
    {
        var factory = silo.ServiceProvider.GetRequiredService<IMeterFactory>();
        var count = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && instrument is { Meter.Name: GrainMetrics.MeterName, Name: "infra_operator.objects" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, labels, _) =>
        {
            if (labels.Contains(new("kind", ECRRepository.Kind)) && labels.Contains(new("condition", ConditionTypes.Ready)) && labels.Contains(new("status", ConditionStatus.True)))
            {
                count += value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return count;
    }

    private static ECRRepository Ready(string name) => new()
    {
        Metadata = new() { Name = name, Namespace = "unwatched", Uid = name, ResourceVersion = "7", Generation = 1, Finalizers = [ApiNames.Finalizer] },
        Spec = new() { ProviderRef = new() { Name = "nobody" }, RepositoryName = name },
        Status = new()
        {
            Ready = true,
            AppliedGeneration = 1,
            Conditions = [new() { Type = ConditionTypes.Ready, Status = ConditionStatus.True }, new() { Type = ConditionTypes.Synced, Status = ConditionStatus.True }],
        },
    };
}
