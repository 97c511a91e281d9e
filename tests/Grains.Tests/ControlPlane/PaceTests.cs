using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Grains.Tests.ControlPlane;

/// <summary>An account that is taken to stand few calls a second, and more objects than can have their turns soon.</summary>
public sealed class PaceTests() : ControlPlaneConformance(new SlowAccount())
{
    private const int Rate = 10;
    private const int Many = 60;

    [Fact]
    public async Task What_has_to_wait_is_handed_back_writes_no_status_and_comes_to_its_end_at_the_pace()
    {
        var names = Enumerable.Range(0, Many).Select(number => $"app-{number}").ToArray();
        await CreateSyncedAsync("before");
        var began = DateTimeOffset.UtcNow;
        await Task.WhenAll(names.Select(name => CreateRepositoryAsync(name)));
        await Task.WhenAll(names.Select(UntilSyncedAsync));

        // A few go at once after a rest.
        Assert.InRange((DateTimeOffset.UtcNow - began).TotalSeconds, (Many - 8) / (double)Rate, 60);
        Assert.Contains(Environment.Log.Lines, line => line.Contains(": Paced in ", StringComparison.Ordinal));
        Assert.All(names, name => Assert.Equal(["CreateRepository"], AwsCalls(name)));
        Assert.All(names, name => Assert.Equal(["patch ecrrepositories", "create events", "patch ecrrepositories/status"], KubernetesWrites(name).Select(write => write.Operation)));
    }

    [Fact]
    public async Task Deletions_keep_to_the_pace_and_each_has_its_proof()
    {
        var names = Enumerable.Range(0, 30).Select(number => $"app-{number}").ToArray();
        await Task.WhenAll(names.Select(name => CreateSyncedAsync(name)));
        await Task.WhenAll(names.Select(name => DeleteAsync(name)));
        await Task.WhenAll(names.Select(name => UntilGoneAsync(name)));
        Assert.All(names, name => Assert.Single(AwsCalls(name), "DeleteRepository"));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private sealed class SlowAccount : SandboxControlPlane
    {
        protected override Dictionary<string, string?> Settings => new(base.Settings)
        {
            ["Operator:PaceInitialRate"] = $"{Rate}",
            ["Operator:PaceMinRate"] = $"{Rate}",
            ["Operator:PaceMaxRate"] = $"{Rate}",
            ["Operator:MaxPaceWait"] = "00:00:01",
        };
    }
}
