using CsCheck;
using InfraOperator.Abstractions;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Policies are compared by meaning, and AWS's own spelling never leads to a put on every pass.</summary>
public sealed class PolicyComparisonTests
{
    private static readonly Gen<(string Lifecycle, string Policy, bool Echo)> Policies =
        Gen.Select(Pick.One(SamplePolicies.Lifecycle), Pick.One(SamplePolicies.Repository), Gen.Bool);

    [Fact]
    public void A_policy_that_AWS_respelled_leads_to_no_action() => Policies.Sample(policies =>
    {
        var scenario = With(policies, Spelling.Respelled) with
        {
            Aws = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject) with
            {
                Tags = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject).Tags!.Add(ApiNames.OwnerTag, Scenario.Ours),
                LifecyclePolicy = new(true, SamplePolicies.Kept(policies.Lifecycle, Spelling.Respelled)),
                RepositoryPolicy = new(true, SamplePolicies.Kept(policies.Policy, Spelling.Respelled)),
            },
        };
        Assert.Empty(new World(scenario).PlanNext().Actions);
    }, iter: 100);

    [Fact]
    public void An_unforeseen_spelling_that_AWS_answers_is_put_once() => Policies.Sample(policies =>
    {
        var world = new World(With(policies, Spelling.Unforeseen));
        world.Reconcile();
        Assert.Equal(3, world.Ecr.Writes.Count);
        world.Reconcile();
        world.Reconcile();
        Assert.Equal(policies.Echo ? 5 : 3, world.Ecr.Writes.Count);
        Assert.True(world.Repository.Status!.Condition(ConditionTypes.Synced)!.Status == ConditionStatus.True);
    }, iter: 100);

    [Fact]
    public void A_changed_policy_leads_to_exactly_one_put_of_it() => Gen.Select(Policies, Pick.One(Spelling.Verbatim, Spelling.Respelled, Spelling.Unforeseen)).Sample((policies, spelling) =>
    {
        var world = new World(With(policies with { Echo = false }, spelling));
        world.Settle();
        world.Ecr.Writes.Clear();

        // In AWS.
        world.Ecr.Repository = world.Ecr.Repository! with { LifecyclePolicy = new(true, """{"rules":[]}"""), RepositoryPolicy = PolicyReading.None };
        world.Reconcile();
        world.Reconcile();
        Assert.Collection(world.Ecr.Writes, write => Assert.IsType<PutLifecyclePolicy>(write), write => Assert.IsType<SetRepositoryPolicy>(write));
        world.Ecr.Writes.Clear();

        // In the spec.
        world.Edit(spec => spec with { LifecyclePolicy = new() { PolicyText = SamplePolicies.Lifecycle.First(text => text != policies.Lifecycle) } });
        world.Reconcile();
        world.Reconcile();
        Assert.IsType<PutLifecyclePolicy>(Assert.Single(world.Ecr.Writes));
        world.Ecr.Writes.Clear();

        // Only its spelling.
        world.Edit(spec => spec with { LifecyclePolicy = new() { PolicyText = SamplePolicies.Kept(spec.LifecyclePolicy!.PolicyText, Spelling.Respelled) } });
        world.Reconcile();
        Assert.Empty(world.Ecr.Writes);
    }, iter: 200);

    [Fact]
    public void An_edit_that_comes_back_after_it_was_undone_is_undone_again()
    {
        var world = new World(With((SamplePolicies.Lifecycle[0], SamplePolicies.Repository[0], Echo: true), Spelling.Respelled));
        world.Settle();
        for (var round = 0; round < 3; round++)
        {
            world.Ecr.Writes.Clear();
            world.Ecr.Repository = world.Ecr.Repository! with { LifecyclePolicy = new(true, SamplePolicies.Lifecycle[1]) };
            world.Reconcile();
            Assert.IsType<PutLifecyclePolicy>(Assert.Single(world.Ecr.Writes));
            world.Reconcile();
            Assert.Single(world.Ecr.Writes);
        }
    }

    [Theory]
    [InlineData(SamplePolicies.NotJson, 1)]
    [InlineData(SamplePolicies.Refused, 2)]
    public void A_bad_policy_gets_its_reason_while_the_rest_of_the_spec_is_applied(string text, int writes)
    {
        var world = new World(new() { Repository = Scenario.Object(new() { ScanOnPush = true, LifecyclePolicy = new() { PolicyText = text } }) });
        var pass = world.Reconcile();
        Assert.Equal(writes, world.Ecr.Writes.Count);
        Assert.True(world.Ecr.Repository!.ScanOnPush);
        Assert.Equal(Reasons.InvalidLifecyclePolicy, Assert.Single(pass.Findings.Problems).Reason);
        Assert.Null(world.Repository.Status!.AppliedGeneration);
        Assert.True(world.Repository.Status.Ready);
    }

    [Fact]
    public void A_policy_that_cannot_be_read_is_put_once()
    {
        var world = new World(With((SamplePolicies.Lifecycle[0], SamplePolicies.Repository[0], Echo: false), Spelling.Unforeseen) with
        {
            CanReadPolicies = false,
            Aws = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject) with { LifecyclePolicy = new(true, SamplePolicies.Lifecycle[1]) },
        });
        world.Reconcile();
        Assert.Single(world.Ecr.Writes.OfType<PutLifecyclePolicy>());
        Assert.Single(world.Ecr.Writes.OfType<SetRepositoryPolicy>());
        world.Ecr.Writes.Clear();
        world.Reconcile();
        Assert.Empty(world.Ecr.Writes);
    }

    private static Scenario With((string Lifecycle, string Policy, bool Echo) policies, Spelling spelling) => new()
    {
        Repository = Scenario.Object(new() { LifecyclePolicy = new() { PolicyText = policies.Lifecycle }, RepositoryPolicyText = policies.Policy }),
        Spelling = spelling,
        AnswersEcho = policies.Echo,
    };
}
