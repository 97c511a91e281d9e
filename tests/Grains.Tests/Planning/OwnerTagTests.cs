using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;

namespace InfraOperator.Grains.Tests.Planning;

public sealed class OwnerTagTests
{
    [Fact]
    public void The_owner_tag_is_cluster_namespace_and_name() =>
        Assert.Equal("prod/team/backend", OwnerTag.For(new("prod", "team", "backend")));

    [Fact]
    public void Over_256_characters_it_is_the_first_100_of_the_name_and_16_hex_digits_of_its_hash()
    {
        var cluster = new string('c', 32);
        var ns = new string('n', 63);
        var name = string.Concat(Enumerable.Repeat("0123456789", 25));
        var tag = OwnerTag.For(new(cluster, ns, name));
        Assert.Matches($"^{cluster}/{ns}/{name[..100]}~[0-9a-f]{{16}}$", tag);
        Assert.NotEqual(tag, OwnerTag.For(new(cluster, ns, name[..^1] + "x")));
    }

    [Fact]
    public void At_256_characters_it_is_not_shortened()
    {
        var name = new string('a', 256 - "c/n/".Length);
        Assert.Equal($"c/n/{name}", OwnerTag.For(new("c", "n", name)));
    }

    /// <summary>AWS takes 256 characters; a tag that says "released" has to fit as well, and to be known again.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(157)]
    [InlineData(170)]
    [InlineData(253)]
    public void A_released_tag_fits_and_says_how_its_object_had_come_by_the_repository(int length)
    {
        var owner = OwnerTag.For(new("c", new string('n', 80), new string('a', length)));
        foreach (var origin in (string[])[Origins.Created, Origins.Adopted])
        {
            var released = OwnerTag.Released(owner, origin);
            Assert.InRange(released.Length, 1, 256);
            Assert.True(OwnerTag.IsFree(released));
            Assert.Equal(origin, OwnerTag.OriginBeforeRelease(released, owner));
            Assert.Null(OwnerTag.OriginBeforeRelease(released, owner + "x"));
        }
    }

    [Fact]
    public void Only_no_tag_and_a_released_one_are_free()
    {
        Assert.True(OwnerTag.IsFree(null));
        Assert.True(OwnerTag.IsFree("released/other/ns/name"));
        Assert.False(OwnerTag.IsFree("other/ns/name"));
        Assert.False(OwnerTag.IsFree(""));
    }
}
