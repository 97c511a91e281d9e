namespace InfraOperator.Abstractions.Tests;

public sealed class ResourceKeyTests
{
    [Fact]
    public void A_key_is_read_as_it_was_written()
    {
        var key = new ResourceKey("prod-1", "team", "app.backend");
        Assert.Equal("prod-1/team/app.backend", key.ToString());
        Assert.Equal(key, ResourceKey.Parse(key.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a/b/c/d")]
    [InlineData("a//c")]
    [InlineData("/b/c")]
    [InlineData("a/b/")]
    public void What_has_not_three_parts_is_no_key(string text)
    {
        var exception = Assert.Throws<FormatException>(() => ResourceKey.Parse(text));
        Assert.Contains($"'{text}'", exception.Message, StringComparison.Ordinal);
    }
}
