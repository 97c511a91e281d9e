using InfraOperator.Conformance.Sts;

namespace InfraOperator.Aws.Tests.Identities;

/// <summary>The reading of trust policies, by which the identities are judged.</summary>
public sealed class TrustPolicyTests
{
    private const string Trusted = "arn:aws:iam::123456789012:role/operator";

    private static readonly Dictionary<string, string> Context = new(StringComparer.OrdinalIgnoreCase) { ["sts:ExternalId"] = "Id", ["aws:RequestTag/team"] = "team-a" };

    [Theory]
    [InlineData("""{"StringEquals":{"sts:ExternalId":"Id"}}""", true)]
    [InlineData("""{"StringEquals":{"STS:externalid":"Id"}}""", true)]
    [InlineData("""{"StringEquals":{"sts:ExternalId":"id"}}""", false)]
    [InlineData("""{"StringEquals":{"sts:ExternalId":"I*"}}""", false)]
    [InlineData("""{"StringEquals":{"sts:ExternalId":["other","Id"]}}""", true)]
    [InlineData("""{"StringEquals":{"sts:ExternalId":"Id","aws:RequestTag/stage":"prod"}}""", false)]
    [InlineData("""{"StringLike":{"aws:RequestTag/team":"team-*"}}""", true)]
    [InlineData("""{"StringLike":{"aws:RequestTag/team":"team-*"},"StringEquals":{"sts:ExternalId":"other"}}""", false)]
    public void All_conditions_must_hold(string conditions, bool allows) =>
        Assert.Equal(allows, Allows($$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"{{Trusted}}"},"Action":"sts:AssumeRole","Condition":{{conditions}} } }"""));

    [Theory]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/other"}""", "sts:AssumeRole")]
    [InlineData("""{"Service":"arn:aws:iam::123456789012:role/operator"}""", "sts:AssumeRole")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/operator"}""", "sts:TagSession")]
    public void Who_or_what_is_not_named_is_not_allowed(string principal, string action) =>
        Assert.False(Allows($$"""{"Statement":[{"Effect":"Allow","Principal":{{principal}},"Action":["{{action}}"]}]}"""));

    [Fact]
    public void A_deny_comes_before_every_allow()
    {
        const string Allow = $$"""{"Effect":"Allow","Principal":{"AWS":["{{Trusted}}"]},"Action":"sts:*"}""";

        Assert.True(Allows($$"""{"Statement":[{{Allow}}]}"""));
        Assert.False(Allows($$"""{"Statement":[{{Allow}},{"Effect":"Deny","Principal":{"AWS":"{{Trusted}}"},"Action":"sts:AssumeRole"}]}"""));
    }

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"a"},"Action":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}""", "Bool")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"a"},"Action":"*","Resource":"*"}}""", "Resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"a"},"Action":"*"}}""", "NotPrincipal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}""", "Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"a"}}}""", "Action")]
    [InlineData("""{"Statement":{"Effect":"allow","Principal":{"AWS":"a"},"Action":"*"}}""", "Effect")]
    [InlineData("""{"Version":"2012-10-17"}""", "Statement")]
    [InlineData("{", "cannot be read")]
    public void What_is_not_evaluated_is_refused_rather_than_misread(string policy, string word) =>
        Assert.Contains(word, Assert.Throws<FormatException>(() => TrustPolicy.Parse(policy)).Message);

    private static bool Allows(string policy) => TrustPolicy.Parse(policy).Allows("AWS", [Trusted], "sts:AssumeRole", Context);
}
