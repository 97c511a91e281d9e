using System.Diagnostics.Metrics;
using InfraOperator.Clustering.Kubernetes;

namespace InfraOperator.Silo.Telemetry;

/// <summary>The Orleans cluster as this silo knows it. Orleans has no such metrics of its own.</summary>
internal sealed class ClusterMetrics
{
    public const string MeterName = "InfraOperator.Silo";

    private static readonly MembershipTableOperation[] Operations = Enum.GetValues<MembershipTableOperation>();

    /// <param name="meters">Makes the meter.</param>
    /// <param name="membership">What this silo goes by.</param>
    /// <param name="table">What it last read; null where there is no table, because there is but one silo.</param>
    public ClusterMetrics(IMeterFactory meters, IClusterMembershipService membership, MembershipTableState? table = null)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("infra_operator.silos.active", () => membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active), description: "Silos that are Active, as this silo knows the membership.");
        meter.CreateObservableGauge("infra_operator.membership.version", () => membership.CurrentSnapshot.Version.Value, description: "The version of the membership that this silo goes by.");
        meter.CreateObservableGauge("infra_operator.membership.table.version", () => Measure<long>(table?.LastRead?.Version), description: "The version of the membership table when it was last read.");
        meter.CreateObservableGauge("infra_operator.membership.table.read_age", () => Measure(table?.ReadAge?.TotalSeconds), "s", "How long ago the membership table was last read.");
        meter.CreateObservableCounter("infra_operator.membership.table.requests", () => ByOperation(table is null ? null : table.Requests), description: "Requests about the membership table.");
        meter.CreateObservableCounter("infra_operator.membership.table.failures", () => ByOperation(table is null ? null : table.Failures), description: "Those of them that had no answer or were refused.");
    }

    private static Measurement<T>[] Measure<T>(T? value)
        where T : struct => value is { } known ? [new(known)] : [];

    private static IEnumerable<Measurement<long>> ByOperation(Func<MembershipTableOperation, long>? count) =>
        count is null ? [] : Operations.Select(operation => new Measurement<long>(count(operation), new KeyValuePair<string, object?>("operation", operation.ToString())));
}
