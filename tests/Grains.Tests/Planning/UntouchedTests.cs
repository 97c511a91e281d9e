using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Nothing that is not owned is touched. What may be touched is said here anew, without the code under test.</summary>
public sealed class UntouchedTests
{
    [Fact]
    public void A_repository_that_is_not_ours_to_take_is_never_written_to() =>
        Generate.Scenarios(brokenPolicies: true, unreadable: true, unforeseen: true).Sample(scenario =>
        {
            var world = new World(scenario);
            world.Reconcile();
            world.Reconcile();
            if (scenario.Aws is not null && !MayTake(scenario))
            {
                Assert.Equal(scenario.Aws.Describe(), world.Ecr.Repository.Describe());
                Assert.All(world.Ecr.Writes, write => Assert.IsType<CreateRepository>(write));
                Assert.NotEqual(Relation.Ours, world.PlanNext().Relation);
            }

            if (scenario.Repository.Spec.ManagementPolicy == "Observe")
            {
                Assert.Empty(world.Ecr.Writes);
            }
        }, iter: 2000);

    [Fact]
    public void What_neither_the_spec_names_nor_we_set_stays_as_it_is() =>
        Generate.Scenarios(brokenPolicies: true, unreadable: true, unforeseen: true).Where(scenario => scenario.Aws is not null).Sample(scenario =>
        {
            var before = scenario.Aws!;
            var world = new World(scenario);
            world.Reconcile();
            world.Reconcile();
            var after = world.Ecr.Repository!;
            var desired = scenario.Desired;
            var owned = scenario.Owned.Means(before) ? scenario.Owned : Owned.Nothing;

            Assert.Equal((before.EncryptionType, before.KmsKey, before.CreationDate), (after.EncryptionType, after.KmsKey, after.CreationDate));
            if (desired.ImageTagMutability is null && !owned.Fields.Contains(Owned.MutabilityField))
            {
                Assert.Equal(before.ImageTagMutability, after.ImageTagMutability);
                Assert.Equal(before.ExclusionFilters.ToHashSet(), after.ExclusionFilters.ToHashSet());
            }

            if (desired.ScanOnPush is null && !owned.Fields.Contains(Owned.ScanField))
            {
                Assert.Equal(before.ScanOnPush, after.ScanOnPush);
            }

            if (desired.LifecyclePolicyText is null or SamplePolicies.NotJson or SamplePolicies.Refused && (owned.LifecyclePolicy is null || desired.LifecyclePolicyText is not null))
            {
                Assert.Equal(before.LifecyclePolicy, after.LifecyclePolicy);
            }

            if (desired.RepositoryPolicyText is null or SamplePolicies.NotJson or SamplePolicies.Refused && (owned.RepositoryPolicy is null || desired.RepositoryPolicyText is not null))
            {
                Assert.Equal(before.RepositoryPolicy, after.RepositoryPolicy);
            }

            foreach (var (key, value) in before.Tags!.Where(tag => !desired.Tags.ContainsKey(tag.Key) && !owned.TagKeys.Contains(tag.Key) && tag.Key != ApiNames.OwnerTag))
            {
                Assert.Equal(value, after.Tags!.GetValueOrDefault(key));
            }

            Assert.Empty(after.Tags!.Keys.Except(before.Tags!.Keys).Except(desired.Tags.Keys).Except([ApiNames.OwnerTag]));
        }, iter: 2000);

    [Fact]
    public void A_difference_in_encryption_leads_to_no_action() =>
        Generate.Scenarios().Where(scenario => scenario.Aws is not null).Sample(scenario =>
        {
            var desired = scenario.Desired with { Encryption = new() { EncryptionType = "KMS", KmsKey = "arn:aws:kms:us-east-1:123456789012:key/99999999-9999-9999-9999-999999999999" } };
            var with = Planner.Plan(desired, scenario.Sight, scenario.Owned, Scenario.Now);
            var without = Planner.Plan(desired with { Encryption = null }, scenario.Sight, scenario.Owned, Scenario.Now);
            Assert.Equal(without.Actions.Select(Descriptions.Describe), with.Actions.Select(Descriptions.Describe));
            if (with.Relation == Relation.Ours)
            {
                Assert.Contains(with.Findings, finding => finding.Reason == Reasons.ImmutableFieldChanged && !finding.ConcernsRepository);
                Assert.Contains(with.Remaining, item => item.Field.StartsWith("encryptionConfiguration.", StringComparison.Ordinal));
            }
        }, iter: 1000);

    [Theory]
    [InlineData("alias/ecr")]
    [InlineData("arn:aws:kms:us-east-1:123456789012:alias/ecr")]
    [InlineData("11111111-1111-1111-1111-111111111111")]
    [InlineData("arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111")]
    [InlineData(null)]
    public void An_alias_an_id_or_the_ARN_of_the_same_key_is_never_drift(string? key)
    {
        var scenario = new Scenario
        {
            Repository = Scenario.Object(new() { EncryptionConfiguration = new() { EncryptionType = "KMS", KmsKey = key } }),
            Aws = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject) with { EncryptionType = "KMS", KmsKey = SamplePolicies.KeyArn("alias/ecr") },
        };
        var plan = Planner.Plan(scenario.Desired, scenario.Sight, scenario.Owned, Scenario.Now);
        Assert.Empty(plan.Findings);
        Assert.Empty(plan.Remaining);
    }

    /// <summary>Whose a repository may be taken, as the API contract says it.</summary>
    private static bool MayTake(Scenario scenario)
    {
        var held = scenario.Owned.Origin is not null && scenario.Owned.Means(scenario.Aws!);
        if (scenario.Repository.Spec.ManagementPolicy == "Observe")
        {
            return false;
        }

        if (!scenario.CanReadTags)
        {
            return held;
        }

        var create = scenario.Repository.Spec.AdoptionPolicy == "Create";
        return scenario.Aws!.Tags!.GetValueOrDefault(ApiNames.OwnerTag) switch
        {
            null => held || !create,
            var tag when tag == Scenario.Ours => true,
            var tag when tag.EndsWith(Scenario.Ours, StringComparison.Ordinal) => true,
            var tag => tag.StartsWith("released/", StringComparison.Ordinal) && !create,
        };
    }
}
