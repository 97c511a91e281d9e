using System.Collections.Immutable;
using System.Net;
using InfraOperator.Grains.Fencing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Fencing;

public sealed class WriteFenceTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Membership _membership = new();
    private readonly WriteFence _fence;

    public WriteFenceTests() => _fence = new(_membership, _membership, _time, NullLogger<WriteFence>.Instance);

    [Fact]
    public async Task A_silo_that_goes_on_writes()
    {
        await _fence.StartAsync(TestContext.Current.CancellationToken);
        GoOn(TimeSpan.FromMinutes(2));

        Assert.Null(_fence.Refusal);
    }

    [Fact]
    public async Task A_silo_that_stood_still_writes_again_only_when_it_has_read_that_it_is_alive()
    {
        await _fence.StartAsync(TestContext.Current.CancellationToken);
        _membership.Hold();

        // All timers fire at once afterwards, as they do in a process that was stopped.
        _time.Advance(WriteFence.LongestStandstill + TimeSpan.FromSeconds(1));

        Assert.Contains("stood still", _fence.Refusal);
        GoOn(TimeSpan.FromSeconds(3));
        Assert.Contains("stood still", _fence.Refusal);

        _membership.Release();
        await UntilOpenAsync();
    }

    [Fact]
    public async Task The_first_look_after_a_standstill_is_enough()
    {
        // No tick has come yet: the process has just been let go on, in the middle of something.
        _time.Advance(WriteFence.LongestStandstill + TimeSpan.FromMilliseconds(1));

        Assert.Contains("stood still", _fence.Refusal);
        await _fence.StartAsync(TestContext.Current.CancellationToken);
        await UntilOpenAsync();
    }

    [Fact]
    public async Task A_silo_that_cannot_read_the_membership_stops_writing_and_goes_on_when_it_can()
    {
        await _fence.StartAsync(TestContext.Current.CancellationToken);
        _membership.Failure = new HttpRequestException("no route");
        GoOn(WriteFence.LongestIgnorance + TimeSpan.FromSeconds(20));

        Assert.Contains("cannot read the membership", _fence.Refusal);

        _membership.Failure = null;
        await UntilOpenAsync();
    }

    [Fact]
    public async Task A_silo_that_was_declared_dead_writes_nothing()
    {
        await _fence.StartAsync(TestContext.Current.CancellationToken);
        _membership.Status = SiloStatus.Dead;

        Assert.Contains("declared dead", _fence.Refusal);
    }

    public async ValueTask DisposeAsync()
    {
        _membership.Release();
        await _fence.StopAsync(TestContext.Current.CancellationToken);
        _fence.Dispose();
    }

    // Time passes as it does for a process that runs: in steps shorter than a tick.
    private void GoOn(TimeSpan duration)
    {
        for (var passed = TimeSpan.Zero; passed < duration; passed += TimeSpan.FromMilliseconds(250))
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }
    }

    // What the membership answers comes back by another thread.
    private async Task UntilOpenAsync()
    {
        while (_fence.Refusal is not null)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            GoOn(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }
    }

    private sealed class Membership : IClusterMembershipService, ILocalSiloDetails
    {
        private TaskCompletionSource _gate = Opened();

        public SiloStatus Status { get; set; } = SiloStatus.Active;

        public Exception? Failure { get; set; }

        public SiloAddress SiloAddress { get; } = SiloAddress.New(IPAddress.Loopback, 11111, 1);

        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "host";

        public SiloAddress GatewayAddress => SiloAddress;

        public ClusterMembershipSnapshot CurrentSnapshot =>
            new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(SiloAddress, new(SiloAddress, Status, Name)), new(1));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate.TrySetResult();

        public async ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
        {
            await _gate.Task;
            if (Failure is { } failure)
            {
                throw failure;
            }
        }

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();

        private static TaskCompletionSource Opened()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
