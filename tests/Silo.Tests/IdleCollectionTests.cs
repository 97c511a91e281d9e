using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Silo.Tests;

public sealed class IdleCollectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly Memory _memory = new();
    private readonly IdleCollection _collection;

    public IdleCollectionTests() => _collection = new(_time, _memory);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _collection.StartAsync(Cancel);
        await _memory.AskedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _collection.StopAsync(CancellationToken.None);
        _collection.Dispose();
    }

    [Fact]
    public async Task What_a_burst_took_is_given_back_when_the_silo_is_idle()
    {
        await PassAsync(worked: TimeSpan.FromSeconds(30), committed: 300);
        Assert.Equal(0, _memory.Collections);

        await PassAsync(worked: TimeSpan.FromSeconds(3), committed: 300);
        Assert.Equal(1, _memory.Collections);

        await PassAsync(worked: TimeSpan.FromSeconds(30), committed: 300);
        Assert.Equal(1, _memory.Collections);

        await PassAsync(worked: TimeSpan.FromSeconds(3), committed: 300);
        Assert.Equal(2, _memory.Collections);
    }

    [Fact]
    public async Task What_idling_takes_is_left()
    {
        await PassAsync(worked: TimeSpan.FromSeconds(3), committed: 300);
        await PassAsync(worked: TimeSpan.FromSeconds(3), committed: Memory.InUse + 20);

        Assert.Equal(1, _memory.Collections);
    }

    /// <summary>A period passes in which the process worked so long, and another, busy one, by whose look what came of the first has come.</summary>
    private async Task PassAsync(TimeSpan worked, long committed)
    {
        _memory.CommittedBytes = committed;
        foreach (var time in (TimeSpan[])[worked, Period])
        {
            _memory.Work(time);
            _time.Advance(Period);
            await _memory.AskedAsync();
        }
    }

    private sealed class Memory : IProcessMemory
    {
        public const long InUse = 100;

        private readonly Channel<bool> _asked = Channel.CreateUnbounded<bool>();
        private TimeSpan _worked;

        public TimeSpan ProcessorTime
        {
            get
            {
                var worked = _worked;
                _asked.Writer.TryWrite(true);
                return worked;
            }
        }

        public long CommittedBytes { get; set; }

        public int Collections { get; private set; }

        public void Collect() => (CommittedBytes, Collections) = (InUse, Collections + 1);

        public void Work(TimeSpan time) => _worked += time;

        public async Task AskedAsync() => await _asked.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Hang, Cancel);
    }
}
