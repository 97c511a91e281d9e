using System.Collections.Concurrent;
using InfraOperator.Grains.Pace;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Tests.Pace;

public sealed class CallSlotsTests
{
    private readonly BlockingCollection<string> _called = [];
    private readonly CallSlots _slots = new(Options.Create<OperatorOptions>(new() { MaxCallsPerSilo = 20, MaxCallsPerProvider = 15 }));

    [Fact]
    public void A_provider_has_no_more_than_it_may_and_is_not_called_for_them()
    {
        var share = Join("a", "slow");
        Take(share, 15);
        Assert.False(share.TryTake());
        Assert.False(share.HasRoom);

        share.Release();
        Assert.True(share.HasRoom);
        Take(share, 1);
        Assert.Empty(_called);
    }

    [Fact]
    public void What_is_free_goes_to_who_has_least_namespaces_first()
    {
        var (many, few) = (Join("a", "many"), Join("a", "few"));
        var other = Join("b", "other");
        Take(many, 11);
        Take(few, 4);
        Take(other, 5);
        Assert.All([many, few, other], share => Assert.False(share.TryTake()));
        Assert.All([many, few, other], share => Assert.False(share.HasRoom));

        for (var number = 0; number < 5; number++)
        {
            many.Release();

            // Whoever has just made room is not next either.
            Assert.False(many.TryTake());
            Assert.Equal("other", Called());
        }

        many.Release();
        Assert.Equal("few", Called());
        Assert.Equal((5, 5, 10), (many.UnderWay, few.UnderWay, other.UnderWay));
    }

    [Fact]
    public void A_few_each_may_have_whatever_others_have()
    {
        Take(Join("a", "slow"), 15);
        Take(Join("b", "slow too"), 5);
        for (var number = 0; number < 10; number++)
        {
            var other = Join("c", $"provider-{number}");
            Take(other, 4);
            Assert.False(other.TryTake());
        }

        Assert.Empty(_called);
    }

    [Fact]
    public void Who_leaves_makes_room_and_is_called_no_more()
    {
        var (gone, slow, waits) = (Join("a", "gone"), Join("b", "slow"), Join("c", "waits"));
        Take(gone, 15);
        Take(slow, 5);
        Take(waits, 4);
        Assert.False(gone.TryTake());
        Assert.False(waits.TryTake());

        gone.Leave();
        Assert.Equal("waits", Called());
        Assert.Equal(15, waits.UnderWay);
        Assert.False(gone.TryTake());

        // Its last calls end after it, and make no more room.
        gone.Release();
        Assert.False(slow.TryTake());
    }

    [Fact]
    public void Whoever_does_not_want_it_any_more_passes_it_on()
    {
        var (slow, second) = (Join("a", "slow"), Join("c", "second"));
        var first = _slots.Join(new("cluster", "b", "first"), () => _called.Add("first"));
        Take(slow, 9);
        Take(first, 5);
        Take(second, 6);
        Assert.False(first.TryTake());
        Assert.False(second.TryTake());
        slow.Release();
        Assert.Equal("first", Called());
        Assert.Equal("second", Called());
    }

    [Fact]
    public async Task Nobody_is_forgotten()
    {
        var slots = new CallSlots(Options.Create<OperatorOptions>(new() { MaxCallsPerSilo = 3, MaxCallsPerProvider = 50 }));
        var most = 0;
        var underWay = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            using var mayGo = new SemaphoreSlim(0);
            var share = slots.Join(new("cluster", $"team-{number % 3}", $"aws-{number}"), () => mayGo.Release());
            var own = new ConcurrentBag<Task>();
            for (var call = 0; call < 2000; call++)
            {
                while (!share.TryTake())
                {
                    Assert.True(await mayGo.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "It was never called.");
                }

                InterlockedMax(ref most, Interlocked.Increment(ref underWay));
                own.Add(Task.Run(
                    () =>
                    {
                        Interlocked.Decrement(ref underWay);
                        share.Release();
                    },
                    TestContext.Current.CancellationToken));
            }

            await Task.WhenAll(own);
        })));
        Assert.InRange(most, 3, 3 + (8 * 4));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var before = Volatile.Read(ref most); value > before;)
        {
            var seen = Interlocked.CompareExchange(ref most, value, before);
            before = seen == before ? value : seen;
        }
    }

    private static void Take(CallSlots.Share share, int count)
    {
        for (var number = 0; number < count; number++)
        {
            Assert.True(share.TryTake());
        }
    }

    // A provider that has more calls waiting than it gets slots.
    private CallSlots.Share Join(string ns, string provider)
    {
        CallSlots.Share? share = null;
        return share = _slots.Join(new("cluster", ns, provider), () =>
        {
            while (share!.TryTake())
            {
            }

            _called.Add(provider);
        });
    }

    private string Called() => _called.TryTake(out var name, TimeSpan.FromSeconds(30)) ? name : throw new TimeoutException("Nobody was called.");
}
