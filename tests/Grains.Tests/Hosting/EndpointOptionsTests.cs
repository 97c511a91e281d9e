using InfraOperator.Grains.Hosting;

namespace InfraOperator.Grains.Tests.Hosting;

/// <summary>An endpoint in the place of AWS's own that cannot be used fails the start.</summary>
public sealed class EndpointOptionsTests
{
    [Fact]
    public void A_password_in_it_is_refused_and_not_told()
    {
        var failure = FailureOf("http://name:secret@aws.example.com");

        Assert.Contains("Operator:AwsEndpointUrl holds a user name or password", failure);
        Assert.DoesNotContain("secret", failure);
    }

    [Theory]
    [InlineData("http://aws.example.com:4566")]
    [InlineData("https://[2001:db8::1]/path")]
    public void Others_are_taken(string url) => Assert.Null(FailureOf(url));

    private static string? FailureOf(string url) =>
        new OperatorOptionsValidator().Validate(null, new() { ClusterId = "cluster", AwsEndpointUrl = new(url) }).FailureMessage;
}
