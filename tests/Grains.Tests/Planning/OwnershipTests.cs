using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>The sentences of the API contract on ownership, adoption and origin, one by one.</summary>
public sealed class OwnershipTests
{
    [Fact]
    public void CreateRepository_carries_the_owner_tag_in_the_same_call()
    {
        var create = Assert.IsType<CreateRepository>(Assert.Single(Plan(new(), aws: null).Actions));
        Assert.Equal(Scenario.Ours, create.Tags[ApiNames.OwnerTag]);
    }

    [Fact]
    public void Adoption_writes_the_owner_tag_before_any_other_change()
    {
        var plan = Plan(new() { ScanOnPush = true, Tags = Tags(("env", "1")), ImageTagMutability = "IMMUTABLE" }, Aws(owner: null));
        Assert.Equal([ApiNames.OwnerTag], Assert.IsType<TagResource>(plan.Actions[0]).Tags.Keys);
        Assert.Equal(4, plan.Actions.Length);
        Assert.True(plan.Claims);
        Assert.Equal(Origins.Adopted, plan.Origin);
    }

    [Fact]
    public void A_repository_whose_tag_names_another_object_is_never_written_to()
    {
        var plan = Plan(new() { ScanOnPush = true }, Aws("test/other/backend"), Held(Origins.Created));
        Assert.Empty(plan.Actions);
        Assert.Equal(Relation.Foreign, plan.Relation);
        var finding = Assert.Single(plan.Findings);
        Assert.Equal(Reasons.OwnedByAnother, finding.Reason);
        Assert.Contains("test/other/backend", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_clusters_tag_refuses_unless_released()
    {
        Assert.Equal(Reasons.OwnedByAnother, Assert.Single(Plan(new(), Aws("elsewhere/team/backend")).Findings).Reason);
        var plan = Plan(new(), Aws(OwnerTag.Released("elsewhere/team/backend", Origins.Created)));
        Assert.True(plan.Claims);
        Assert.Equal(Origins.Adopted, plan.Origin);
    }

    [Theory]
    [InlineData(Origins.Created)]
    [InlineData(Origins.Adopted)]
    public void Retain_then_delete_then_recreate_adopts_again_as_before(string origin)
    {
        var plan = Plan(new() { AdoptionPolicy = "Create" }, Aws(OwnerTag.Released(Scenario.Ours, origin), Scenario.BeforeObject));
        Assert.True(plan.Claims);
        Assert.Equal(origin, plan.Origin);
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public void A_tag_taken_off_by_hand_is_put_back_on_a_repository_that_we_hold()
    {
        var plan = Plan(new() { AdoptionPolicy = "Create" }, Aws(owner: null), Held(Origins.Created) with { AppliedGeneration = 3 });
        Assert.True(plan.Claims);
        Assert.Equal(Origins.Created, plan.Origin);
        Assert.Equal($"tags[{ApiNames.OwnerTag}]", Assert.Single(plan.Drift).Field);
    }

    [Fact]
    public void A_release_by_hand_makes_no_created_repository_of_an_adopted_one() =>
        Assert.Equal(Origins.Adopted, Plan(new(), Aws(OwnerTag.Released(Scenario.Ours, Origins.Created)), Held(Origins.Adopted)).Origin);

    [Fact]
    public void Adopt_waits_for_a_repository_to_exist()
    {
        var plan = Plan(new() { AdoptionPolicy = "Adopt" }, aws: null);
        Assert.Empty(plan.Actions);
        Assert.Equal(Reasons.AdoptionRefused, Assert.Single(plan.Findings).Reason);
        Assert.True(Plan(new() { AdoptionPolicy = "Adopt" }, Aws(owner: null)).Claims);
    }

    [Fact]
    public void Create_takes_no_repository_that_exists_unless_it_bears_our_own_tag()
    {
        var refused = Plan(new() { AdoptionPolicy = "Create" }, Aws(owner: null));
        Assert.Empty(refused.Actions);
        Assert.Equal(Reasons.AdoptionRefused, Assert.Single(refused.Findings).Reason);
        Assert.Equal(Relation.Ours, Plan(new() { AdoptionPolicy = "Create" }, Aws(Scenario.Ours)).Relation);
    }

    [Fact]
    public void Observe_neither_claims_nor_writes_nor_makes()
    {
        var spec = new ECRRepositorySpec { ManagementPolicy = "Observe", ScanOnPush = true, Tags = Tags(("env", "1")) };
        foreach (var owner in (string?[])[null, Scenario.Ours, "test/other/backend"])
        {
            var plan = Plan(spec, Aws(owner));
            Assert.Empty(plan.Actions);
            Assert.Equal(Relation.Observed, plan.Relation);
        }

        var missing = Plan(spec, aws: null);
        Assert.Empty(missing.Actions);
        Assert.Equal(Reasons.NotFound, Assert.Single(missing.Findings).Reason);
    }

    [Fact]
    public void Without_a_record_our_tag_on_a_younger_repository_is_a_create_whose_answer_was_lost() =>
        Assert.Equal(Origins.Created, Plan(new(), Aws(Scenario.Ours, Scenario.AfterObject)).Origin);

    [Fact]
    public void An_adopted_repository_whose_status_was_lost_is_never_taken_for_created()
    {
        // It was there before the object.
        Assert.Equal(Origins.Adopted, Plan(new(), Aws(Scenario.Ours, Scenario.BeforeObject)).Origin);

        // It is younger than the object, and the object may not make one.
        Assert.Equal(Origins.Adopted, Plan(new() { AdoptionPolicy = "Adopt" }, Aws(Scenario.Ours, Scenario.AfterObject)).Origin);

        // It is younger than the object, and the process ended between the claim and the status: only the origin is on record.
        var claimed = Owned.Nothing with { Origin = Origins.Adopted };
        Assert.Equal(Origins.Adopted, Plan(new(), Aws(Scenario.Ours, Scenario.AfterObject), claimed).Origin);
        var deletion = Planner.Plan(Desired(new(), deleting: true), new Sight.Present(Aws(Scenario.Ours, Scenario.AfterObject)), claimed, Scenario.Now);
        Assert.False(Assert.IsType<DeleteRepository>(Assert.Single(deletion.Actions)).Force);
    }

    [Fact]
    public void Whose_tags_cannot_be_read_is_nobodys_to_take()
    {
        var unread = Aws(Scenario.Ours) with { Tags = null };
        var plan = Plan(new() { ScanOnPush = true }, unread);
        Assert.Empty(plan.Actions);
        Assert.Equal(Reasons.AccessDenied, Assert.Single(plan.Findings).Reason);
    }

    [Fact]
    public void What_the_record_proves_is_kept_in_order_and_the_unread_tags_are_said()
    {
        var plan = Plan(new() { ScanOnPush = true, Tags = Tags(("env", "1")) }, Aws(Scenario.Ours) with { Tags = null }, Held(Origins.Created));
        Assert.IsType<PutImageScanningConfiguration>(Assert.Single(plan.Actions));
        var finding = Assert.Single(plan.Findings);
        Assert.Equal(Reasons.AccessDenied, finding.Reason);
        Assert.False(finding.ConcernsRepository);
    }

    [Fact]
    public void A_repository_too_full_for_the_owner_tag_is_not_taken()
    {
        var full = Aws(owner: null) with { Tags = Enumerable.Range(0, 50).ToImmutableSortedDictionary(number => $"k{number}", _ => "") };
        var plan = Plan(new() { ScanOnPush = true }, full);
        Assert.Empty(plan.Actions);
        Assert.Equal(Relation.Foreign, plan.Relation);
        Assert.Equal(Reasons.TooManyTags, Assert.Single(plan.Findings).Reason);

        var withAwsOwn = Aws(owner: null) with { Tags = full.Tags.Remove("k0").Add("aws:cloudformation:stack", "x") };
        Assert.True(Plan(new(), withAwsOwn).Claims);
    }

    [Fact]
    public void The_union_of_tags_may_hold_50()
    {
        var foreign = Enumerable.Range(0, 46).ToImmutableSortedDictionary(number => $"k{number}", _ => "").Add(ApiNames.OwnerTag, Scenario.Ours);
        var fits = Plan(new() { Tags = Tags(("a", "1"), ("b", "1"), ("k1", "1")) }, Aws(Scenario.Ours) with { Tags = foreign });
        Assert.Equal(["a", "b", "k1"], Assert.IsType<TagResource>(Assert.Single(fits.Actions)).Tags.Keys);

        var one = Plan(new() { Tags = Tags(("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")) }, Aws(Scenario.Ours) with { Tags = foreign });
        Assert.Empty(one.Actions);
        Assert.Equal(Reasons.TooManyTags, Assert.Single(one.Findings).Reason);
        Assert.Equal(["tags[a]", "tags[b]", "tags[c]", "tags[d]"], one.Remaining.Select(item => item.Field));
    }

    private static ImmutableSortedDictionary<string, string> Tags(params (string Key, string Value)[] tags) =>
        tags.ToImmutableSortedDictionary(tag => tag.Key, tag => tag.Value);

    private static Owned Held(string origin) => Owned.Nothing.Holding(Aws(null), origin);

    private static ObservedRepository Aws(string? owner, DateTimeOffset? created = null)
    {
        var plain = ModelEcr.Plain(Scenario.Name, created ?? Scenario.AfterObject);
        return owner is null ? plain : plain with { Tags = plain.Tags!.Add(ApiNames.OwnerTag, owner) };
    }

    private static DesiredRepository Desired(ECRRepositorySpec spec, bool deleting = false) =>
        DesiredRepository.From(Scenario.Object(spec, deleting: deleting), World.Key, ImmutableSortedDictionary<string, string>.Empty);

    private static Plan Plan(ECRRepositorySpec spec, ObservedRepository? aws, Owned? owned = null) =>
        Planner.Plan(Desired(spec), aws is null ? new Sight.Absent() : new Sight.Present(aws), owned ?? Owned.Nothing, Scenario.Now);
}
