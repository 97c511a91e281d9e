using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using InfraOperator.Grains.Placement;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Cluster;

public sealed class SiloLossesTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly SiloAddress[] Silos = [.. Enumerable.Range(1, 3).Select(number => SiloAddress.New(IPAddress.Loopback, number, 1))];

    private readonly FakeTimeProvider _time = new();
    private readonly Views _views = new();
    private readonly SiloLosses _losses;

    public SiloLossesTests() => _losses = new(_views, _time);

    [Fact]
    public async Task What_began_before_a_loss_ends_soon_after_it_and_what_began_after_it_does_not()
    {
        await _losses.StartAsync(TestContext.Current.CancellationToken);
        var before = _losses.Next;
        await ShowAsync(SiloStatus.Active, SiloStatus.Active, SiloStatus.Active);
        await ShowAsync(SiloStatus.Active, SiloStatus.Dead, SiloStatus.Active);
        var after = _losses.Next;
        Assert.False(before.IsCancellationRequested, "An answer that is about to come has no time.");

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(before.IsCancellationRequested);

        // It stays dead, which is no news.
        await ShowAsync(SiloStatus.Active, SiloStatus.Dead, SiloStatus.Active);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(after.IsCancellationRequested);
    }

    [Fact]
    public async Task A_silo_that_leaves_in_order_is_no_loss()
    {
        await _losses.StartAsync(TestContext.Current.CancellationToken);
        var before = _losses.Next;
        await ShowAsync(SiloStatus.Active, SiloStatus.Active, SiloStatus.Joining);
        await ShowAsync(SiloStatus.Active, SiloStatus.ShuttingDown, SiloStatus.Active);
        await ShowAsync(SiloStatus.Active, SiloStatus.Dead, SiloStatus.Active);

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(before.IsCancellationRequested);
    }

    public async ValueTask DisposeAsync()
    {
        await _losses.StopAsync(CancellationToken.None);
        _losses.Dispose();
    }

    private async Task ShowAsync(params SiloStatus[] statuses)
    {
        var members = Silos.Zip(statuses, static (silo, status) => new ClusterMember(silo, status, "")).ToImmutableDictionary(member => member.SiloAddress);
        await _views.ShowAsync(new(members, new(_views.Shown + 1))).WaitAsync(Deadline, TestContext.Current.CancellationToken);
    }

    /// <summary>Shows one view after the other, each when the one before has been acted on.</summary>
    private sealed class Views : IClusterMembershipService
    {
        private readonly Channel<(ClusterMembershipSnapshot View, TaskCompletionSource Seen)> _views = Channel.CreateUnbounded<(ClusterMembershipSnapshot, TaskCompletionSource)>();

        public int Shown { get; private set; }

        public ClusterMembershipSnapshot CurrentSnapshot => throw new NotSupportedException();

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

        public Task ShowAsync(ClusterMembershipSnapshot view)
        {
            Shown++;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _views.Writer.TryWrite((view, seen));
            return seen.Task;
        }

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();

        private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var (view, seen) in _views.Reader.ReadAllAsync(cancellationToken))
            {
                yield return view;
                seen.SetResult();
            }
        }
    }
}
