using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>The deletion table of the API contract, row by row, and the window in which AWS may not show what it made.</summary>
public sealed class DeletionTests
{
    private static readonly DateTimeOffset Created = Scenario.AfterObject;

    [Theory]
    [InlineData(Origins.Created, null, true)]
    [InlineData(Origins.Adopted, null, false)]
    [InlineData(Origins.Created, false, false)]
    [InlineData(Origins.Adopted, true, true)]
    public void Delete_deletes_and_images_go_by_forceDelete_or_origin(string origin, bool? forceDelete, bool force)
    {
        var plan = Plan(new() { ForceDelete = forceDelete }, Aws(Scenario.Ours), Held(origin));
        var delete = Assert.IsType<DeleteRepository>(Assert.Single(plan.Actions));
        Assert.Equal(force, delete.Force);
        Assert.Equal(Removal.AfterActions, plan.Removal);
    }

    [Fact]
    public void Delete_of_what_is_gone_is_done()
    {
        var plan = Plan(new(), aws: null, Held(Origins.Created));
        Assert.Empty(plan.Actions);
        Assert.Equal(Removal.AfterActions, plan.Removal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("test/other/backend")]
    [InlineData("released/test/team/backend")]
    public void A_repository_that_is_no_longer_ours_stays_with_a_warning(string? owner)
    {
        var plan = Plan(new() { ForceDelete = true }, Aws(owner), Held(Origins.Created));
        Assert.Empty(plan.Actions);
        Assert.Equal(Removal.Regardless, plan.Removal);
        Assert.Contains(owner ?? "none", plan.RemovalWarning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repository_made_anew_under_our_tag_is_not_the_one_that_we_held()
    {
        var plan = Plan(new(), Aws(Scenario.Ours) with { CreationDate = Created + TimeSpan.FromHours(1) }, Held(Origins.Created));
        Assert.Empty(plan.Actions);
        Assert.NotNull(plan.RemovalWarning);
    }

    [Fact]
    public void An_object_that_never_held_the_name_goes_without_a_word()
    {
        var plan = Plan(new(), Aws("test/other/backend"), Owned.Nothing);
        Assert.Empty(plan.Actions);
        Assert.Equal(Removal.Regardless, plan.Removal);
        Assert.Null(plan.RemovalWarning);
    }

    [Fact]
    public void Unreadable_tags_hold_the_object_and_name_Orphan_as_the_way_out()
    {
        var plan = Plan(new(), Aws(Scenario.Ours) with { Tags = null }, Held(Origins.Created));
        Assert.Empty(plan.Actions);
        Assert.Equal(Removal.Wait, plan.Removal);
        Assert.Contains("Orphan", Assert.Single(plan.Findings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Origins.Created, "released/test/team/backend")]
    [InlineData(Origins.Adopted, "released/adopted/test/team/backend")]
    public void Retain_releases_the_owner_tag_and_never_waits(string origin, string tag)
    {
        var plan = Plan(new() { DeletionPolicy = "Retain" }, Aws(Scenario.Ours), Held(origin));
        Assert.Equal(tag, Assert.IsType<TagResource>(Assert.Single(plan.Actions)).Tags[ApiNames.OwnerTag]);
        foreach (var sight in (Sight[])[new Sight.Unseen(), new Sight.Absent(), new Sight.Present(Aws("test/other/backend")), new Sight.Present(Aws(null) with { Tags = null })])
        {
            var blind = Planner.Plan(Desired(new() { DeletionPolicy = "Retain" }), sight, Held(origin), Scenario.Now);
            Assert.Empty(blind.Actions);
            Assert.Equal(Removal.Regardless, blind.Removal);
        }
    }

    [Fact]
    public void Orphan_leaves_everything_and_needs_nothing()
    {
        var plan = Planner.Plan(Desired(new() { DeletionPolicy = "Orphan" }), new Sight.Unseen(), Held(Origins.Created), Scenario.Now);
        Assert.Empty(plan.Actions);
        Assert.Equal(Removal.Regardless, plan.Removal);
    }

    [Fact]
    public void A_policy_that_means_nothing_to_this_version_deletes_nothing_and_says_so()
    {
        var plan = Plan(new() { DeletionPolicy = "DeleteLater" }, Aws(Scenario.Ours), Held(Origins.Created));
        Assert.Empty(plan.Actions);
        Assert.Equal(Removal.Wait, plan.Removal);
        Assert.Contains("DeleteLater", Assert.Single(plan.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Within_two_minutes_of_a_create_NotFound_means_not_yet_visible()
    {
        var held = Held(Origins.Created);
        var live = Desired(new()) with { IsDeleting = false };
        foreach (var (age, visible) in (IEnumerable<(TimeSpan, bool)>)[(TimeSpan.Zero, false), (TimeSpan.FromSeconds(119), false), (TimeSpan.FromSeconds(-30), false), (TimeSpan.FromMinutes(2), true), (TimeSpan.FromHours(1), true)])
        {
            var plan = Planner.Plan(live, new Sight.Absent(), held, Created + age);
            Assert.Equal(visible, plan.Actions is [CreateRepository]);
            Assert.Equal(!visible, plan.Findings is [{ Reason: Reasons.Creating, HealsByItself: true }]);

            // Deleted so soon, it is deleted by the create call's answer, and only if it is empty.
            var deletion = Planner.Plan(Desired(new() { ForceDelete = true }), new Sight.Absent(), held, Created + age);
            Assert.Equal(!visible, deletion.Actions is [DeleteRepository { Force: false, OwnerTag: null }]);
        }
    }

    [Fact]
    public void The_window_is_for_what_we_created_and_not_for_what_we_adopted() =>
        Assert.IsType<CreateRepository>(Assert.Single(Planner.Plan(Desired(new()) with { IsDeleting = false }, new Sight.Absent(), Held(Origins.Adopted), Created).Actions));

    private static Owned Held(string origin) => Owned.Nothing.Holding(Aws(null), origin);

    private static ObservedRepository Aws(string? owner)
    {
        var plain = ModelEcr.Plain(Scenario.Name, Created);
        return owner is null ? plain : plain with { Tags = plain.Tags!.Add(ApiNames.OwnerTag, owner) };
    }

    private static DesiredRepository Desired(ECRRepositorySpec spec) =>
        DesiredRepository.From(Scenario.Object(spec, deleting: true), World.Key, ImmutableSortedDictionary<string, string>.Empty);

    private static Plan Plan(ECRRepositorySpec spec, ObservedRepository? aws, Owned owned) =>
        Planner.Plan(Desired(spec), aws is null ? new Sight.Absent() : new Sight.Present(aws), owned, Scenario.Now);
}
