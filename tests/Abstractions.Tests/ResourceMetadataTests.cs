namespace InfraOperator.Abstractions.Tests;

public sealed class ResourceMetadataTests
{
    [Theory]
    [InlineData(null, null, null, null, false)]
    [InlineData("1", null, null, "1|", true)]
    [InlineData(null, "1", null, "|1", true)]
    [InlineData("1", "2", null, "1|2", true)]
    [InlineData("1", null, "1|", "1|", false)]
    [InlineData("2", null, "1|", "2|", true)]
    [InlineData("1", "2", "1|", "1|2", true)]
    [InlineData("1", "2", "1|2", "1|2", false)]
    [InlineData("1", "3", "1|2", "1|3", true)]
    [InlineData(null, null, "1|2", null, false)]
    [InlineData("1", null, "1|2", "1|", false)]
    [InlineData(null, "2", "1|2", "|2", false)]
    [InlineData("", null, null, "|", false)]
    [InlineData("a|b", null, "a|b|", "a|b|", false)]
    [InlineData("a|b", "c|", "a|b|c|", "a|b|c|", false)]
    [InlineData("c", null, "a|b|", "c|", true)]
    public void A_new_value_of_either_annotation_is_a_request_and_a_removal_is_none(string? bare, string? prefixed, string? handled, string? echo, bool asks)
    {
        var metadata = With(("force-sync", bare), ("aws-infra-operator.runner.codes/force-sync", prefixed));
        Assert.Equal(echo, metadata.ForceSync);
        Assert.Equal(asks, metadata.AsksForSync(handled));

        // What was handled is echoed; then the same is no request any more.
        Assert.False(metadata.AsksForSync(metadata.ForceSync));
    }

    [Theory]
    [InlineData("10", "9", true)]
    [InlineData("9", "10", false)]
    [InlineData("9", "9", false)]
    [InlineData("18446744073709551615", "18446744073709551614", true)]
    [InlineData("b", "a", true)]
    [InlineData("a", "a", false)]
    [InlineData("", "1", true)]
    public void Versions_are_ordered_as_numbers_and_others_are_newer_where_they_differ(string mine, string theirs, bool newer) =>
        Assert.Equal(newer, new ResourceMetadata { ResourceVersion = mine }.IsNewerThan(new() { ResourceVersion = theirs }));

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("True", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Paused_is_the_word_true(string? value, bool paused) =>
        Assert.Equal(paused, With(("aws-infra-operator.runner.codes/paused", value)).IsPaused);

    [Theory]
    [InlineData("aws-infra-operator.runner.codes/finalizer", true)]
    [InlineData("aws-infra-operator.runner.codes/ecr-finalizer", true)]
    [InlineData("example.com/finalizer", false)]
    public void The_Go_operators_finalizer_is_treated_as_ours(string finalizer, bool ours) =>
        Assert.Equal(ours, new ResourceMetadata { Finalizers = ["x/y", finalizer] }.HasFinalizer);

    private static ResourceMetadata With(params (string Key, string? Value)[] annotations) => new()
    {
        Annotations = new ResourceMetadata().Annotations.AddRange(annotations.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!))),
    };
}
