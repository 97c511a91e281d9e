using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tests.Planning;

namespace InfraOperator.Grains.Tests.Status;

/// <summary>Findings to make a status of.</summary>
internal static class StatusFindings
{
    public static readonly DateTimeOffset Now = Scenario.Now;
    public static readonly TimeSpan Heartbeat = TimeSpan.FromHours(1);

    /// <summary>What the schema of the CRD gives an object that nobody has seen yet.</summary>
    public static ECRRepositoryStatus SchemaDefault { get; } = new()
    {
        Message = "Waiting for the operator to see this object.",
        Conditions = [Waiting(ConditionTypes.Ready), Waiting(ConditionTypes.Synced)],
    };

    public static Problem BadPolicy { get; } = new(Reasons.InvalidLifecyclePolicy, "rule 1: bad", Mend.Person, Bearing.OnField);

    public static Problem ProviderProblem { get; } = new(Reasons.ProviderNotReady, "no identity", Mend.Time, Bearing.OnKnowledge);

    public static ReconcileFindings InSync { get; } = Of([]) with { Observed = Seen(), Relation = Relation.Ours, Compared = true, Owned = Owned.Nothing.Holding(Seen(), Origins.Created) with { AppliedGeneration = 3 } };

    public static ReconcileFindings Of(ImmutableArray<Problem> problems, ECRRepositoryStatus? before = null) =>
        new() { Repository = Scenario.Object(new()) with { Status = before ?? SchemaDefault }, Problems = problems };

    public static ReconcileFindings After(this ReconcileFindings findings, ECRRepositoryStatus before) =>
        findings with { Repository = findings.Repository with { Status = before } };

    public static ObservedRepository Seen() => ModelEcr.Plain(Scenario.Name, Scenario.AfterObject) with { Images = new(3, 3000, false) };

    public static ECRRepositoryStatus Build(ReconcileFindings findings, TimeSpan later = default) => RepositoryStatus.Build(findings, Now + later, Heartbeat);

    private static Condition Waiting(string type) => new()
    {
        Type = type,
        Status = ConditionStatus.Unknown,
        Reason = Reasons.Pending,
        Message = "Waiting for the operator to see this object.",
        LastTransitionTime = DateTimeOffset.UnixEpoch,
    };
}
