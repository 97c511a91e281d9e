using Xunit.Sdk;
using Xunit.v3;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>
/// When all other tests of the environment have ended: what the control plane asked of AWS in them is compared with the policies that
/// are printed for it. The subclass has a collection of its own that runs last, which <see cref="CallsLast"/> sees to.
/// </summary>
public abstract class CallsConformance(ControlPlaneEnvironment environment) : EndOfSuite(environment)
{
    private static readonly HashSet<string> Printed = [.. PrintedPolicies.Full.AllowedActions, .. PrintedPolicies.AnotherRole.AllowedActions, .. PrintedPolicies.AnotherRoleWithTags.AllowedActions];

    [Fact]
    public async Task Every_call_that_was_made_is_allowed_by_the_printed_policy() =>
        Assert.Empty((await CalledAsync()).Except(Printed));

    [Fact]
    public async Task Every_action_that_the_printed_policy_allows_was_called()
    {
        if (IsWholeSuite())
        {
            Assert.Empty(Printed.Except(await CalledAsync()));
        }
    }

    private async Task<IEnumerable<string>> CalledAsync()
    {
        await Environment.EnsureStartedAsync();
        return Environment.Aws.Log.SelectMany(request => request.Actions).Distinct();
    }
}

/// <summary>Has the collection named <c>CallsTests</c> run after all others, as long as it does not run beside them.</summary>
public sealed class CallsLast : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => collection.TestCollectionDisplayName == "CallsTests")];
}
