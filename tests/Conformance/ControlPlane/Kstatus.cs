using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>What tools that go by the generic rules of kstatus (Flux, kpt and their like) make of an object.</summary>
public enum Kstatus
{
    InProgress,
    Current,
    Failed,
    Terminating,
}

/// <summary>The rules, in their order.</summary>
public static class KstatusReading
{
    public static Kstatus Kstatus(this JsonObject value)
    {
        if (value["metadata"]!["deletionTimestamp"] is not null)
        {
            return ControlPlane.Kstatus.Terminating;
        }

        if (value["status"]?["observedGeneration"] is not null && !value.SpeaksOfNewestSpec())
        {
            return ControlPlane.Kstatus.InProgress;
        }

        foreach (var condition in value["status"]?["conditions"]?.AsArray() ?? [])
        {
            switch (((string?)condition!["type"], (string?)condition["status"]))
            {
                case (ConditionTypes.Reconciling, ConditionStatus.True):
                    return ControlPlane.Kstatus.InProgress;
                case (ConditionTypes.Stalled, ConditionStatus.True):
                    return ControlPlane.Kstatus.Failed;
            }
        }

        return value.Condition(ConditionTypes.Ready)?.Status is null or ConditionStatus.True ? ControlPlane.Kstatus.Current : ControlPlane.Kstatus.InProgress;
    }
}
