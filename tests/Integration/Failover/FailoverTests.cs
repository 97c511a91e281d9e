namespace InfraOperator.Integration.Failover;

/// <summary>
/// Two thousand objects are edited all the time while silos are lost in every way there is. Afterwards AWS has what was written last;
/// nothing was deleted, and nothing is left to write. How long it takes is measured by the benchmarks.
/// </summary>
public sealed class FailoverTests(Fleet fleet) : IClassFixture<Fleet>, IAsyncLifetime
{
    private static readonly string[] Trouble = ["does not hold", "Could not reconcile", "Could not announce"];

    public async ValueTask InitializeAsync() => await fleet.CompleteAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_is_killed(bool watches)
    {
        var victim = fleet.Choose(watches);
        await WhileEditingAsync(async () =>
        {
            await victim.Run.KillAsync();
            fleet.Forget(victim);
            await EditManyAsync();
        });

        await fleet.AssertConvergedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_is_held_and_comes_back_when_others_serve_its_objects(bool watches)
    {
        var victim = fleet.Choose(watches);

        // What is on its way to the network when a process is held cannot be called back, so nothing is.
        await fleet.UntilSyncedAsync();
        await victim.Run.HoldAsync();
        fleet.Forget(victim);
        await WhileEditingAsync(EditManyAsync);
        await fleet.AssertConvergedAsync();

        var writes = victim.Writes;
        await victim.Run.ReleaseAsync();
        await victim.Run.ExitAsync();

        Assert.NotEqual(0, victim.Run.ExitCode);
        Assert.Equal(writes, victim.Writes);
        await fleet.AssertConvergedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_is_stopped_and_no_work_fails(bool watches)
    {
        var victim = fleet.Choose(watches);
        var before = TroubleSoFar();
        await WhileEditingAsync(async () =>
        {
            fleet.Forget(victim);
            await victim.Run.StopAsync();
            await EditManyAsync();
        });

        await fleet.AssertConvergedAsync();
        Assert.Equal(0, victim.Run.ExitCode);
        AssertNoTroubleSince(before, victim);
    }

    [Fact]
    public async Task Every_silo_is_replaced_one_after_the_other()
    {
        var before = TroubleSoFar();
        await WhileEditingAsync(async () =>
        {
            foreach (var old in fleet.Members.ToArray())
            {
                await fleet.AddAsync();
                fleet.Forget(old);
                await old.Run.StopAsync();
                Assert.Equal(0, old.Run.ExitCode);
                AssertNoTroubleSince(before, old);
            }
        });

        await fleet.AssertConvergedAsync();
        AssertNoTroubleSince(before);
    }

    [Fact]
    public async Task The_API_server_is_restarted()
    {
        await WhileEditingAsync(async () =>
        {
            await ApiServerRestart.RunAsync();
            await EditManyAsync();
        });

        await fleet.AssertConvergedAsync();
        Assert.All(fleet.Members, member => Assert.False(member.Run.HasExited));
    }

    private async Task WhileEditingAsync(Func<Task> happens)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var editing = fleet.EditAsync(stop.Token);
        try
        {
            await happens();
        }
        finally
        {
            await stop.CancelAsync();
            await editing;
        }
    }

    // Among so many are some of every silo's.
    private async Task EditManyAsync()
    {
        for (var number = 0; number < Fleet.Objects; number += 20)
        {
            await fleet.EditAsync(number);
        }
    }

    private Dictionary<FleetMember, int> TroubleSoFar() => fleet.Members.ToDictionary(member => member, member => TroubleOf(member).Count());

    private void AssertNoTroubleSince(Dictionary<FleetMember, int> before, params FleetMember[] gone) =>
        Assert.All(fleet.Members.Concat(gone), member => Assert.Equal("", string.Join('\n', TroubleOf(member).Skip(before.GetValueOrDefault(member)).Take(10))));

    private static IEnumerable<string> TroubleOf(FleetMember member) => member.Run.Output.Where(line => Trouble.Any(words => line.Contains(words, StringComparison.Ordinal)));
}
