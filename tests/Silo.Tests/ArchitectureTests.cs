using System.Reflection;

namespace InfraOperator.Silo.Tests;

/// <summary>Each room knows one thing, and dependencies point one way: Silo, Grains, then Abstractions, Aws and Kubernetes. The membership provider stands by itself.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Abstractions"] = [],
        ["Aws"] = [],
        ["Kubernetes"] = [],
        ["Clustering.Kubernetes"] = [],
        ["Grains"] = ["Abstractions", "Aws", "Kubernetes"],
        ["Silo"] = ["Abstractions", "Aws", "Kubernetes", "Clustering.Kubernetes", "Grains"],
    };

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_the_rooms_below_it(string room)
    {
        var references = Assembly.Load($"InfraOperator.{room}").GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("InfraOperator.", StringComparison.Ordinal))
            .Select(name => name["InfraOperator.".Length..]);

        Assert.Empty(references.Except(Allowed[room]));
    }

    [Theory]
    [InlineData("Aws", "k8s")]
    [InlineData("Aws", "Orleans")]
    [InlineData("Kubernetes", "Amazon")]
    [InlineData("Kubernetes", "Orleans")]
    [InlineData("Clustering.Kubernetes", "Amazon")]
    [InlineData("Abstractions", "k8s")]
    [InlineData("Abstractions", "Amazon")]
    public void A_room_does_not_mention_what_another_room_knows(string room, string foreignNamespace)
    {
        var result = NetArchTest.Rules.Types.InAssembly(Assembly.Load($"InfraOperator.{room}"))
            .ShouldNot().HaveDependencyOn(foreignNamespace).GetResult();

        Assert.True(result.IsSuccessful, $"{room} mentions {foreignNamespace}: {string.Join(", ", (result.FailingTypes ?? []).Select(type => type.FullName))}");
    }
}
