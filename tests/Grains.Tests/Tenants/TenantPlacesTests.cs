using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Tenants;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Tenants;

/// <summary>Who counts as having a repository, or being about to.</summary>
public sealed class TenantPlacesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TenantPlaces _places;

    public TenantPlacesTests() => _places = new(_time);

    [Fact]
    public void Who_has_one_on_record_or_bears_the_finalizer_counts()
    {
        _places.Learn([Object("new"), Object("made", origin: Origins.Created), Object("making", hasFinalizer: true), Object("both", origin: Origins.Adopted, hasFinalizer: true)]);

        Assert.Equal(3, _places.Count);
        Assert.Equal(3, _places.CountWithout("new"));
        Assert.Equal(2, _places.CountWithout("making"));
    }

    [Fact]
    public void Who_was_admitted_counts_once_until_it_is_gone()
    {
        _places.Learn([Object("a")]);
        _places.Admit("a");
        _places.Admit("a");
        Assert.Equal((1, 0), (_places.Count, _places.CountWithout("a")));

        _places.Learn([Object("a")]);
        Assert.Equal(1, _places.Count);
        _places.Learn([Object("a", origin: Origins.Created, hasFinalizer: true)]);
        _places.Admit("a");
        Assert.Equal(1, _places.Count);

        Assert.True(_places.Release("a"));
        Assert.False(_places.Release("a"));
        Assert.Equal(0, _places.Count);

        _places.Admit("b");
        _places.Learn([]);
        Assert.Equal(0, _places.Count);
    }

    [Fact]
    public void Who_was_admitted_and_made_nothing_of_it_counts_no_longer()
    {
        _places.Admit("a");
        _time.Advance(TimeSpan.FromMinutes(9));
        _places.Learn([Object("a")]);
        Assert.Equal(1, _places.Count);

        _time.Advance(TimeSpan.FromMinutes(1));
        _places.Learn([Object("a")]);
        Assert.Equal(0, _places.Count);
    }

    [Fact]
    public void Nobody_is_refused_by_what_was_seen_long_ago()
    {
        Assert.Equal((false, false), (_places.IsKnown, _places.IsFresh));
        _places.Learn([]);
        Assert.Equal((true, true), (_places.IsKnown, _places.IsFresh));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((true, false), (_places.IsKnown, _places.IsFresh));
    }

    private static ECRRepository Object(string uid, string? origin = null, bool hasFinalizer = false) => new()
    {
        Metadata = new() { Uid = uid, Finalizers = hasFinalizer ? [ApiNames.Finalizer] : ImmutableArray<string>.Empty },
        Status = origin is null ? null : new() { Origin = origin },
    };
}
