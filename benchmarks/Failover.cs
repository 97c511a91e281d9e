using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;
using InfraOperator.Sandbox.Ecr;

namespace InfraOperator.Benchmarks;

/// <summary>
/// What a cluster of silos costs and how long it takes over: memory, starts, the spread of objects, calls about the membership, and
/// the time from an edit to AWS while a silo is lost in each way, while all are replaced, and while the API server is restarted.
/// </summary>
internal sealed class Failover(Workbench bench, Fleet fleet, Report report, Arguments arguments)
{
    private const int Size = 4;
    private const int ApplyConcurrency = 32;
    private const int EditConcurrency = 8;

    // Among so many are some of every silo's, and all are edited within a second.
    private const int Edited = 100;
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EditPause = TimeSpan.FromMilliseconds(50);

    private readonly List<double> _starts = [];
    private int _edit;

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var aws = await SandboxEcr.StartAsync(new(), cancellationToken);
        await using var bench = await Workbench.StartAsync(aws.Url, cancellationToken);
        await using var fleet = new Fleet(bench);
        var report = new Report("failover", await Machine.DescribeAsync(bench.Cluster, cancellationToken));
        var benchmark = new Failover(bench, fleet, report, arguments);
        await benchmark.GrowAsync(cancellationToken);
        foreach (var loss in new[] { Loss.Kill, Loss.Hold, Loss.Stop })
        {
            await benchmark.LoseAsync(loss, cancellationToken);
        }

