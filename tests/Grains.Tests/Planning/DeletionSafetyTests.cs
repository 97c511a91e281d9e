using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>No plan deletes what may not be deleted, whatever the state of the object, of AWS and of the record.</summary>
public sealed class DeletionSafetyTests
{
    private static readonly Gen<Scenario> Deleting =
        Generate.Scenarios(brokenPolicies: true, unreadable: true).Select(scenario => scenario with
        {
            Repository = scenario.Repository with { Metadata = scenario.Repository.Metadata with { DeletionTimestamp = Scenario.Now } },
        });

    [Fact]
    public void An_object_that_is_not_being_deleted_deletes_no_repository() =>
        Generate.Scenarios(brokenPolicies: true, unreadable: true).Sample(
            scenario => Assert.DoesNotContain(PlanOf(scenario).Actions, action => action is DeleteRepository), iter: 2000);

    [Fact]
    public void Only_the_policy_Delete_and_a_proven_repository_lead_to_DeleteRepository() => Deleting.Sample(scenario =>
    {
        foreach (var delete in PlanOf(scenario).Actions.OfType<DeleteRepository>())
        {
            Assert.True(scenario.Repository.Spec.DeletionPolicy is null or "Delete");
            Assert.NotEqual("Observe", scenario.Repository.Spec.ManagementPolicy);
            if (scenario.Aws is not { } aws)
            {
                // Not visible yet: by the answer of the create call, never with force, never without that answer.
                Assert.False(delete.Force);
                Assert.Equal(Origins.Created, scenario.Owned.Origin);
                Assert.True(Scenario.Now - scenario.Owned.CreationDate < TimeSpan.FromMinutes(2));
                Assert.Equal(scenario.Owned.Arn, delete.RepositoryArn);
                continue;
            }

            Assert.True(scenario.CanReadTags);
            Assert.Equal(Scenario.Ours, aws.Tags![ApiNames.OwnerTag]);
            Assert.True(scenario.Owned.Arn is null || scenario.Owned.Means(aws));
            Assert.Equal((aws.Arn, (DateTimeOffset?)aws.CreationDate, Scenario.Ours), (delete.RepositoryArn, delete.CreationDate, delete.OwnerTag));
        }
    }, iter: 2000);

    [Fact]
    public void Images_are_deleted_by_forceDelete_or_where_we_created_the_repository() => Deleting.Sample(scenario =>
    {
        foreach (var delete in PlanOf(scenario).Actions.OfType<DeleteRepository>().Where(_ => scenario.Aws is not null))
        {
            var created = scenario.Owned.Origin is { } origin
                ? origin == Origins.Created
                : scenario.Repository.Spec.AdoptionPolicy != "Adopt" && scenario.Aws!.CreationDate >= Scenario.ObjectCreated;
            Assert.Equal(scenario.Repository.Spec.ForceDelete ?? created, delete.Force);
        }
    }, iter: 2000);

    [Fact]
    public void Orphan_Observe_and_an_unknown_policy_call_AWS_for_nothing() => Deleting.Sample(scenario =>
    {
        var plan = PlanOf(scenario);
        if (scenario.Repository.Spec is { DeletionPolicy: "Orphan" or "Later" } or { ManagementPolicy: "Observe" })
        {
            Assert.Empty(plan.Actions);
            Assert.Equal(scenario.Repository.Spec is { DeletionPolicy: "Later", ManagementPolicy: not "Observe" } ? Removal.Wait : Removal.Regardless, plan.Removal);
        }
    }, iter: 2000);

    [Fact]
    public void Retain_writes_the_owner_tag_of_its_own_repository_and_nothing_else() => Deleting.Sample(scenario =>
    {
        var plan = PlanOf(scenario);
        if (scenario.Repository.Spec is { DeletionPolicy: "Retain", ManagementPolicy: not "Observe" })
        {
            Assert.Equal(Removal.Regardless, plan.Removal);
            Assert.All(plan.Actions, action =>
            {
                var tag = Assert.Single(Assert.IsType<TagResource>(action).Tags);
                Assert.Equal(ApiNames.OwnerTag, tag.Key);
                Assert.StartsWith("released/", tag.Value, StringComparison.Ordinal);
                Assert.Equal(Scenario.Ours, scenario.Aws!.Tags![ApiNames.OwnerTag]);
            });
        }
    }, iter: 2000);

    [Fact]
    public void Whoever_must_wait_is_told_why() => Deleting.Sample(scenario =>
    {
        foreach (var sight in (Sight[])[scenario.Sight, new Sight.Unseen()])
        {
            var plan = Planner.Plan(scenario.Desired, sight, scenario.Owned, Scenario.Now);
            Assert.NotEqual(Removal.None, plan.Removal);
            Assert.True(plan.Removal != Removal.Wait || !plan.Findings.IsEmpty);
        }
    }, iter: 1000);

    [Fact]
    public void A_deletion_that_is_carried_out_leaves_nothing_to_delete() => Deleting.Sample(scenario =>
    {
        var ecr = scenario.NewEcr();
        var plan = PlanOf(scenario);
        if (plan.Actions.Select(ecr.Execute).All(outcome => outcome.Failure is null) && plan.Actions.Any(action => action is DeleteRepository))
        {
            var again = Planner.Plan(scenario.Desired, new Sight.Absent(), scenario.Owned, Scenario.Now + TimeSpan.FromMinutes(3));
            Assert.Empty(again.Actions);
            Assert.Equal(Removal.AfterActions, again.Removal);
        }
    }, iter: 1000);

    private static Plan PlanOf(Scenario scenario) => Planner.Plan(scenario.Desired, scenario.Sight, scenario.Owned, Scenario.Now);
}
