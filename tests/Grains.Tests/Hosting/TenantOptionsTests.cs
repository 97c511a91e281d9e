using InfraOperator.Grains.Hosting;
using Microsoft.Extensions.Configuration;

namespace InfraOperator.Grains.Tests.Hosting;

/// <summary>A tenancy rule that can hold nothing, or not what it seems to, fails the start with how to mend it.</summary>
public sealed class TenantOptionsTests
{
    [Fact]
    public void Rules_that_bind_everything_can_be_kept()
    {
        var options = OptionsOf(
            ("0:Name", "team-a"), ("0:Namespaces:0", "team-a"), ("0:Namespaces:1", "team-a-*"), ("0:RoleARNs:0", "arn:aws:iam::123456789012:role/team-a-*"), ("0:RoleARNs:1", "ambient"),
            ("0:AccountIDs:0", "123456789012"), ("0:Regions:0", "eu-*"), ("0:EndpointHosts:0", "*.example.com"), ("0:EndpointHosts:1", "[::1]"), ("0:RepositoryNames:0", "team-a/*"), ("0:MaxRepositories", "0"),
            ("1:Name", "rest"), ("1:Namespaces:0", "*"));

        Assert.Null(FailureOf(options));
        Assert.Equal(["team-a", "rest"], options.Tenants.Select(rule => rule.Name));
        Assert.Equal(["arn:aws:iam::123456789012:role/team-a-*", "ambient"], options.Tenants[0].RoleARNs);
        Assert.Equal(["123456789012"], options.Tenants[0].AccountIDs);
        Assert.Equal([0, null], options.Tenants.Select(rule => rule.MaxRepositories));
        Assert.Equal(["[::1]"], options.Tenants[0].EndpointHosts.Skip(1));
    }

    [Theory]
    [InlineData("Name", "", "Operator:Tenants:1:Name is required")]
    [InlineData("Name", "team-a", "Operator:Tenants:1:Name is 'team-a', as another rule's")]
    [InlineData("Namespaces:0", "Team-B", "Operator:Tenants:1:Namespaces holds 'Team-B'")]
    [InlineData("Namespaces:0", "", "Operator:Tenants:1:Namespaces holds ''")]
    [InlineData("RoleARNs:0", "Ambient", "Operator:Tenants:1:RoleARNs holds 'Ambient': name a role's ARN")]
    [InlineData("AccountIDs:0", "12345678901", "Operator:Tenants:1:AccountIDs holds '12345678901': an account id has 12 digits")]
    [InlineData("Regions:0", "EU", "Operator:Tenants:1:Regions holds 'EU'")]
    [InlineData("EndpointHosts:0", "https://example.com", "Operator:Tenants:1:EndpointHosts holds 'https://example.com': name a host without scheme and port")]
    [InlineData("EndpointHosts:0", "localhost:4566", "Operator:Tenants:1:EndpointHosts holds 'localhost:4566'")]
    [InlineData("MaxRepositories", "-1", "Operator:Tenants:1:MaxRepositories is -1: it must be at least 0")]
    [InlineData("RepositoryNames:0", "", "Operator:Tenants:1:RepositoryNames holds ''")]
    public void What_cannot_hold_is_named(string field, string value, string words) => Assert.Contains(words, FailureOf(OptionsOf(
        [("0:Name", "team-a"), ("0:Namespaces:0", "team-a"), ("1:Name", "team-b"), ("1:Namespaces:0", "team-b"), ($"1:{field}", value)])));

    [Fact]
    public void A_rule_is_for_some_namespace() =>
        Assert.Contains("Operator:Tenants:0:Namespaces is required", FailureOf(OptionsOf(("0:Name", "team-a"))));

    [Fact]
    public void A_rule_that_comes_too_late_is_named() => Assert.Contains(
        "Operator:Tenants:1:Namespaces can never count, because rule 'rest' before it",
        FailureOf(OptionsOf(("0:Name", "rest"), ("0:Namespaces:0", "*"), ("1:Name", "team-a"), ("1:Namespaces:0", "team-a"))));

    private static OperatorOptions OptionsOf(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.GroupBy(value => value.Key).Select(value => KeyValuePair.Create($"{OperatorOptions.Section}:{nameof(OperatorOptions.Tenants)}:{value.Key}", (string?)value.Last().Value)))
            .Build();
        return configuration.GetSection(OperatorOptions.Section).Get<OperatorOptions>()!;
    }

    private static string? FailureOf(OperatorOptions options)
    {
        options.ClusterId = "cluster";
        return new OperatorOptionsValidator().Validate(null, options).FailureMessage;
    }
}
