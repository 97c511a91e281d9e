using InfraOperator.Abstractions;
using InfraOperator.Conformance.Policies;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Each pair of policies that people have met, through a whole pass: what means the same is left alone, what does not is written once.</summary>
public sealed class PolicyCorpusTests
{
    public static TheoryData<string> Lifecycle => [.. PolicyCorpus.Lifecycle.Keys];

    public static TheoryData<string> Repository => [.. PolicyCorpus.Repository.Keys];

    [Theory]
    [MemberData(nameof(Lifecycle))]
    public void A_lifecycle_policy_is_put_where_AWS_holds_another(string name)
    {
        var pair = PolicyCorpus.Lifecycle[name];

        AssertWrites<PutLifecyclePolicy>(pair, new() { LifecyclePolicy = new() { PolicyText = pair.Wanted } }, held => held with { LifecyclePolicy = new(true, pair.Held) });
    }

    [Theory]
    [MemberData(nameof(Repository))]
    public void A_repository_policy_is_set_where_AWS_holds_another(string name)
    {
        var pair = PolicyCorpus.Repository[name];

        AssertWrites<SetRepositoryPolicy>(pair, new() { RepositoryPolicyText = pair.Wanted }, held => held with { RepositoryPolicy = new(true, pair.Held) });
    }

    private static void AssertWrites<TPut>(PolicyPair pair, ECRRepositorySpec spec, Func<ObservedRepository, ObservedRepository> holding)
        where TPut : EcrAction
    {
        var plain = ModelEcr.Plain(Scenario.Name, Scenario.AfterObject);
        var aws = holding(plain with { Tags = plain.Tags!.Add(ApiNames.OwnerTag, Scenario.Ours) });
        var world = new World(new()
        {
            Repository = Scenario.Object(spec, Owned.Nothing.Holding(aws, Origins.Created)),
            Spelling = Spelling.Verbatim,
            Aws = aws,
        });

        for (var pass = 0; pass < 2; pass++)
        {
            world.Reconcile();
            Assert.Equal(pair.Same ? [] : [typeof(TPut)], world.Ecr.Writes.Select(write => write.GetType()));
        }

        Assert.Equal(ConditionStatus.True, world.Repository.Status!.Condition(ConditionTypes.Synced)!.Status);
    }
}
