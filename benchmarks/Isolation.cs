using System.Diagnostics;
using System.Globalization;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>
/// How long one tenant's edits take to come to AWS while nobody else does anything, and while another, with an account of its own, does all that
/// it can: applies thousands of objects, edits in a hot loop, has credentials that are refused, an account that throttles, or one that takes
/// half a minute for each answer.
/// </summary>
internal sealed class Isolation(Testbed bed, Tenant quiet, Tenant other, Arguments arguments, Report report)
{
    private const string OthersAccount = "111111111111";
    private const int QuietObjects = 100;
    private const int OthersObjects = 500;
    private const int Edits = 100;

    // As many as a tenant's kubectl and GitOps controllers ask for at a time. With many more it is the API server that is measured.
    private const int Clients = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(30);

    private int _edit;
    private double? _limit;

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var bed = await Testbed.StartAsync(arguments, cancellationToken);
        var report = new Report("isolation", await Machine.DescribeAsync(bed.Cluster, cancellationToken));
        var (quiet, other) = (await bed.AddTenantAsync("222222222222", cancellationToken), await bed.AddTenantAsync(OthersAccount, cancellationToken));
        await bed.StartSiloAsync([quiet, other], arguments.Period, cancellationToken);
        await new Isolation(bed, quiet, other, arguments, report).MeasureAsync(cancellationToken);
        return report;
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var mine = await quiet.GrowAsync(QuietObjects, name => Repositories.Make(name), cancellationToken);
        var others = await other.GrowAsync(OthersObjects, name => Repositories.Make(name), cancellationToken);

        // The silo is warm.
        await EditAsync(mine, null, cancellationToken);
        await EditAsync(mine, "nobody else does anything", cancellationToken);
        await BesideAsync(mine, $"{arguments.Objects} new objects", token => other.ApplyAsync(other.Names("new", arguments.Objects), name => Repositories.Make(name), null, token, Clients), cancellationToken);
        await other.Objects.UntilAsync(other.Names("new", arguments.Objects), state => state.IsReady, "Ready", TimeSpan.FromMinutes(10), cancellationToken);
        await BesideAsync(mine, "a hot loop of edits", token => EditInLoopAsync(others[..16], token), cancellationToken);
        await TroubledAsync(mine, others, "credentials that are refused", new(RefusesKeys: true), cancellationToken);
        await TroubledAsync(mine, others, "an account that allows five calls a second", new(Limit: new(5, 5)), cancellationToken);
        await TroubledAsync(mine, others, "an account that takes 30 s for each answer", new(SlowAnswer), cancellationToken);
        await EditAsync(mine, "nobody else does anything any more", cancellationToken);
    }

    // The others' edits come while their account is in trouble, and are still open when mine are measured.
    private async Task TroubledAsync(string[] mine, string[] others, string what, AccountTrouble trouble, CancellationToken cancellationToken)
    {
        bed.Aws.Troubles[OthersAccount] = trouble;
        await BesideAsync(mine, what, token => Parallel.ForEachAsync(others, Parallelism(token), async (name, each) => await other.EditAsync(name, Next(), each)), cancellationToken);
        bed.Aws.Troubles.Clear();
    }

    private async Task BesideAsync(string[] mine, string what, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = work(done.Token);
        await EditAsync(mine, what, cancellationToken);
        if (what.StartsWith("a hot loop", StringComparison.Ordinal))
        {
            await done.CancelAsync();
        }

        await working;
    }

    private async Task EditInLoopAsync(string[] names, CancellationToken cancellationToken)
    {
        try
        {
            await Parallel.ForEachAsync(Enumerable.Repeat(names, int.MaxValue).SelectMany(static each => each), Parallelism(cancellationToken), async (name, token) => await other.EditAsync(name, Next(), token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody is measured beside it any more.
        }
    }

    private async Task EditAsync(string[] names, string? what, CancellationToken cancellationToken)
    {
        bed.Aws.ForgetCalls();
        var edits = new List<Edit>();
        for (var number = 0; number < Edits; number++)
        {
            edits.Add(await quiet.EditAsync(names[number * 7 % names.Length], Next(), cancellationToken));

            // Not in step with any timer of the silo's.
            await Task.Delay(Pause * (0.5 + Random.Shared.NextDouble()), cancellationToken);
        }

        foreach (var edit in edits)
        {
            await quiet.Objects.UntilAsync([edit.Name], state => state.AppliedGeneration >= edit.Generation, "in AWS as edited", cancellationToken);
        }

        if (what is null)
        {
            return;
        }

        var circumstance = $"while {(what.StartsWith("nobody", StringComparison.Ordinal) ? "" : "another has ")}{what}";
        var times = bed.Aws.TimesOf(edits);
        var seen = edits.Select(edit => Math.Max(0, Stopwatch.GetElapsedTime(edit.Accepted, quiet.Objects.First(edit.Name, state => state.Generation >= edit.Generation)!.Value).TotalMilliseconds)).ToArray();
        var own = times.Zip(seen, static (written, sighted) => Math.Max(0, written - sighted)).ToArray();
        report.AddTimes($"edit accepted to AWS, {circumstance}", times);
        report.AddTimes("… edit accepted to seen by a watch beside the silo's", seen);
        report.AddTimes("… from the one to the other", own);
        _limit ??= Math.Max(2 * Late(times), Late(times) + 50);
        report.AddFigure($"{what}: p99, what of it the API server's watch does not account for, and what it may be (twice the quiet one, or 50 ms more)", $"{Number(Late(times))}, {Number(Late(own))} of {Number(_limit.Value)} ms");
    }

    private static double Late(IReadOnlyCollection<double> times) => times.Order().ElementAt((int)Math.Ceiling(0.99 * times.Count) - 1);

    private string Next() => $"{Interlocked.Increment(ref _edit)}";

    private static ParallelOptions Parallelism(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken };

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
