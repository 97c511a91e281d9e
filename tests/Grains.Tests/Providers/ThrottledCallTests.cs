using InfraOperator.Abstractions;
using InfraOperator.Aws;
using InfraOperator.Grains.Pace;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Tests.Pace;
using InfraOperator.Sandbox.Ecr;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Grains.Tests.Providers;

/// <summary>What becomes of a call that AWS throttles.</summary>
public sealed class ThrottledCallTests : IAsyncLifetime
{
    private readonly SettledTimeProvider _time = new();
    private readonly AwsClientFactory _aws = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly ProviderPace _pace = TestPace.Unlimited(new("cluster", "team", "aws"));
    private SandboxEcr _ecr = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _ecr = await SandboxEcr.StartAsync(new(), Cancel);

    public async ValueTask DisposeAsync()
    {
        _pace.Dispose();
        _aws.Dispose();
        await _ecr.DisposeAsync();
    }

    [Fact]
    public async Task It_is_made_four_times_in_all_and_waits_longer_before_each()
    {
        _ecr.Faults.Add("CreateRepository", EcrFault.Throttle);
        var creating = CreateAsync();
        for (var attempt = 1; attempt < EcrCalls.Attempts; attempt++)
        {
            // A quarter of a second more each time, give or take a tenth.
            await PassAsync(0.25 * attempt * 0.89);
            Assert.False(creating.IsCompleted);
            Assert.Equal(attempt, _ecr.Calls("CreateRepository"));
            await PassAsync(0.25 * attempt * 0.22);
        }

        Assert.Equal(FailureKind.Throttled, (await creating).Failure?.Kind);
        Assert.Equal(EcrCalls.Attempts, _ecr.Calls("CreateRepository"));

        // When it has begun to wait.
        Task PassAsync(double seconds) => _time.AdvanceAsync(TimeSpan.FromSeconds(seconds), timers: 1, () => creating.IsCompleted, Cancel);
    }

    [Fact]
    public async Task It_is_made_no_more_when_it_was_served()
    {
        _ecr.Faults.Add("CreateRepository", EcrFault.Throttle, times: 1);
        var creating = CreateAsync();
        await _time.AdvanceAsync(TimeSpan.FromSeconds(0.3), timers: 1, () => creating.IsCompleted, Cancel);
        Assert.NotNull((await creating).Repository);
        Assert.Equal(2, _ecr.Calls("CreateRepository"));
    }

    [Fact]
    public async Task A_full_quota_is_no_throttle()
    {
        _ecr.Faults.Add("CreateRepository", EcrFault.LimitExceeded);
        Assert.Equal(FailureKind.QuotaExceeded, (await CreateAsync()).Failure?.Kind);
        Assert.Equal(1, _ecr.Calls("CreateRepository"));
    }

    private Task<ActionOutcome> CreateAsync()
    {
        var clients = _aws.Create(new StaticIdentity("test", "test", null), new("us-east-1", _ecr.Url));
        var calls = new EcrCalls(clients, new(null, null), new("000000000000", "us-east-1"), _pace, 100, _time);
        return calls.ExecuteAsync(new CreateRepository { RepositoryName = "team/app" }, new("team", CallPriority.User), Cancel);
    }
}
