using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>Comparisons that come by themselves, and often.</summary>
public sealed class FailedLookTests() : ControlPlaneConformance(new OftenComparing())
{
    [Fact]
    public async Task A_comparison_whose_look_failed_says_so_and_leaves_the_second_look_to_the_next_one()
    {
        await CreateSyncedAsync("app");
        var looks = 0;
        var told = new TaskCompletionSource<(int Looks, string Status)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var telling = Environment.Kubernetes.Interfere(request =>
        {
            if (request.Namespace == Namespace && request.Name == "app" && request.Operation == "patch ecrrepositories/status")
            {
                told.TrySetResult((Volatile.Read(ref looks), request.Body));
            }

            return null;
        });

        // The repository's images are read with each look and by nothing else.
        using var failing = Environment.Aws.Interfere(request =>
        {
            if (request.Name != RepositoryOf("app") || request.Operation != "DescribeImages")
            {
                return null;
            }

            if (Interlocked.Increment(ref looks) == 1)
            {
                return Interference.AwsError("RepositoryNotFoundException");
            }

            again.TrySetResult();
            return null;
        });

        var (before, status) = await told.Task.WaitAsync(KubernetesObjects.Deadline, Cancel);

        Assert.Equal(1, before);
        Assert.Contains(Reasons.AWSUnavailable, status);
        await again.Task.WaitAsync(KubernetesObjects.Deadline, Cancel);
        await UntilSyncedAsync("app");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private sealed class OftenComparing : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:ComparePeriod"] = "00:00:01", ["Operator:DeepCallsPerSecond"] = "1000" };
    }
}
