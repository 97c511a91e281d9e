using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Conformance.ControlPlane;

namespace InfraOperator.Integration.Processes;

/// <summary>
/// The proof before DeleteRepository, where the process that holds it stands still or dies before it makes use of it. Nobody can
/// tell a process that it was held: only a look at the clock, last of all, keeps it from acting on what was true once.
/// </summary>
public abstract class InterruptedDeletion(ControlPlaneEnvironment environment) : ControlPlaneConformance(environment)
{
    private const string Another = "suite/other/app";

    /// <summary>Longer than a proof is good for.</summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(2.5);

    private SiloRun? _started;

    /// <summary>What others do meanwhile, and what becomes of the repository.</summary>
    public enum Meanwhile
    {
        Nothing,
        PolicyBecomesRetain,
        ForceIsTakenBack,
        AnotherTakesTheRepository,
        AnotherMakesTheRepositoryAnew,
        SomebodyMakesTheRepositoryAnewWithoutATag,
    }

    private SiloRun Silo => _started ?? throw new InvalidOperationException("No silo runs.");

    public static TheoryData<Meanwhile> All => [.. Enum.GetValues<Meanwhile>()];

    public static TheoryData<Meanwhile> Takers => [Meanwhile.Nothing, Meanwhile.AnotherMakesTheRepositoryAnew, Meanwhile.SomebodyMakesTheRepositoryAnewWithoutATag];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _started = await StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_started is { } silo)
        {
            await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, $"silo-{Namespace}.log"), silo.Output);
            silo.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_silo_that_stands_still_with_a_proof_in_its_hands_does_not_act_on_it(Meanwhile meanwhile)
    {
        await CreateFullAsync();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (AtTheLastReadOfTheProof(async () =>
        {
            await Silo.HoldAsync();
            held.SetResult();
        }))
        {
            await DeleteAsync("app");
            await held.Task.WaitAsync(KubernetesObjects.Deadline, Cancel);
        }

        Assert.DoesNotContain("DeleteRepository", AwsCalls("app"));
        var looks = LooksAtTheRepository();
        await DoAsync(meanwhile);
        await Task.Delay(Held, Cancel); // For the silo this time does not pass: that is the danger.
        await Silo.ReleaseAsync();

        await AssertEndAsync(meanwhile);
        if (meanwhile == Meanwhile.Nothing)
        {
            Assert.True(LooksBeforeDeletion() > looks, "The repository was deleted on the old proof.");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_silo_that_dies_with_a_proof_in_its_hands_leaves_the_next_one_to_look_for_itself(Meanwhile meanwhile)
    {
        await CreateFullAsync();
        using (AtTheLastReadOfTheProof(Silo.KillAsync))
        {
            await DeleteAsync("app");
            await Silo.ExitAsync();
        }

        Assert.DoesNotContain("DeleteRepository", AwsCalls("app"));
        await DoAsync(meanwhile);
        await RestartAsync();

        await AssertEndAsync(meanwhile);
    }

    [Theory]
    [MemberData(nameof(Takers))]
    public async Task A_silo_that_dies_before_it_hears_of_the_deletion_has_nothing_deleted_twice(Meanwhile meanwhile)
    {
        await CreateSyncedAsync("app");
        using (InterfereWithAws("app", "DeleteRepository", new() { After = Silo.KillAsync, DropAfter = true }, times: 1))
        {
            await DeleteAsync("app");
            await Silo.ExitAsync();
        }

        Assert.Null(await FindInAwsAsync("app"));
        await AssertNoSecondDeletionAsync(meanwhile);
    }

    [Theory]
    [MemberData(nameof(Takers))]
    public async Task A_silo_that_dies_before_it_lets_the_object_go_has_nothing_deleted_twice(Meanwhile meanwhile)
    {
        await CreateSyncedAsync("app");
        using (InterfereWithKubernetes("app", "patch ecrrepositories", new() { Before = Silo.KillAsync, DropBefore = true }, times: 1))
        {
            await DeleteAsync("app");
            await Silo.ExitAsync();
        }

        Assert.Null(await FindInAwsAsync("app"));
        await AssertNoSecondDeletionAsync(meanwhile);
    }

    private async Task AssertNoSecondDeletionAsync(Meanwhile meanwhile)
    {
        if (meanwhile != Meanwhile.Nothing)
        {
            await MakeAnewAsync(meanwhile);
        }

        var deletions = AwsCalls("app").Count(operation => operation == "DeleteRepository");
        await RestartAsync();
        await UntilGoneAsync("app");
        if (meanwhile == Meanwhile.Nothing)
        {
            Assert.Null(await FindInAwsAsync("app"));
            return;
        }

        Assert.Equal(deletions, AwsCalls("app").Count(operation => operation == "DeleteRepository"));
        Assert.Equal(1, await ImagesInAwsAsync("app"));
    }

    private async Task CreateFullAsync()
    {
        await CreateSyncedAsync("app");
        await PushAsync("app", "one");
    }

    private async Task DoAsync(Meanwhile meanwhile)
    {
        switch (meanwhile)
        {
            case Meanwhile.PolicyBecomesRetain:
                await PatchSpecAsync("app", new() { ["deletionPolicy"] = "Retain" });
                break;
            case Meanwhile.ForceIsTakenBack:
                await PatchSpecAsync("app", new() { ["forceDelete"] = false });
                break;
            case Meanwhile.AnotherTakesTheRepository:
                await TagInAwsAsync("app", ApiNames.OwnerTag, Another);
                break;
            case Meanwhile.AnotherMakesTheRepositoryAnew or Meanwhile.SomebodyMakesTheRepositoryAnewWithoutATag:
                await DeleteInAwsAsync("app");
                await MakeAnewAsync(meanwhile);
                break;
        }
    }

    private async Task MakeAnewAsync(Meanwhile meanwhile)
    {
        await CreateInAwsAsync("app", meanwhile == Meanwhile.AnotherMakesTheRepositoryAnew ? [(ApiNames.OwnerTag, Another)] : [("a", "1")]);
        await PushAsync("app", "theirs");
    }

    private async Task AssertEndAsync(Meanwhile meanwhile)
    {
        if (meanwhile == Meanwhile.ForceIsTakenBack)
        {
            await UntilReasonAsync("app", ConditionTypes.Synced, Reasons.RepositoryNotEmpty);
            Assert.DoesNotContain(Deletions(), request => (bool?)JsonNode.Parse(request.Body)!["force"] == true);
        }
        else
        {
            await UntilGoneAsync("app");
        }

        if (meanwhile == Meanwhile.Nothing)
        {
            Assert.Null(await FindInAwsAsync("app"));
            return;
        }

        Assert.Equal(1, await ImagesInAwsAsync("app"));
        if (meanwhile != Meanwhile.ForceIsTakenBack)
        {
            Assert.Empty(Deletions());
        }

        var tag = (await TagsInAwsAsync("app")).GetValueOrDefault(ApiNames.OwnerTag);
        Assert.Equal(
            meanwhile switch
            {
                Meanwhile.PolicyBecomesRetain => $"released/{OwnerOf("app")}",
                Meanwhile.ForceIsTakenBack => OwnerOf("app"),
                Meanwhile.SomebodyMakesTheRepositoryAnewWithoutATag => null,
                _ => Another,
            },
            tag);
    }

    private IEnumerable<RecordedRequest> Deletions() => Environment.Aws.Log.Where(request => request.Name == RepositoryOf("app") && request.Operation == "DeleteRepository");

    private int LooksAtTheRepository() => AwsCalls("app").Count(operation => operation == "ListTagsForResource");

    private int LooksBeforeDeletion() => AwsCalls("app").TakeWhile(operation => operation != "DeleteRepository").Count(operation => operation == "ListTagsForResource");

    /// <summary>Runs something when AWS has answered the last question of the first proof, before the silo gets the answer.</summary>
    private IDisposable AtTheLastReadOfTheProof(Func<Task> act)
    {
        var (proving, done) = (0, 0);
        var proof = Environment.Kubernetes.Interfere(request =>
        {
            if (request.Namespace == Namespace && request is { Name: "app", Operation: "get ecrrepositories" })
            {
                Volatile.Write(ref proving, 1);
            }

            return null;
        });
        var last = Environment.Aws.Interfere(request =>
            Volatile.Read(ref proving) == 1 && request.Name == RepositoryOf("app") && request.Operation == "ListTagsForResource" && Interlocked.Exchange(ref done, 1) == 0
                ? new() { After = act }
                : null);
        return new Both(proof, last);
    }

    private Task<SiloRun> StartAsync() => ((ISiloBetweenServers)Environment).StartProcessAsync();

    private async Task RestartAsync()
    {
        Silo.Dispose();
        _started = null;
        _started = await StartAsync();
    }

    private sealed class Both(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
