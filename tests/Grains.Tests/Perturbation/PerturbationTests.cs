namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>
/// Whatever happens to any one external call of a flow, once nothing happens any longer the world comes to what the objects ask for
/// and stays there; and on the way nothing is written, or deleted, that the objects did not ask for.
/// </summary>
[CollectionDefinition(nameof(PerturbationTests), DisableParallelization = true)]
[Collection(nameof(PerturbationTests))]
public sealed class PerturbationTests
{
    private const int MostShown = 50;

    // Each has servers and a silo of its own. With many more, two cores are too slow for the two seconds that a deletion's proof is good for.
    private static readonly SemaphoreSlim AtOnce = new(3);

    // Flows wait far more than they work, so the first test that runs starts all. Whoever chose some of them wants no other.
    private static readonly bool IsChoice = Environment.GetCommandLineArgs().Any(argument => argument == "--filter-method");

    private static readonly Flow[] Flows =
    [
        RepositoryFlows.Create, RepositoryFlows.Update, RepositoryFlows.Adopt, RepositoryFlows.Refuse, RepositoryFlows.Drift, RepositoryFlows.DeletedOutside,
        RepositoryFlows.Delete, RepositoryFlows.DeleteUnforced, RepositoryFlows.DeleteAdopted, RepositoryFlows.Retain, RepositoryFlows.Orphan, RepositoryFlows.Recreate,
        ProviderFlows.DefaultTags, ProviderFlows.KeyRotation, ProviderFlows.AnotherProvider, ProviderFlows.AnotherRegion, ProviderFlows.AnotherAccount, ProviderFlows.Spared,
        ProviderFlows.Farewell,
    ];

    private static readonly Lazy<IReadOnlyDictionary<string, Task<PerturbationResult>>> Runs = new(() => Flows.ToDictionary(flow => flow.Name, RunInTurnAsync));

    [Fact]
    public Task A_creation_comes_to_its_end_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Create);

    [Fact]
    public Task An_update_comes_to_its_end_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Update);

    [Fact]
    public Task An_adoption_comes_to_its_end_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Adopt);

    [Fact]
    public Task A_refusal_stays_one_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Refuse);

    [Fact]
    public Task Drift_is_corrected_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Drift);

    [Fact]
    public Task What_was_deleted_outside_is_made_again_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.DeletedOutside);

    [Fact]
    public Task A_deletion_comes_to_its_end_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Delete);

    [Fact]
    public Task A_deletion_waits_for_force_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.DeleteUnforced);

    [Fact]
    public Task Adopted_images_stay_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.DeleteAdopted);

    [Fact]
    public Task Retained_is_retained_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Retain);

    [Fact]
    public Task Orphaned_is_orphaned_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Orphan);

    [Fact]
    public Task What_was_retained_comes_back_whatever_happens_to_a_call() => RunAsync(RepositoryFlows.Recreate);

    [Fact]
    public Task Default_tags_arrive_whatever_happens_to_a_call() => RunAsync(ProviderFlows.DefaultTags);

    [Fact]
    public Task A_key_is_rotated_whatever_happens_to_a_call() => RunAsync(ProviderFlows.KeyRotation);

    [Fact]
    public Task A_repository_moves_to_another_provider_whatever_happens_to_a_call() => RunAsync(ProviderFlows.AnotherProvider);

    [Fact]
    public Task Nothing_is_made_in_another_region_whatever_happens_to_a_call() => RunAsync(ProviderFlows.AnotherRegion);

    [Fact]
    public Task Nothing_is_made_in_another_account_whatever_happens_to_a_call() => RunAsync(ProviderFlows.AnotherAccount);

    [Fact]
    public Task A_deletion_that_was_called_off_is_off_whatever_happens_to_a_call() => RunAsync(ProviderFlows.Spared);

    [Fact]
    public Task A_provider_goes_after_its_repository_whatever_happens_to_a_call() => RunAsync(ProviderFlows.Farewell);

    private static async Task RunAsync(Flow flow)
    {
        var (cases, problems) = await (IsChoice ? RunInTurnAsync(flow) : Runs.Value[flow.Name]).WaitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cases} cases");
        Assert.True(problems.Count == 0, $"{problems.Count} problems\n{string.Join("\n", problems.Take(MostShown))}");
    }

    private static async Task<PerturbationResult> RunInTurnAsync(Flow flow)
    {
        await AtOnce.WaitAsync();
        try
        {
            await using var world = new World();
            return await new PerturbationRun(flow, world).RunAsync();
        }
        finally
        {
            AtOnce.Release();
        }
    }
}
