using System.Collections.Concurrent;
using System.Diagnostics;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>
/// What the main path costs with one silo: calls per create, update and deletion, the time from apply to AWS and
/// to Ready, the memory of the silo.
/// </summary>
internal sealed class MainPath(Workbench bench, Report report, int objects)
{
    private const int Sample = 10;
    private const int ApplyConcurrency = 32;

    // Long enough that no comparison falls into a step that does not measure it.
    private static readonly TimeSpan Never = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, long> _applied = new();

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var bench = await Workbench.StartAsync(null, cancellationToken);
        var report = new Report("main-path", await Machine.DescribeAsync(bench.Cluster, cancellationToken));
        var benchmark = new MainPath(bench, report, arguments.Objects);
        await using (var silo = await bench.StartSiloAsync(Never, cancellationToken))
        {
            await bench.UntilQuietAsync(cancellationToken);
            report.AddFigure("resident memory, idle", silo.ResidentMemory);
            await benchmark.CreateAsync(silo, cancellationToken);
            await benchmark.UpdateAsync(cancellationToken);
        }

        await using (var silo = await bench.StartSiloAsync(Never, cancellationToken))
        {
            await benchmark.DeleteAsync(cancellationToken);
        }

        return report;
    }

    private string[] Names(string group, int count) => [.. Enumerable.Range(0, count).Select(i => $"{bench.Namespace}-{group}-{i:00000}")];

    private async Task CreateAsync(SiloProcess silo, CancellationToken cancellationToken)
    {
        var budget = new Budget(ObjectWrites: 2, Events: 1, AwsCalls: 1);
        var first = Names("first", 1);
        var step = await CreateAsync("create the first object after the start", first, 1, budget, _ => Repositories.Make(first[0]), cancellationToken);
        AddTimes(", first object after the start", step);

        var sequential = Names("one", objects);
        step = await CreateAsync("create, one at a time", sequential, 1, budget, name => Repositories.Make(name), cancellationToken);
        AddTimes(", one at a time", step);
        AddMoments("… one at a time", step);

        var burst = Names("burst", objects);
        string[] policies = ["Delete", "Retain", "Orphan"];
        var start = Stopwatch.GetTimestamp();
        step = await CreateAsync("create, in a burst", burst, ApplyConcurrency, budget, name => Repositories.Make(name, 0, policies[Array.IndexOf(burst, name) % 3]), cancellationToken);
        AddTimes($", burst of {objects}", step);
        AddMoments("… in the burst", step);
        var seconds = Milliseconds(start, burst.Max(ReadyAt)) / 1000;
        report.AddFigure($"burst of {objects}, {ApplyConcurrency} applied at a time: first apply to last Ready", $"{seconds:0.00} s, {objects / seconds:0} objects/s");

        await CreateAsync("create with one policy", Names("policy", Sample), 1, budget with { AwsCalls = 2 }, name => Repositories.Make(name, policies: 1), cancellationToken);
        await CreateAsync("create with two policies", Names("policies", Sample), 1, budget with { AwsCalls = 3 }, name => Repositories.Make(name, policies: 2), cancellationToken);
        report.AddFigure($"resident memory, {(2 * objects) + (2 * Sample) + 1} repositories just created", silo.ResidentMemory);
    }

    private async Task<Step> CreateAsync(string title, string[] names, int concurrency, Budget budget, Func<string, string> make, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken }, async (name, token) =>
        {
            await bench.Cluster.CreateAsync(bench.Repositories, make(name), token);
            _applied[name] = Stopwatch.GetTimestamp();
            if (concurrency == 1)
            {
                await bench.Objects.UntilAsync([name], state => state.IsReady, "Ready", token);
            }
        });
        await bench.Objects.UntilAsync(names, state => state.IsReady, "Ready", cancellationToken);
        return await FinishAsync(start, title, names, budget, cancellationToken);
    }

    private async Task UpdateAsync(CancellationToken cancellationToken)
    {
        var names = Names("policies", Sample);
        await PatchAsync("update one field", """{"spec":{"scanOnPush":false}}""");
        await PatchAsync("update tags: one added, one changed, one removed", """{"spec":{"tags":{"added":"yes","environment":"prod","team":null}}}""");

        async Task PatchAsync(string title, string patch)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var name in names)
            {
                var patched = await bench.Cluster.PatchAsync($"{bench.Repositories}/{name}", "merge-patch+json", patch, cancellationToken);
                var generation = (long)patched["metadata"]!["generation"]!;
                await bench.Objects.UntilAsync([name], state => state.AppliedGeneration == generation, "updated", cancellationToken);
            }

            await FinishAsync(start, title, names, new(), cancellationToken);
        }
    }

    /// <summary>A new silo compares every repository within its first period; each one's calls count until its first comparison is logged.</summary>
    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        var burst = Names("burst", objects);
        var start = Stopwatch.GetTimestamp();
        await DeleteAsync(burst);
        await bench.UntilQuietAsync(cancellationToken);
        foreach (var (index, policy) in new[] { "Delete", "Retain", "Orphan" }.Index())
        {
            var names = burst.Where((_, i) => i % 3 == index).ToArray();
            report.Add(Step.Since(start, $"delete, deletionPolicy {policy}", names, policy == "Orphan" ? new(AwsCalls: 0) : new(), bench));
        }

        await DeleteAsync([.. Names("first", 1), .. Names("one", objects), .. Names("policy", Sample), .. Names("policies", Sample)]);
        await bench.Cluster.DeleteAsync(bench.Provider, cancellationToken);
        await bench.UntilQuietAsync(cancellationToken);

        async Task DeleteAsync(string[] names)
        {
            await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = ApplyConcurrency, CancellationToken = cancellationToken }, async (name, token) =>
                await bench.Cluster.DeleteAsync($"{bench.Repositories}/{name}", token));
            await bench.Objects.UntilAsync(names, state => state.IsGone, "gone", cancellationToken);
        }
    }

    private async Task<Step> FinishAsync(long start, string title, string[] names, Budget budget, CancellationToken cancellationToken)
    {
        // What comes after Ready costs too.
        await bench.UntilQuietAsync(cancellationToken);
        var step = Step.Since(start, title, names, budget, bench);
        report.Add(step);
        return step;
    }

    private void AddTimes(string how, Step step)
    {
        report.AddTimes($"apply answered to CreateRepository{how}", step.Objects.Select(name => Milliseconds(_applied[name], Call(step.Aws, name, "CreateRepository").Arrived)));
        report.AddTimes($"apply answered to Ready seen by a watch{how}", step.Objects.Select(name => Milliseconds(_applied[name], ReadyAt(name))));
    }

    /// <summary>Where the time of a create goes, between the moments that can be seen from outside the silo.</summary>
    private void AddMoments(string how, Step step)
    {
        List<(string Name, Func<string, long> At)> moments = [("apply answered", name => _applied[name])];
        Add("finalizer patch", step.Kubernetes, "patch ecrrepositories");
        Add("CreateRepository", step.Aws, "CreateRepository");
        Add("status patch", step.Kubernetes, "patch ecrrepositories/status");
        foreach (var (from, to) in moments.Zip(moments.Skip(1)))
        {
            report.AddTimes($"{how}, from {from.Name} to {to.Name}", step.Objects.Select(name => Milliseconds(from.At(name), to.At(name))));
        }

        void Add(string what, IReadOnlyList<Call> calls, string operation)
        {
            moments.Add(($"{what} arrives", name => Call(calls, name, operation).Arrived));
            moments.Add(($"{what} answered", name => Call(calls, name, operation).Answered));
        }
    }

    private long ReadyAt(string name) => bench.Objects.First(name, state => state.IsReady)!.Value;

    private static Call Call(IEnumerable<Call> calls, string subject, string operation) =>
        calls.FirstOrDefault(call => call.Name.Subject == subject && call.Name.Operation == operation)
        ?? throw new BenchmarkException($"There was no {operation} for {subject}.");

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
