using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// When all other tests of the environment have ended: what the control plane asked of AWS in them is compared with the policies that
/// are printed for it. The subclass has a collection of its own that runs last, which <see cref="CallsLast"/> sees to.
/// </summary>
public abstract class CallsConformance(ControlPlaneEnvironment environment)
{
    private static readonly HashSet<string> Printed = [.. PrintedPolicies.Full.AllowedActions, .. PrintedPolicies.AnotherRole.AllowedActions];

    [Fact]
    public async Task Every_call_that_was_made_is_allowed_by_the_printed_policy() =>
        Assert.Empty((await CalledAsync()).Except(Printed));

    [Fact]
    public async Task Every_action_that_the_printed_policy_allows_was_called()
    {
        // Of a part of the suite nothing can be said about what is not called.
        if (IsWholeSuite())
        {
            Assert.Empty(Printed.Except(await CalledAsync()));
        }
    }

    private async Task<IEnumerable<string>> CalledAsync()
    {
        await environment.EnsureStartedAsync();
        return environment.Aws.Log.SelectMany(request => request.Actions).Distinct();
    }

    private bool IsWholeSuite() => GetType().Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(ControlPlaneConformance)) && type.GetConstructors().Any(TakesTheEnvironment))
        .SelectMany(type => type.GetMethods().Where(IsTest).Select(method => (type.FullName!, method.Name)))
        .All(environment.Began.ContainsKey);

    private bool TakesTheEnvironment(ConstructorInfo constructor) => constructor.GetParameters().Any(parameter => parameter.ParameterType == environment.GetType());

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(attribute => attribute is IFactAttribute);
}

/// <summary>Has the collection named <c>CallsTests</c> run after all others, as long as it does not run beside them.</summary>
public sealed class CallsLast : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => collection.TestCollectionDisplayName == "CallsTests")];
}
