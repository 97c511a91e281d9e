using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>A plan, carried out, leaves nothing to do; the same input gives the same plan; a crash changes nothing about the end.</summary>
public sealed class ConvergenceTests
{
    [Fact]
    public void Carrying_out_a_plan_and_planning_again_yields_nothing() =>
        Generate.Scenarios(brokenPolicies: true, unreadable: true).Sample(scenario =>
        {
            var world = new World(scenario);
            world.Reconcile();
            Assert.DoesNotContain(world.PlanNext().Actions, action => !IsRefused(action));
        }, iter: 2500);

    [Fact]
    public void A_pass_over_a_valid_spec_plans_nothing_that_aws_refuses() =>
        Generate.Scenarios(unreadable: true).Sample(scenario =>
        {
            var ecr = scenario.NewEcr();
            foreach (var action in Planner.Plan(scenario.Desired, scenario.Sight, scenario.Owned, Scenario.Now).Actions)
            {
                Assert.Null(ecr.Execute(action).Failure);
            }
        }, iter: 2000);

    [Fact]
    public void The_same_input_gives_the_same_plan() =>
        Generate.Scenarios(brokenPolicies: true, unreadable: true, unforeseen: true).Sample(scenario =>
        {
            var first = Planner.Plan(scenario.Desired, scenario.Sight, scenario.Owned, Scenario.Now);
            var second = Planner.Plan(scenario.Desired, scenario.Sight, scenario.Owned, Scenario.Now);
            Assert.Equal(first.Describe(), second.Describe());
        }, iter: 1000);

    [Fact]
    public void A_crash_after_any_prefix_of_a_plan_ends_in_the_same_place() =>
        Generate.Scenarios(unreadable: true).Sample(scenario =>
        {
            var straight = new World(scenario);
            straight.Settle();
            for (var writes = 0; writes < straight.Ecr.Writes.Count; writes++)
            {
                foreach (var keepRecord in (bool[])[false, true])
                {
                    if (!keepRecord && !scenario.CanReadTags && scenario.Aws is null)
                    {
                        // Whose the new repository is was not recorded and cannot be read: it is left alone, as it must be.
                        continue;
                    }

                    var broken = new World(scenario);
                    broken.Reconcile(crashAfter: writes, keepRecord);
                    broken.Settle();
                    Assert.Equal(straight.Ecr.Repository.Describe(), broken.Ecr.Repository.Describe());
                }
            }
        }, iter: 600);

    [Fact]
    public void A_spec_that_holds_is_on_record_as_applied_and_synced() =>
        Generate.Scenarios().Sample(scenario =>
        {
            var world = new World(scenario);
            var pass = world.Reconcile();
            if (pass.Findings.Problems.IsEmpty && pass.Plan.Relation == Relation.Ours)
            {
                Assert.Equal(3, world.Repository.Status!.AppliedGeneration);
                Assert.True(world.Repository.Status.Ready);
                AssertHolds(scenario.Desired, world.Ecr.Repository!);
            }
        }, iter: 2000);

    private static void AssertHolds(DesiredRepository desired, ObservedRepository actual)
    {
        Assert.Equal(desired.ImageTagMutability ?? actual.ImageTagMutability, actual.ImageTagMutability);
        Assert.Equal(desired.ScanOnPush ?? actual.ScanOnPush, actual.ScanOnPush);
        Assert.Equal(desired.Encryption?.EncryptionType ?? actual.EncryptionType, actual.EncryptionType);
        Assert.Equal(Scenario.Ours, actual.Tags![ApiNames.OwnerTag]);
        Assert.All(desired.Tags, tag => Assert.Equal(tag.Value, actual.Tags[tag.Key]));
        Assert.Equal(desired.LifecyclePolicyText is { } lifecycle ? Aws.LifecyclePolicy.Parse(lifecycle).NormalForm : null, desired.LifecyclePolicyText is null ? null : Aws.LifecyclePolicy.Parse(actual.LifecyclePolicy.Text!).NormalForm);
        Assert.Equal(desired.RepositoryPolicyText is { } policy ? Aws.RepositoryPolicy.Parse(policy).NormalForm : null, desired.RepositoryPolicyText is null ? null : Aws.RepositoryPolicy.Parse(actual.RepositoryPolicy.Text!).NormalForm);
    }

    private static bool IsRefused(EcrAction action) =>
        action is PutLifecyclePolicy { PolicyText: SamplePolicies.Refused } or SetRepositoryPolicy { PolicyText: SamplePolicies.Refused };
}
