using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using InfraOperator.Abstractions;
using InfraOperator.Sandbox;

namespace InfraOperator.Silo.Tests.Telemetry;

/// <summary>What Prometheus reads of a silo, while an object is created, changed and deleted, and that docs/metrics.md explains it.</summary>
public sealed partial class MetricsTests(MeasuredSilo silo)
{
    private const string Name = "e2e-app-images";

    [Fact]
    public async Task A_scrape_tells_of_the_life_of_a_repository()
    {
        foreach (var manifest in SandboxResources.Demo.Take(2))
        {
            silo.Kubernetes.Apply(manifest);
        }

        await silo.ReconciledAsync(ECRRepository.Kind, "InSync", 1);
        await silo.ReconciledAsync(AWSProvider.Kind, "InSync", 1);
        var created = await silo.ScrapeAsync();
        Assert.Equal(1, created["""infra_operator_objects{condition="Ready",kind="ECRRepository",status="True"}"""]);
        Assert.Equal(1, created["""infra_operator_objects{condition="Synced",kind="ECRRepository",status="True"}"""]);
        Assert.Equal(1, created["""infra_operator_objects{condition="Stalled",kind="ECRRepository",status="False"}"""]);
        Assert.Equal(1, created["""infra_operator_objects{condition="Ready",kind="AWSProvider",status="True"}"""]);
        Assert.Equal(1, created["""infra_operator_reconciles_total{kind="ECRRepository",outcome="InSync"}"""]);
        Assert.Equal(1, created["""infra_operator_reconcile_duration_seconds_count{kind="ECRRepository"}"""]);
        Assert.Equal(1, created["""infra_operator_reconcile_lag_seconds_count{kind="ECRRepository"}"""]);
        Assert.Equal(1, created["""infra_operator_aws_calls_total{operation="CreateRepository",outcome="Success"}"""]);
        Assert.Equal(1, created["""infra_operator_aws_call_duration_seconds_count{operation="CreateRepository"}"""]);
        Assert.Equal(1, created["""infra_operator_watch_events_total{kind="ECRRepository",type="Added"}"""]);
        Assert.Equal(1, created["infra_operator_silos_active{}"]);
        Assert.InRange(created["infra_operator_membership_table_version{}"], 1, created["infra_operator_membership_version{}"]);
        Assert.InRange(created["infra_operator_membership_table_read_age_seconds{}"], 0, 120);
        Assert.Equal(1, created["""infra_operator_membership_table_requests_total{operation="Insert"}"""]);
        Assert.Equal(0, created["""infra_operator_membership_table_failures_total{operation="Insert"}"""]);
        Assert.Contains("infra_operator_work_ready{}", created.Keys);
        Assert.Equal(1, created["""orleans_grains{grain_type="repository"}"""]);
        Assert.Contains(created.Keys, name => name.StartsWith("dotnet_gc_collections_total{", StringComparison.Ordinal));

        silo.Kubernetes.Patch(ECRRepository.Plural, "default", Name, """{"spec":{"tags":{"changed":"yes"}}}""");
        await silo.ReconciledAsync(ECRRepository.Kind, "InSync", 2);
        var updated = await silo.ScrapeAsync();
        Assert.Equal(1, updated["""infra_operator_aws_calls_total{operation="TagResource",outcome="Success"}"""]);
        Assert.Equal(2, updated["""infra_operator_reconcile_lag_seconds_count{kind="ECRRepository"}"""]);
        Assert.Equal(1, updated["""infra_operator_objects{condition="Ready",kind="ECRRepository",status="True"}"""]);

        silo.Kubernetes.Delete(ECRRepository.Plural, "default", Name);
        await silo.ReconciledAsync(ECRRepository.Kind, "Idle", 1);
        var deleted = await silo.ScrapeUntilNoObjectAsync(ECRRepository.Kind);
        Assert.Equal(1, deleted["""infra_operator_aws_calls_total{operation="DeleteRepository",outcome="Success"}"""]);
        Assert.Equal(1, deleted["""infra_operator_objects{condition="Ready",kind="AWSProvider",status="True"}"""]);

        AssertDocumented([.. created.Keys, .. updated.Keys, .. deleted.Keys]);
    }

    [Fact]
    public void The_documentation_names_every_metric_of_ours_and_no_other() =>
        Assert.Equal(silo.Instruments.Select(PrometheusName).Order(StringComparer.Ordinal), Documented().Keys.Where(name => name.StartsWith("infra_operator_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_metric_of_ours_says_what_it_is() =>
        Assert.All(silo.Instruments, instrument => Assert.False(string.IsNullOrEmpty(instrument.Description), instrument.Name));

    // Name and labels of each sample, .NET's aside.
    private static void AssertDocumented(IEnumerable<string> samples)
    {
        var documented = Documented();
        foreach (var sample in samples.Where(sample => !sample.StartsWith("dotnet_", StringComparison.Ordinal) && !sample.StartsWith("target_info", StringComparison.Ordinal)))
        {
            var name = sample[..sample.IndexOf('{', StringComparison.Ordinal)];
            var labels = Label().Matches(sample).Select(label => label.Groups[1].Value).Where(label => label != "le");
            Assert.True(documented.TryGetValue(Suffix().Replace(name, ""), out var known) || documented.TryGetValue(name, out known), $"docs/metrics.md has no {name}.");
            Assert.Equal(known.Order(StringComparer.Ordinal), labels);
        }
    }

    private static string PrometheusName(Instrument instrument)
    {
        var unit = instrument.Unit == "s" ? "_seconds" : "";
        return $"{instrument.Name.Replace('.', '_')}{unit}{(instrument.GetType().GetGenericTypeDefinition() is var type && (type == typeof(Counter<>) || type == typeof(ObservableCounter<>)) ? "_total" : "")}";
    }

    private static Dictionary<string, string[]> Documented() =>
        Row().Matches(File.ReadAllText(Path.Combine(TroubleshootingTests.Root, "docs", "metrics.md")))
            .ToDictionary(row => row.Groups[1].Value, row => Quoted().Matches(row.Groups[2].Value).Select(label => label.Groups[1].Value).ToArray());

    [GeneratedRegex(@"(?m)^\| `(\w+)` \| \w+ \|([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("(\\w+)=\"")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
