using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>Several objects name one repository: the holder wins, age decides only where nobody holds it.</summary>
public sealed class NeighbourTests
{
    private static readonly ResourceKey Other = new(World.Key.Cluster, "team", "other");
    private static readonly DateTimeOffset Before = Scenario.ObjectCreated - TimeSpan.FromDays(1);
    private static readonly DateTimeOffset After = Scenario.ObjectCreated + TimeSpan.FromDays(1);

    /// <summary>What the repository's owner tag says (U: the other object), the other objects, and whether this one may take it.</summary>
    public static TheoryData<string?, Neighbour[], bool> Cases => new()
    {
        { OwnerTag.For(Other), [], true },
        { OwnerTag.For(Other), [Neighbour(After)], false },
        { OwnerTag.For(Other), [Neighbour(After) with { MayTake = false }], false },
        { OwnerTag.For(Other), [Neighbour(After) with { Key = new(World.Key.Cluster, "team", "third") }], true },
        { OwnerTag.For(Other), [Neighbour(Before) with { Key = new(World.Key.Cluster, "team", "third") }], false },
        { null, [], true },
        { null, [Neighbour(After)], true },
        { null, [Neighbour(Before)], false },
        { null, [Neighbour(Before) with { MayTake = false }], true },
        { null, [Neighbour(After) with { Holds = true }], false },
        { OwnerTag.Released(Scenario.Ours, Origins.Created), [Neighbour(Before)], false },
        { OwnerTag.Released(Scenario.Ours, Origins.Created), [Neighbour(After)], true },
        { OwnerTag.Released(OwnerTag.For(Other), Origins.Created), [Neighbour(Before) with { Holds = true, IsDeleting = true, MayTake = false }], true },
        { OwnerTag.Released(OwnerTag.For(Other), Origins.Created), [Neighbour(After) with { Holds = true }], false },
        { null, [Neighbour(Before) with { Holds = true, IsDeleting = true, MayTake = false }], false },
        { null, [Neighbour(Scenario.ObjectCreated) with { Key = new(World.Key.Cluster, "a", "a") }], false },
        { null, [Neighbour(Scenario.ObjectCreated) with { Key = new(World.Key.Cluster, "z", "z") }], true },
        { "elsewhere/team/backend", [], false },
        { "accepted/team/backend", [], true },
        { "accepted/team/backend", [Neighbour(Before)], false },
        { "half/team/backend", [], false },
        { "half/ok/backend", [], true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Who_may_take_a_repository(string? tag, Neighbour[] neighbours, bool may)
    {
        var plan = Plan(tag, [.. neighbours]);

        Assert.Equal((may, may ? Relation.Ours : Relation.Foreign), (plan.Takes, plan.Relation));
        Assert.False(plan.AsksForNeighbours);
        if (!may)
        {
            Assert.Empty(plan.Actions);
            Assert.Equal(Reasons.OwnedByAnother, Assert.Single(plan.Findings).Reason);
            Assert.Equal(neighbours.FirstOrDefault()?.Key, plan.Rival);
        }
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("test/team/other", true)]
    [InlineData("released/test/team/other", true)]
    [InlineData("elsewhere/team/backend", false)]
    public void The_others_are_asked_for_only_where_they_decide(string? tag, bool asks)
    {
        var plan = Plan(tag, null);
        Assert.Equal(asks, plan.AsksForNeighbours);

        // Until then a tag is believed.
        Assert.Equal(tag is null || tag.StartsWith("released/", StringComparison.Ordinal), plan.Takes);
    }

    [Fact]
    public void Who_holds_the_repository_asks_for_nobody()
    {
        Assert.False(Plan(Scenario.Ours, null).AsksForNeighbours);
        Assert.False(Plan(null, null, Owned.Nothing.Holding(Aws(null), Origins.Created)).AsksForNeighbours);
    }

    [Fact]
    public void What_another_held_is_adopted_even_where_this_object_once_made_it()
    {
        var plan = Plan(OwnerTag.For(Other), [], Owned.Nothing.Holding(Aws(null), Origins.Created));
        Assert.Equal((true, Origins.Adopted), (plan.Takes, plan.Origin));
    }

    [Theory]
    [InlineData(null, true, false, true)]
    [InlineData(null, false, true, false)]
    [InlineData("elsewhere/team/backend", true, true, false)]
    public void Without_owner_tags_the_record_or_age_decides(string? tag, bool isOlder, bool hasRecord, bool expected)
    {
        var repository = Aws(tag, isOlder ? Scenario.BeforeObject : Scenario.AfterObject);
        var owned = hasRecord ? Owned.Nothing.Holding(repository, Origins.Created) : Owned.Nothing;
        var plan = Planner.Plan(Desired(new() { ScanOnPush = true }) with { Rules = new() { UsesOwnerTag = false } }, new Sight.Present(repository), owned, Scenario.Now, []);

        Assert.Equal(expected || (hasRecord && tag is null), plan.Relation == Relation.Ours);
        Assert.Equal(expected, plan.Takes);
        Assert.DoesNotContain(plan.Actions, action => action is TagResource);
    }

    private static Neighbour Neighbour(DateTimeOffset created) => new(Other, created, Holds: false, MayTake: true, IsDeleting: false);

    private static ObservedRepository Aws(string? owner, DateTimeOffset? created = null)
    {
        var plain = ModelEcr.Plain(Scenario.Name, created ?? Scenario.AfterObject);
        return owner is null ? plain : plain with { Tags = plain.Tags!.Add(ApiNames.OwnerTag, owner) };
    }

    private static DesiredRepository Desired(ECRRepositorySpec spec) =>
        DesiredRepository.From(Scenario.Object(spec), World.Key, ImmutableSortedDictionary<string, string>.Empty, new() { AcceptedOwners = ["accepted", "half/ok/*"] });

    private static Plan Plan(string? tag, ImmutableArray<Neighbour>? neighbours, Owned? owned = null) =>
        Planner.Plan(Desired(new()), new Sight.Present(Aws(tag)), owned ?? Owned.Nothing, Scenario.Now, neighbours);
}