        await benchmark.ReplaceAllAsync(cancellationToken);
        await benchmark.RestartApiServerAsync(cancellationToken);
        report.AddTimes("start of a silo's process to Active and serving", benchmark._starts);
        return report;
    }

    /// <summary>One silo takes all objects, then three join, then a fifth.</summary>
    private async Task GrowAsync(CancellationToken cancellationToken)
    {
        var first = await AddAsync(cancellationToken);
        await first.UntilWatchingAsync(cancellationToken);
        await bench.UntilQuietAsync(cancellationToken);
        report.AddFigure("resident memory, idle", first.ResidentMemory);

        await bench.ApplyProviderAsync(cancellationToken);
        string[] names = [.. Enumerable.Range(0, arguments.Objects).Select(Name)];
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = ApplyConcurrency, CancellationToken = cancellationToken }, async (name, token) =>
            await bench.Cluster.CreateAsync(bench.Repositories, Repositories.Make(name), token));
        await bench.Objects.UntilAsync(names, state => state.IsReady, "Ready", cancellationToken);
        await bench.UntilQuietAsync(cancellationToken);
        report.AddFigure($"resident memory, one silo with {arguments.Objects} objects just created", first.ResidentMemory);

        while (fleet.Silos.Count < Size)
        {
            await AddAsync(cancellationToken);
        }

        var even = (double)arguments.Objects / Size;
        var held = await HeldAsync(cancellationToken);
        report.AddFigure($"objects of each of {Size} silos", $"{string.Join(", ", held)}: at most {Percent(held.Max(count => Math.Abs(count - even)) / even)} off even");

        var start = Stopwatch.GetTimestamp();
        await Task.Delay(Rest, cancellationToken);
        var calls = bench.Kubernetes.CallsSince(start).Count(call => call.Name.Operation.Contains("orleansclusters", StringComparison.Ordinal));
        report.AddFigure("calls about the membership at rest, per silo and minute", $"{calls / Size / Rest.TotalMinutes:0.0}");
        report.AddFigure($"resident memory, each of {Size} silos at rest with {arguments.Objects} objects among them", string.Join(", ", fleet.Silos.Select(silo => silo.ResidentMemory)));

        var fifth = await AddAsync(cancellationToken);
        report.AddFigure("objects that a fifth silo takes", Percent(await Fleet.RepositoriesAsync(fifth, cancellationToken) / arguments.Objects));
        fleet.Forget(fifth);
        await fifth.SignalAsync("TERM", cancellationToken);
        await fifth.ExitAsync(cancellationToken);
        await fifth.DisposeAsync();
    }

    private async Task LoseAsync(Loss loss, CancellationToken cancellationToken)
    {
        var (longest, exits) = (new List<double>(), new List<double>());
        for (var run = 0; run < arguments.Runs; run++)
        {
            await bench.UntilQuietAsync(cancellationToken);
            var victim = fleet.Choose(watches: run % 2 == 0);
            fleet.Forget(victim);
            var signalled = Stopwatch.GetTimestamp();
            await victim.SignalAsync(loss switch { Loss.Kill => "KILL", Loss.Hold => "STOP", _ => "TERM" }, cancellationToken);
            var exit = victim.ExitAsync(cancellationToken).ContinueWith(_ => Stopwatch.GetElapsedTime(signalled).TotalMilliseconds, cancellationToken);
            longest.Add((await EditManyAsync(cancellationToken)).Max());
            if (loss == Loss.Hold)
            {
                var released = Stopwatch.GetElapsedTime(signalled).TotalMilliseconds;
                await victim.SignalAsync("CONT", cancellationToken);
                exits.Add(await exit - released);
            }
            else
            {
                exits.Add(await exit);
            }

            await victim.DisposeAsync();
            await AddAsync(cancellationToken);
        }

        report.AddTimes($"edit accepted to AWS, the longest of {Edited} edits right after {loss switch { Loss.Kill => "SIGKILL", Loss.Hold => "SIGSTOP", _ => "SIGTERM" }} to one of {Size}, each run's", longest);
        if (loss != Loss.Kill)
        {
            report.AddTimes(loss == Loss.Hold ? "SIGCONT to the exit of the silo that was held" : "SIGTERM to exit", exits);
        }
    }

    /// <summary>Each silo gives way to a new one while objects are edited one after the other.</summary>
    private async Task ReplaceAllAsync(CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var editing = EditOneByOneAsync(done.Token);
        foreach (var old in fleet.Silos.ToArray())
        {
            await AddAsync(cancellationToken);
            fleet.Forget(old);
            await old.SignalAsync("TERM", cancellationToken);
            await old.ExitAsync(cancellationToken);
            await old.DisposeAsync();
        }

        await done.CancelAsync();
        report.AddTimes($"edit accepted to AWS, edits while all {Size} silos are replaced one after the other", await TimesAsync(await editing, cancellationToken));
    }

    private async Task RestartApiServerAsync(CancellationToken cancellationToken)
    {
        if (arguments.RestartCommand is not [var program, ..])
        {
            return;
        }

        var longest = new List<double>();
        for (var run = 0; run < arguments.Runs; run++)
        {
            await bench.UntilQuietAsync(cancellationToken);
            using (var restart = Process.Start(new ProcessStartInfo(program, arguments.RestartCommand.Skip(1)) { RedirectStandardOutput = true })!)
            {
                await restart.WaitForExitAsync(cancellationToken);
            }

            longest.Add((await EditManyAsync(cancellationToken)).Max());
        }

        report.AddTimes($"edit accepted to AWS, the longest of {Edited} edits right after the API server's restart, each run's", longest);
    }

    private async Task<SiloProcess> AddAsync(CancellationToken cancellationToken)
    {
        var added = await fleet.AddAsync(cancellationToken);
        _starts.Add(added.StartMilliseconds);
        return added;
    }

    private async Task<double[]> EditManyAsync(CancellationToken cancellationToken)
    {
        var edits = new ConcurrentBag<Edit>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Edited), new ParallelOptions { MaxDegreeOfParallelism = EditConcurrency, CancellationToken = cancellationToken }, async (number, token) =>
            edits.Add(await EditAsync(number * (arguments.Objects / Edited), token)));
        return await TimesAsync([.. edits], cancellationToken);
    }

    private async Task<IReadOnlyList<Edit>> EditOneByOneAsync(CancellationToken done)
    {
        var edits = new List<Edit>();
        try
        {
            // No object twice: an edit that is overtaken by the next may never come to AWS by itself.
            for (var number = 0; number < arguments.Objects; number++)
            {
                edits.Add(await EditAsync(number, done));
                await Task.Delay(EditPause, done);
            }
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        return edits;
    }

    private async Task<Edit> EditAsync(int number, CancellationToken cancellationToken)
    {
        var value = $"{Interlocked.Increment(ref _edit)}";
        while (true)
        {
            try
            {
                return await Edit.MakeAsync(bench.Cluster, bench.Repositories, Name(number), value, cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or BenchmarkException && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(EditPause, cancellationToken);
            }
        }
    }

    /// <summary>How long each edit took to come to AWS.</summary>
    private async Task<double[]> TimesAsync(IReadOnlyList<Edit> edits, CancellationToken cancellationToken)
    {
        foreach (var edit in edits)
        {
            await bench.Objects.UntilAsync([edit.Name], state => state.AppliedGeneration >= edit.Generation, "in AWS as edited", cancellationToken);
        }

        var writes = bench.Aws.CallsSince(edits.Min(edit => edit.Began)).Where(call => call.Name.Operation == "TagResource").ToLookup(call => call.Name.Subject);
        return [.. edits.Select(edit => writes[edit.Name].FirstOrDefault(call => call.Arrived >= edit.Began) is { } write
            ? Math.Max(0, Stopwatch.GetElapsedTime(edit.Accepted, write.Arrived).TotalMilliseconds)
            : throw new BenchmarkException($"{edit.Name} was not written to AWS."))];
    }

    private async Task<double[]> HeldAsync(CancellationToken cancellationToken)
    {
        var held = new List<double>();
        foreach (var silo in fleet.Silos)
        {
            held.Add(await Fleet.RepositoriesAsync(silo, cancellationToken));
        }

        return [.. held];
    }

    private string Name(int number) => $"{bench.Namespace}-{number:00000}";

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private enum Loss
    {
        Kill,
        Hold,
        Stop,
    }
}
