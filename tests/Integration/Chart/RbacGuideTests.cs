using System.Text.Json.Nodes;
using InfraOperator.Abstractions;

namespace InfraOperator.Integration.Chart;

/// <summary>docs/rbac.md prints the chart's roles, and roles for people that let them do what it says and no more.</summary>
public sealed class RbacGuideTests
{
    private static IReadOnlyList<JsonObject> Roles => [.. InstallGuide.Blocks("yaml", "rbac.md").Select(static block => Release.Values(block))];

    [Fact]
    public async Task The_operators_roles_are_the_charts()
    {
        var release = await Release.RenderAsync();

        Assert.Equal(Texts(release.Only("ClusterRole")), Texts(Roles[0]));
        Assert.Equal(Texts(release.Only("Role")), Texts(Roles[1]));
    }

    [Fact]
    public void Every_right_of_the_operator_is_explained()
    {
        var page = File.ReadAllText(Path.Combine(InfraOperator.Conformance.SourceTree.Root, "docs", "rbac.md"));
        var table = page[page.IndexOf("| right |", StringComparison.Ordinal)..page.IndexOf("## The silos", StringComparison.Ordinal)];

        Assert.All(Right.Of(Roles[0]).Select(static right => right.Verb).Distinct(), verb => Assert.Contains($"`{verb}`", table));
    }

    [Fact]
    public async Task A_user_has_repositories_and_looks_at_providers()
    {
        var (user, admin) = (Right.Of(Roles[2]), Right.Of(Roles[3]));

        Assert.Contains(new Right(ApiNames.Group, ECRRepository.Plural, "create"), user);
        Assert.DoesNotContain(user, static right => right.Resource is not ECRRepository.Plural && right.Verb is not ("get" or "list" or "watch"));
        Assert.DoesNotContain(user, static right => right.Resource == "secrets");
        Assert.Contains(new Right(ApiNames.Group, AWSProvider.Plural, "create"), admin);
        Assert.DoesNotContain(user.Concat(admin), static right => right.Resource.Contains('/', StringComparison.Ordinal) || right.Resource == "*" || right.Verb == "*");

        // The API server takes them as they are printed.
        using var server = new RawApiServer();
        foreach (var role in Roles.Skip(2))
        {
            var answer = await server.PostYamlAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles?dryRun=All&fieldValidation=Strict", role.ToJsonString());
            Assert.NotNull(answer.Success);
        }
    }

    private static IEnumerable<string> Texts(JsonObject role) => Right.Of(role).Select(static right => right.ToString()).Order(StringComparer.Ordinal);
}
