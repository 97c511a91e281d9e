using System.Text.Json.Nodes;

namespace InfraOperator.Grains.Tests.Perturbation;

/// <summary>
/// One flow, once undisturbed to count its calls, then once for each fault and each call that the fault can meet, all at the same
/// time, each with an object of its own. Then the process is replaced, and all must have come to the same end.
/// </summary>
internal sealed class PerturbationRun(Flow flow, World world)
{
    /// <summary>Chooses one case, as its failure names it: <c>crash-before-3</c>.</summary>
    private const string OnlyVariable = "PERTURBATION";

    // The last of them comes through while others have missed something.
    private const int PlainRuns = 4;
    private const int LinesShown = 12;

    // Each that waits in vain waits for minutes.
    private const int Enough = 10;

    // A deletion's proof is good for two seconds: more at once would make a slow machine too slow for it.
    private readonly SemaphoreSlim _atOnce = new(12);

    private const string Bystander = "bystanders/app";

    private int _failed;

    /// <summary>Runs everything.</summary>
    public async Task<PerturbationResult> RunAsync()
    {
        await world.StartAsync();
        await world.Ecr.DoAsync("CreateRepository", new() { ["repositoryName"] = Bystander });
        var bystander = await world.Ecr.DescribeAsync(Bystander, "");

        var plain = Enumerable.Range(0, PlainRuns).Select(number => world.Add(flow.Name, Fault.None, number)).ToArray();
        await Task.WhenAll(plain.SkipLast(1).Select(GoAsync));
        if (_failed > 0)
        {
            return new(0, ProblemsOf(plain));
        }

        var disturbed = Disturbed(plain).ToArray();
        await Task.WhenAll(disturbed.Where(subject => subject.Fault != Fault.Missed).Select(GoInTurnAsync));
        if (_failed >= Enough)
        {
            return new(disturbed.Length, [.. ProblemsOf(disturbed), "the rest was not tried"]);
        }

        // What was missed is told again when another has come through meanwhile: so much time has who acts on what is old.
        var missing = disturbed.Where(subject => subject.Fault == Fault.Missed).Select(subject => (Subject: subject, Going: GoAsync(subject))).ToArray();
        await Task.WhenAll(missing.Select(missed => Task.WhenAny(missed.Subject.Disturbance.Met, missed.Going)));
        await GoAsync(plain[^1]);
        world.Relist();
        await Task.WhenAll(missing.Select(missed => missed.Going));

        // A process that ends cannot reach its own grains any longer, and says so.
        var errors = Defects().Count();
        await world.StopSiloAsync();
        var farewells = Defects().Count() - errors;

        Subject[] all = [.. plain, .. disturbed];
        foreach (var subject in all)
        {
            subject.Disturbance.End();
        }

        await world.StartSiloAsync();
        await EachAsync(all, ResumeAsync);
        await EachAsync(all, DeliverAsync);
        await EachAsync(all, CompareAsync);
        await StayAsync(all);
        await EachAsync(all, StripAsync);

        return new(disturbed.Length,
        [
            .. ProblemsOf(all),
            .. Unreached(disturbed),
            .. world.Audit.Log.Where(write => write.Subject is null).Select(write => $"reached AWS for nobody: {write.Operation}"),
            .. await world.Ecr.DescribeAsync(Bystander, "") is var now && now != bystander ? [$"a bystander is now {now}"] : Array.Empty<string>(),
            .. Defects().Take(errors).Concat(Defects().Skip(errors + farewells)).Select(line => $"logged: {line}"),
        ]);
    }

    /// <summary>A case for each fault and call.</summary>
    private IEnumerable<Subject> Disturbed(Subject[] plain)
    {
        var only = Environment.GetEnvironmentVariable(OnlyVariable);
        return from fault in Enum.GetValues<Fault>()
               where fault != Fault.None
               from number in Enumerable.Range(0, plain.Max(subject => subject.Disturbance.Seen(fault.Point()).Count))
               where only is null || only == $"{fault.Name()}-{number}"
               select world.Add(flow.Name, fault, number);
    }

    private IEnumerable<string> Defects() => world.Log.Errors.Where(line => line.Contains(" Error InfraOperator.", StringComparison.Ordinal));

    private string[] ProblemsOf(Subject[] subjects) => [.. subjects.SelectMany(subject => subject.Problems.Select(problem => $"{subject}: {problem}{Logged(subject)}"))];

    private string Logged(Subject subject) =>
        string.Concat(world.Log.Lines.Where(line => line.Contains($"/{subject.Name}", StringComparison.Ordinal)).TakeLast(LinesShown).Select(line => $"\n    {line.Split('\n')[0]}"));

