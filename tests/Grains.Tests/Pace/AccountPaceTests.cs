using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Pace;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class AccountPaceTests
{
    private static readonly ResourceKey First = new("cluster", "team-a", "first");
    private static readonly ResourceKey Second = new("cluster", "team-a", "second");
    private static readonly ResourceKey Third = new("cluster", "team-b", "third");

    private readonly FakeTimeProvider _time = new();
    private readonly AccountPace _pace;

    public AccountPaceTests() => _pace = new(AccountKey.Parse("111122223333/eu-west-1"), new() { PaceInitialRate = 20 }, _time);

    private double Rate => _pace.Rates.Single().Rate;

    [Fact]
    public void Who_is_alone_has_all_of_it()
    {
        var grant = Report(First, new PaceDemand("team-a", false, 3));
        Assert.Equal((20, 20), (grant.AccountRate, grant.Rate));
        Assert.Equal(new PaceShare("team-a", 3), Assert.Single(grant.Shares));
    }

    [Fact]
    public void Namespaces_share_first_and_their_providers_then()
    {
        Report(First, new PaceDemand("team-a", false, 500));
        Report(Second, new PaceDemand("team-a", false, 500));
        var third = Report(Third, new PaceDemand("team-b", false, 500));
        Assert.Equal(10, third.Rate, 6);
        Assert.Equal(5, Report(First, new PaceDemand("team-a", false, 500)).Rate, 6);
        Assert.Equal(5, Report(Second, new PaceDemand("team-a", false, 500)).Rate, 6);
    }

    [Fact]
    public void Who_wants_little_has_all_that_it_wants()
    {
        Report(First, new PaceDemand("team-a", false, 5000));
        Assert.Equal(2, Report(Third, new PaceDemand("team-b", false, 2)).Shares.Single().Rate, 6);
        Assert.Equal(18, Report(First, new PaceDemand("team-a", false, 5000)).Shares.Single().Rate, 6);
    }

    [Fact]
    public void The_background_has_a_tenth_where_others_want_more_than_there_is_and_what_they_leave_otherwise()
    {
        Report(First, new PaceDemand("team-a", true, 100));
        Assert.Equal(18, Report(Third, new PaceDemand("team-b", false, 500)).Rate, 6);
        Assert.Equal(2, Report(First, new PaceDemand("team-a", true, 100)).Rate, 6);

        Assert.Equal(5, Report(Third, new PaceDemand("team-b", false, 5)).Shares.Single().Rate, 6);
        Assert.Equal(15, Report(First, new PaceDemand("team-a", true, 100)).Rate, 6);
    }

    [Fact]
    public void Who_has_been_silent_for_long_has_no_share()
    {
        Report(First, new PaceDemand("team-a", false, 500));
        _time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Equal(20, Report(Third, new PaceDemand("team-b", false, 500)).Rate, 6);
    }

    [Fact]
    public void What_one_is_throttled_for_all_slow_down_for()
    {
        Report(First, served: 10, throttled: 0, isPressed: false, new PaceDemand("team-a", false, 500));
        Report(Third, served: 2, throttled: 3, isPressed: true, new PaceDemand("team-b", false, 500));
        Assert.Equal(12 * 0.8, Rate, 6);
        Assert.Equal(12 * 0.8 / 2, Report(First, new PaceDemand("team-a", false, 500)).Rate, 6);
    }

    [Fact]
    public void What_was_served_more_than_a_second_ago_says_nothing_of_the_limit()
    {
        Report(First, served: 100, throttled: 0, isPressed: false);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Report(Third, served: 6, throttled: 6, isPressed: true);
        Assert.Equal(6 * 0.8, Rate, 6);
    }

    [Fact]
    public void Only_where_calls_wait_for_the_rate_it_grows()
    {
        Report(First, served: 10, throttled: 0, isPressed: false);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Report(First, served: 10, throttled: 0, isPressed: false);
        Assert.Equal(20, Rate);

        Report(First, served: 10, throttled: 0, isPressed: true);
        var before = Rate;
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Report(First, served: 10, throttled: 0, isPressed: true);
        Assert.Equal(before * 2, Rate, 6);
    }

    [Fact]
    public void A_grain_that_begins_goes_on_from_what_its_providers_know()
    {
        var grant = _pace.Report(new(First, [new(OperationClass.Write, 0, 0, true, 7, [])])).Classes.Single();
        Assert.InRange(grant.AccountRate, 7, 7.01);
    }

    [Theory]
    [InlineData("111122223333/eu-west-1", null)]
    [InlineData("111122223333/eu-west-1/http://localhost:5000/path", "http://localhost:5000/path")]
    public void A_key_names_account_region_and_endpoint(string text, string? endpoint)
    {
        var key = AccountKey.Parse(text);
        Assert.Equal(new(new("111122223333", "eu-west-1"), endpoint), key);
        Assert.Equal(text, key.ToString());
    }

    private ClassGrant Report(ResourceKey provider, params ImmutableArray<PaceDemand> demands) => Report(provider, 0, 0, false, demands);

    private ClassGrant Report(ResourceKey provider, int served, int throttled, bool isPressed, params ImmutableArray<PaceDemand> demands) =>
        _pace.Report(new(provider, [new(OperationClass.Write, served, throttled, isPressed, 0, demands)])).Classes.Single();
}
