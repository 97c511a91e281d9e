using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>What others change in AWS is undone, or only reported, as the drift policy says.</summary>
public sealed class DriftTests
{
    private static readonly Gen<(Scenario Scenario, ObservedRepository? Edited)> Edits =
        Gen.Select(Generate.Scenarios(), Generate.Repository, Gen.Int[0, 4]).Select((scenario, other, kind) => (scenario, kind == 0 ? null : (ObservedRepository?)other));

    [Fact]
    public void Report_never_writes_after_the_spec_held() => Edits.Sample(edit =>
    {
        var world = new World(edit.Scenario with { Repository = WithDriftPolicy(edit.Scenario.Repository, "Report") });
        if (!Held(world.Reconcile()))
        {
            return;
        }

        world.Advance(TimeSpan.FromHours(1));
        world.Ecr.Repository = edit.Edited;
        world.Ecr.Writes.Clear();
        world.Reconcile();
        world.Reconcile();
        Assert.Empty(world.Ecr.Writes);
        Assert.Equal(edit.Edited.Describe(), world.Ecr.Repository.Describe());
    }, iter: 2000);

    [Fact]
    public void Report_writes_again_once_the_spec_changes() => Edits.Sample(edit =>
    {
        var world = new World(edit.Scenario with { Repository = WithDriftPolicy(edit.Scenario.Repository, "Report") });
        if (!Held(world.Reconcile()) || edit.Edited is null)
        {
            return;
        }

        world.Ecr.Repository = edit.Edited with { CreationDate = world.Ecr.Repository!.CreationDate, Tags = edit.Edited.Tags!.SetItem(ApiNames.OwnerTag, Scenario.Ours) };
        world.Reconcile();
        world.Edit(spec => spec with { ScanOnPush = !world.Ecr.Repository.ScanOnPush });
        world.Settle();
        Assert.Equal(world.Repository.Spec.ScanOnPush, world.Ecr.Repository.ScanOnPush);
        Assert.Equal(world.Desired.ImageTagMutability ?? world.Ecr.Repository.ImageTagMutability, world.Ecr.Repository.ImageTagMutability);
    }, iter: 1000);

    [Fact]
    public void Report_says_each_difference_and_Correct_ends_it() => Edits.Where(edit => edit.Edited is not null).Sample(edit =>
    {
        foreach (var policy in (string[])["Report", "Correct"])
        {
            var world = new World(edit.Scenario with { Repository = WithDriftPolicy(edit.Scenario.Repository, policy) });
            if (!Held(world.Reconcile()))
            {
                return;
            }

            world.Ecr.Repository = edit.Edited! with { CreationDate = world.Ecr.Repository!.CreationDate, Tags = edit.Edited.Tags!.Remove(ApiNames.OwnerTag) };
            var plan = world.PlanNext();
            if (plan.Relation != Relation.Ours)
            {
                return;
            }

            Assert.Contains(plan.Drift, item => item.Field.Contains(ApiNames.OwnerTag, StringComparison.Ordinal));
            Assert.Equal(policy == "Report", plan.Actions.IsEmpty);
            Assert.Equal(policy == "Report", plan.Findings.Any(finding => finding.Reason == Reasons.DriftDetected));
            Assert.All(policy == "Report" ? plan.Drift : [], item => Assert.Contains(item, plan.Remaining));
        }
    }, iter: 1000);

    [Fact]
    public void A_repository_deleted_outside_is_made_again_or_reported()
    {
        foreach (var (policy, writes) in (IEnumerable<(string, int)>)[("Correct", 1), ("Report", 0)])
        {
            var world = new World(new() { Repository = Scenario.Object(new() { DriftPolicy = policy }) });
            world.Reconcile();
            world.Advance(TimeSpan.FromMinutes(5));
            world.Ecr.Repository = null;
            world.Ecr.Writes.Clear();
            var pass = world.Reconcile();
            Assert.Equal(writes, world.Ecr.Writes.Count);
            Assert.Equal(writes == 0, pass.Findings.Problems.Any(problem => problem.Reason == Reasons.NotFound));
            Assert.Equal(writes == 1, world.Repository.Status!.Ready);
        }
    }

    private static bool Held(Pass pass) => pass.Findings.Problems.IsEmpty && pass.Plan.Relation == Relation.Ours;

    private static ECRRepository WithDriftPolicy(ECRRepository repository, string policy) =>
        repository with { Spec = repository.Spec with { DriftPolicy = policy, ManagementPolicy = null } };
}
