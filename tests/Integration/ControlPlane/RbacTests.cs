using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Integration.Chart;

namespace InfraOperator.Integration.ControlPlane;

/// <summary>
/// When all other tests have ended: what the control plane asked of Kubernetes in them is compared with the rights that the chart
/// gives it. What the silos ask for themselves, <see cref="WatchedNamespaceTests"/> see.
/// </summary>
[Collection(nameof(CallsTests))]
public sealed class RbacTests(RealControlPlane environment) : EndOfSuite(environment)
{
    [Fact]
    public async Task Every_request_that_was_made_is_allowed_by_the_chart() =>
        Assert.Empty((await CalledAsync()).Except(await GrantedAsync()));

    [Fact]
    public async Task Every_right_that_the_chart_gives_was_used()
    {
        if (IsWholeSuite())
        {
            Assert.Empty((await GrantedAsync()).Except(await CalledAsync()));
        }
    }

    private static async Task<IEnumerable<Right>> GrantedAsync()
    {
        var rights = Right.Of((await Release.RenderAsync()).Only("ClusterRole"));
        Assert.DoesNotContain(rights, right => right.ResourceName.Length > 0);
        return rights;
    }

    private async Task<IEnumerable<Right>> CalledAsync()
    {
        await Environment.EnsureStartedAsync();
        return Environment.Kubernetes.Log
            .Where(request => request.Operation != RecordedRequest.ReadOfDocument)
            .Select(Right.Of)
            .Distinct();
    }
}
