using System.Diagnostics.Metrics;

namespace InfraOperator.Silo.Telemetry;

/// <summary>The Orleans cluster as this silo knows it. Orleans has no such metrics of its own.</summary>
internal sealed class ClusterMetrics
{
    public const string MeterName = "InfraOperator.Silo";

    public ClusterMetrics(IMeterFactory meters, IClusterMembershipService membership)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("infra_operator.silos.active", () => membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active), description: "Silos that are Active, as this silo knows the membership.");
        meter.CreateObservableGauge("infra_operator.membership.version", () => membership.CurrentSnapshot.Version.Value, description: "The version of the membership table that this silo knows.");
    }
}
