using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

public sealed class DesiredRepositoryTests
{
    [Fact]
    public void The_repositorys_tags_win_over_the_providers()
    {
        var desired = From(new() { Tags = Tags(("env", "prod")) }, Tags(("env", "dev"), ("team", "a")));
        Assert.Equal(Tags(("env", "prod"), ("team", "a")), desired.Tags);
    }

    [Theory]
    [InlineData("aws:stack")]
    [InlineData("AWS:stack")]
    [InlineData(ApiNames.OwnerTag)]
    public void A_reserved_key_is_left_out_and_said(string key)
    {
        var desired = From(new() { Tags = Tags((key, "x"), ("env", "prod")) });
        Assert.Equal(["env"], desired.Tags.Keys);
        Assert.Contains(key, Assert.Single(desired.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_policies_mean_what_the_contract_says()
    {
        var desired = From(new());
        Assert.Equal((DeletionPolicy.Delete, AdoptionPolicy.AdoptOrCreate, false, false), (desired.DeletionPolicy, desired.AdoptionPolicy, desired.ObserveOnly, desired.ReportDrift));
        Assert.Empty(desired.Problems);
    }

    [Fact]
    public void A_word_that_this_version_does_not_know_is_read_with_caution()
    {
        var desired = From(new() { DeletionPolicy = "x", AdoptionPolicy = "x", ManagementPolicy = "x", DriftPolicy = "x" });
        Assert.Equal((null, AdoptionPolicy.Adopt, true, true), ((DeletionPolicy?)desired.DeletionPolicy, desired.AdoptionPolicy, desired.ObserveOnly, desired.ReportDrift));
        Assert.Equal(4, desired.Problems.Length);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("delete")]
    [InlineData("Delete,Retain")]
    [InlineData("")]
    public void Only_the_exact_word_is_the_word(string policy) => Assert.Null(From(new() { DeletionPolicy = policy }).DeletionPolicy);

    [Fact]
    public void Filters_without_a_mutability_do_not_keep_the_repository_from_being_made()
    {
        var desired = From(new() { ImageTagMutabilityExclusionFilters = [new() { Filter = "v*" }] });
        Assert.Empty(desired.ExclusionFilters);
        Assert.Contains("imageTagMutabilityExclusionFilters", Assert.Single(desired.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_are_said_and_the_rest_is_applied()
    {
        var plan = Planner.Plan(From(new() { ScanOnPush = true, Tags = Tags(("aws:x", "1")) }), new Sight.Unseen(), Owned.Nothing, Scenario.Now);
        Assert.True(Assert.IsType<CreateRepository>(Assert.Single(plan.Actions)).ScanOnPush);
        Assert.Equal(Reasons.InvalidSpec, Assert.Single(plan.Findings).Reason);
    }

    [Fact]
    public void An_object_without_a_name_makes_nothing()
    {
        var desired = DesiredRepository.From(new(), World.Key, Tags());
        var plan = Planner.Plan(desired, new Sight.Unseen(), Owned.Nothing, Scenario.Now);
        Assert.Empty(plan.Actions);
        Assert.Equal(Reasons.InvalidSpec, Assert.Single(plan.Findings).Reason);
    }

    private static ImmutableSortedDictionary<string, string> Tags(params (string Key, string Value)[] tags) =>
        tags.ToImmutableSortedDictionary(tag => tag.Key, tag => tag.Value);

    private static DesiredRepository From(ECRRepositorySpec spec, ImmutableSortedDictionary<string, string>? defaults = null) =>
        DesiredRepository.From(Scenario.Object(spec), World.Key, defaults ?? Tags());
}
