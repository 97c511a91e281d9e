using InfraOperator.Abstractions;
using InfraOperator.Grains.Tests.Cluster;

namespace InfraOperator.Grains.Tests.Tenants;

/// <summary>Who waits for a place is told when one is free. Nothing is tried again by itself for longer than a test waits.</summary>
public sealed class TenantWaitTests
{
    [Fact]
    public async Task Those_that_a_rule_has_no_place_for_come_in_one_by_one_as_places_become_free()
    {
        await using var cluster = await SiloCluster.StartAsync(2, static options =>
        {
            (options.MinRetryDelay, options.MaxRetryDelay, options.ComparePeriod) = (TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(12));
            options.Tenants.Add(new() { Name = "one-each", Namespaces = { "*" }, MaxRepositories = 1 });
        });
        cluster.ApplyProvider();
        cluster.ApplyRepository("first");
        await cluster.UntilSyncedAsync(["first"]);
        foreach (var name in (string[])["second", "third"])
        {
            cluster.ApplyRepository(name);
            await SiloCluster.UntilAsync(() => IsRefused(cluster, name), $"{name} is told that there is no place for it");
        }

        cluster.Server.Delete(ECRRepository.Plural, "default", "first");

        await cluster.UntilSyncedAsync(["second"]);
        Assert.True(IsRefused(cluster, "third"));
        cluster.Server.Delete(ECRRepository.Plural, "default", "second");
        await cluster.UntilSyncedAsync(["third"]);
    }

    private static bool IsRefused(SiloCluster cluster, string name) =>
        ((string?)cluster.Server.Get(ECRRepository.Plural, "default", name)?["status"]?["message"])?.Contains("tenancy rule 'one-each'", StringComparison.Ordinal) == true;
}
