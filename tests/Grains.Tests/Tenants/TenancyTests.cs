using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tenants;

namespace InfraOperator.Grains.Tests.Tenants;

/// <summary>What a tenancy rule allows, and in what words it refuses the rest.</summary>
public sealed class TenancyTests
{
    private const string Role = "arn:aws:iam::123456789012:role/team-a-ecr";

    private static readonly AWSProviderSpec Keys = new() { Region = "us-east-1", CredentialsSecret = new() { Name = "keys" } };

    [Fact]
    public void Without_rules_nothing_is_bound()
    {
        var tenancy = Tenancy.Of("team-a", new());

        Assert.Null(tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", Endpoint = "https://anywhere" }));
        Assert.Null(tenancy.RefusalOf("123456789012"));
        Assert.Null(tenancy.RefusalOf(new AwsPlace("123456789012", "us-east-1")));
        Assert.Null(tenancy.RefusalOfRepository("anything"));
    }

    [Fact]
    public void A_list_without_entries_binds_nothing()
    {
        var tenancy = Bound(_ => { });

        Assert.Null(tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", Endpoint = "https://anywhere" }));
        Assert.Null(tenancy.RefusalOf(new AwsPlace("123456789012", "us-east-1")));
        Assert.Null(tenancy.RefusalOfRepository("anything"));
    }

    [Fact]
    public void A_namespace_without_a_rule_is_refused_where_there_are_rules()
    {
        var tenancy = Tenancy.Of("team-b", Options(Rule("team-a", "team-a")));

        var refusals = new[] { tenancy.RefusalOf(Keys), tenancy.RefusalOf("123456789012"), tenancy.RefusalOf(new AwsPlace("123456789012", "us-east-1")), tenancy.RefusalOfRepository("app") };
        Assert.All(refusals, refusal =>
        {
            Assert.Equal(Reasons.ProviderNotAllowed, refusal!.Reason);
            Assert.StartsWith("no tenancy rule is for namespace 'team-b'", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("Operator:Tenants", refusal.Message);
        });
    }

    [Theory]
    [InlineData("team-a", "first")]
    [InlineData("team-a-dev", "second")]
    [InlineData("Team-a", "rest")]
    [InlineData("other", "rest")]
    public void The_first_rule_that_names_the_namespace_counts(string ns, string rule)
    {
        var options = Options(Rule("first", "team-a"), Rule("second", "team-b", "team-a*"), Rule("rest", "*"));
        foreach (var each in options.Tenants)
        {
            each.RepositoryNames.Add("none");
        }

        Assert.Contains($"tenancy rule '{rule}' of namespace '{ns}'", Tenancy.Of(ns, options).RefusalOfRepository("app")!.Message);
    }

    [Theory]
    [InlineData("us-east-1", true)]
    [InlineData("eu-west-1", true)]
    [InlineData("us-east-2", false)]
    [InlineData("us-east-10", false)]
    public void A_region_is_one_of_the_rules(string region, bool isAllowed)
    {
        var tenancy = Bound(rule =>
        {
            rule.Regions.Add("us-east-1");
            rule.Regions.Add("eu-*");
        });

        AssertRefused(isAllowed, tenancy.RefusalOf(Keys with { Region = region }), Reasons.InvalidSpec, $"spec.region: '{region}' is outside tenancy rule 'team-a'", "us-east-1, eu-*");
        AssertRefused(isAllowed, tenancy.RefusalOf(new AwsPlace("123456789012", region)), Reasons.ProviderNotAllowed, $"region {region}", "tenancy rule 'team-a'");
    }

    [Theory]
    [InlineData(Role, true)]
    [InlineData("arn:aws:iam::123456789012:role/Team-a-ecr", false)]
    [InlineData("arn:aws:iam::999999999999:role/team-a-ecr", false)]
    [InlineData(TenantOptions.Ambient, false)]
    public void Each_role_that_is_named_is_one_of_the_rules(string role, bool isAllowed)
    {
        var tenancy = Bound(rule =>
        {
            rule.RoleARNs.Add("arn:aws:iam::123456789012:role/team-a-*");
            rule.RoleARNs.Add(TenantOptions.Ambient);
        });

        AssertRefused(isAllowed, tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", RoleARN = role }), Reasons.InvalidSpec, $"spec.roleARN: '{role}' is outside tenancy rule 'team-a'");
        AssertRefused(isAllowed, tenancy.RefusalOf(Keys with { AssumeRoleARN = role }), Reasons.InvalidSpec, $"spec.assumeRoleARN: '{role}' is outside tenancy rule 'team-a'");
        AssertRefused(isAllowed, tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", RoleARN = Role, AssumeRoleARN = role }), Reasons.InvalidSpec, "spec.assumeRoleARN");
        AssertRefused(isAllowed, tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", RoleARN = role, AssumeRoleARN = Role }), Reasons.InvalidSpec, "spec.roleARN");
    }

    [Fact]
    public void Where_roles_are_bound_the_operators_own_identity_is_used_only_if_the_rule_says_so()
    {
        var own = new AWSProviderSpec { Region = "us-east-1" };
        var refusal = Bound(rule => rule.RoleARNs.Add("*")).RefusalOf(own);
        AssertRefused(false, refusal, Reasons.InvalidSpec, "names neither keys nor a role", "tenancy rule 'team-a'");

        Assert.Null(Bound(rule => rule.RoleARNs.Add(TenantOptions.Ambient)).RefusalOf(own));
        Assert.Null(Bound(rule => rule.RoleARNs.Add("*")).RefusalOf(own with { AssumeRoleARN = Role }));
        Assert.Null(Bound(rule => rule.RoleARNs.Add(TenantOptions.Ambient)).RefusalOf(Keys));
    }

    [Fact]
    public void The_account_of_the_role_that_is_assumed_last_is_known_before_any_call()
    {
        var tenancy = Bound(rule => rule.AccountIDs.Add("999999999999"));

        AssertRefused(false, tenancy.RefusalOf(Keys with { AssumeRoleARN = Role }), Reasons.ProviderNotAllowed, "account 123456789012", "tenancy rule 'team-a'", "999999999999");
        AssertRefused(false, tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", RoleARN = Role }), Reasons.ProviderNotAllowed, "account 123456789012");
        Assert.Null(tenancy.RefusalOf(new AWSProviderSpec { Region = "us-east-1", RoleARN = Role, AssumeRoleARN = "arn:aws:iam::999999999999:role/ecr" }));
        Assert.Null(tenancy.RefusalOf(Keys));
    }

    [Theory]
    [InlineData("999999999999", true)]
    [InlineData("123456789012", false)]
    public void An_account_is_one_of_the_rules(string account, bool isAllowed)
    {
        var tenancy = Bound(rule => rule.AccountIDs.Add("999999999999"));

        AssertRefused(isAllowed, tenancy.RefusalOf(account), Reasons.ProviderNotAllowed, $"account {account}", "tenancy rule 'team-a'");
        AssertRefused(isAllowed, tenancy.RefusalOf(new AwsPlace(account, "us-east-1")), Reasons.ProviderNotAllowed, $"account {account}", "tenancy rule 'team-a'");
        Assert.Null(tenancy.RefusalOf(default(AwsPlace)));
    }

    [Theory]
    [InlineData("https://ecr.example.com:4566", true)]
    [InlineData("https://ECR.Example.com", true)]
    [InlineData(null, true)]
    [InlineData("https://example.com", false)]
    [InlineData("https://ecr.example.com@elsewhere.net", false)]
    public void An_endpoints_host_is_one_of_the_rules(string? endpoint, bool isAllowed) => AssertRefused(
        isAllowed,
        Bound(rule => rule.EndpointHosts.Add("*.example.com")).RefusalOf(Keys with { Endpoint = endpoint }),
        Reasons.InvalidSpec,
        "spec.endpoint: ",
        "tenancy rule 'team-a'");

    [Theory]
    [InlineData("team-a/app", true)]
    [InlineData("team-a/deep/app", true)]
    [InlineData("Team-a/app", false)]
    [InlineData("team-b/team-a/app", false)]
    public void A_repositorys_name_is_one_of_the_rules(string name, bool isAllowed) => AssertRefused(
        isAllowed,
        Bound(rule => rule.RepositoryNames.Add("team-a/*")).RefusalOfRepository(name),
        Reasons.InvalidSpec,
        $"spec.repositoryName: '{name}' is outside tenancy rule 'team-a'",
        "team-a/*");

    private static void AssertRefused(bool isAllowed, Problem? refusal, string reason, params string[] words)
    {
        if (isAllowed)
        {
            Assert.Null(refusal);
            return;
        }

        Assert.Equal((reason, Mend.Person, Bearing.OnKnowledge), (refusal!.Reason, refusal.Mend, refusal.Bearing));
        Assert.All(words, word => Assert.Contains(word, refusal.Message));
    }

    private static Tenancy Bound(Action<TenantOptions> bind)
    {
        var rule = Rule("team-a", "team-a");
        bind(rule);
        return Tenancy.Of("team-a", Options(rule));
    }

    private static TenantOptions Rule(string name, params string[] namespaces)
    {
        var rule = new TenantOptions { Name = name };
        foreach (var ns in namespaces)
        {
            rule.Namespaces.Add(ns);
        }

        return rule;
    }

    private static OperatorOptions Options(params TenantOptions[] rules)
    {
        var options = new OperatorOptions();
        foreach (var rule in rules)
        {
            options.Tenants.Add(rule);
        }

        return options;
    }
}
