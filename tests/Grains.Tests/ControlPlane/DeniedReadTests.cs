using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>A read that is denied, with a provider that looks again often and a silo that starts anew.</summary>
public sealed class DeniedReadTests() : ControlPlaneConformance(new OftenRefreshing())
{
    private static readonly IdentityPolicy AllButImages = IdentityPolicy.Parse("""
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"},{"Effect":"Deny","Action":"ecr:DescribeImages","Resource":"*"}]}
        """);

    [Fact]
    public async Task What_is_allowed_later_is_read_again_without_anybodys_asking()
    {
        using (Environment.Enforce(AccessKeyId, AllButImages))
        {
            await CreateDeniedAsync();
        }

        await UntilAsync("aws", value => value.Message() is null, AWSProvider.Kind);
        Assert.Equal(1, (long?)(await CompareAsync("app"))["status"]!["imageCount"]);
    }

    [Fact]
    public async Task A_restart_tells_nothing_anew()
    {
        using var enforced = Environment.Enforce(AccessKeyId, AllButImages);
        await CreateDeniedAsync();
        await UntilEventsAsync(1);
        await Environment.StopSiloAsync();
        var before = KubernetesWrites("aws").Count;
        var asked = Environment.Aws.UntilAsync(request => request.AccessKeyId == AccessKeyId && request.Operation == "DescribeImages", AwsCalls("app").Count(call => call == "DescribeImages") + 2);
        await Environment.StartSiloAsync();

        // Asked once for the repository, and once more by the provider itself.
        await CompareAsync("app");
        await asked.WaitAsync(KubernetesObjects.Deadline, Cancel);
        Assert.DoesNotContain(KubernetesWrites("aws").Skip(before), write => write.Operation == "create events" || write.Body.Contains("/status/message", StringComparison.Ordinal));
        Assert.NotNull((await UntilReasonAsync("aws", ConditionTypes.Ready, Reasons.Available, AWSProvider.Kind)).Message());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private async Task CreateDeniedAsync()
    {
        await CreateSyncedAsync("app");
        await PushAsync("app", "one");
        await CompareAsync("app");
        await UntilAsync("aws", value => value.Message() is not null, AWSProvider.Kind);
    }

    private Task UntilEventsAsync(int count) => Environment.Kubernetes
        .UntilAsync(request => request.Namespace == Namespace && request.Operation == "create events" && request.Body.Contains(Reasons.AccessDenied, StringComparison.Ordinal), count)
        .WaitAsync(KubernetesObjects.Deadline, Cancel);

    private sealed class OftenRefreshing : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings) { ["Operator:ProviderRefreshPeriod"] = "00:00:01" };
    }
}