    /// <summary>
    /// A case may come to its end before its call: not every run makes as many, and one that takes longer makes more. That many do
    /// so means that the faults no longer work.
    /// </summary>
    private static IEnumerable<string> Unreached(Subject[] disturbed) => disturbed
        .GroupBy(subject => subject.Fault)
        .Where(cases => cases.Count(subject => subject.Disturbance.Injected is null) * 4 > Math.Max(cases.Count(), 8))
        .Select(cases => $"no call met {string.Join(", ", cases.Where(subject => subject.Disturbance.Injected is null).Select(subject => subject.Name))}");

    /// <summary>Goes through the flow, to its end or to the crash.</summary>
    private Task GoAsync(Subject subject) => TryAsync(subject, async () =>
    {
        await flow.Prepare(subject);
        subject.Disturbance.Arm();
        await FinishAsync(subject);
    });

    private async Task GoInTurnAsync(Subject subject)
    {
        await _atOnce.WaitAsync();
        try
        {
            await (_failed < Enough ? GoAsync(subject) : Task.CompletedTask);
        }
        finally
        {
            _atOnce.Release();
        }
    }

    private async Task FinishAsync(Subject subject)
    {
        while (subject.Steps < flow.Steps.Count)
        {
            var step = flow.Steps[subject.Steps++];
            await step.Wish(subject);
            var comes = step.Comes(subject);
            if (await Task.WhenAny(comes, subject.Disturbance.Crashed) != comes)
            {
                return;
            }

            await comes;
        }
    }

    private async Task ResumeAsync(Subject subject)
    {
        if (flow.IsFoundByComparison)
        {
            await subject.ForceSyncAsync();
        }

        await flow.Steps[subject.Steps - 1].Comes(subject);
        while (subject.Steps < flow.Steps.Count)
        {
            var step = flow.Steps[subject.Steps++];
            await step.Wish(subject);
            await step.Comes(subject);
        }
    }

    private async Task DeliverAsync(Subject subject)
    {
        if (subject.Disturbance.Held is { } held && await world.DeliverAsync(held) && world.UidOf(subject.Name) is { } uid && uid != subject.HeldFor && held.Operation.Contains("ecrrepositories", StringComparison.Ordinal))
        {
            subject.Problems.Add($"a late {held.Operation} hit another object than it was meant for");
        }
    }

    private Task CompareAsync(Subject subject) => CompareAsync(subject, mayBeLate: subject.Fault == Fault.Late);

    private async Task CompareAsync(Subject subject, bool mayBeLate)
    {
        await flow.Settles(subject);
        var outcome = await subject.OutcomeAsync();
        var expected = subject.Fault != Fault.None && outcome == flow.OrElse ? outcome : flow.End;

        // A late status says what was true once, until the next comparison.
        if (mayBeLate ? outcome.Repository != expected.Repository : outcome != expected)
        {
            subject.Problems.Add($"came to {outcome}, not to {expected}");
        }
    }

    /// <summary>What has come to its end stays there: looking again writes nothing, and finds the same.</summary>
    private async Task StayAsync(Subject[] all)
    {
        var before = world.Audit.Log.Count;
        await EachAsync(all.Where(subject => world.Find(subject.Name) is not null), async subject =>
        {
            await subject.ForceSyncAsync();
            await subject.UntilComparedAsync();
            await CompareAsync(subject, mayBeLate: false);
        });

        foreach (var (subject, operation) in world.Audit.Log.Skip(before))
        {
            subject?.Problems.Add($"{operation} though it had come to its end");
        }
    }

    private async Task StripAsync(Subject subject)
    {
        if (flow.Stripped is { } stripped && await subject.OutcomeAsync() == flow.End)
        {
            await subject.PatchAsync(new JsonObject { ["imageTagMutability"] = null, ["scanOnPush"] = null, ["lifecyclePolicy"] = null, ["repositoryPolicyText"] = null, ["tags"] = null });
            await subject.UntilSyncedAsync();
            if (await subject.OutcomeAsync() is var outcome && outcome.Repository != stripped)
            {
                subject.Problems.Add($"with everything taken out of the spec it is {outcome.Repository}, not {stripped}");
            }
        }
    }

    private Task EachAsync(IEnumerable<Subject> subjects, Func<Subject, Task> act) =>
        Task.WhenAll(subjects.Where(subject => subject.Problems.Count == 0).Select(subject => TryAsync(subject, () => act(subject))));

    private async Task TryAsync(Subject subject, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or HttpRequestException)
        {
            Interlocked.Increment(ref _failed);
            subject.Problems.Add(exception.Message);
        }
    }
}

/// <summary>What came of a flow.</summary>
/// <param name="Cases">How many cases there were.</param>
/// <param name="Problems">What did not come out as it must, a line each.</param>
internal sealed record PerturbationResult(int Cases, IReadOnlyList<string> Problems);
