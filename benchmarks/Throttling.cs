using System.Diagnostics;
using System.Globalization;
using InfraOperator.Benchmarks.Reporting;
using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks;

/// <summary>
/// An account that allows few calls a second. One tenant applies many new objects; another, who has one object that is in sync, goes
/// on editing it. How many calls are throttled, how long all take, and how long the other waits for each edit.
/// </summary>
internal sealed class Throttling(Testbed bed, Tenant many, Tenant one, Arguments arguments, Report report, string how)
{
    private const string Account = "111111111111";
    private static readonly TimeSpan FirstEdit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EditPeriod = TimeSpan.FromSeconds(10);

    public static async Task<Report> RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        Report? report = null;
        foreach (var shares in (bool[])[false, true])
        {
            await using var bed = await Testbed.StartAsync(arguments, cancellationToken);
            report ??= new("throttled", await Machine.DescribeAsync(bed.Cluster, cancellationToken));
            var (many, one) = (await bed.AddTenantAsync(cancellationToken), await bed.AddTenantAsync(cancellationToken));
            await many.AddProviderAsync(Tenant.DefaultProvider, Account, shares ? one.Namespace : null, cancellationToken);
            if (!shares)
            {
                await one.AddProviderAsync(Tenant.DefaultProvider, Account, null, cancellationToken);
            }

            await bed.StartSiloAsync([many, one], arguments.Period, cancellationToken);
            await new Throttling(bed, many, one, arguments, report, shares ? "one provider" : "a provider each").MeasureAsync(shares ? many.Namespace : null, cancellationToken);
        }

        return report!;
    }

    private async Task MeasureAsync(string? providerNamespace, CancellationToken cancellationToken)
    {
        bed.Aws.ForgetCalls();
        bed.Aws.Limit = new(arguments.Rate, arguments.Rate);
        var limited = Stopwatch.GetTimestamp();

        // The silo's first calls would be what the other tenant's first edit waits for.
        await many.ApplyAsync(many.Names("warm", 20), name => Repositories.Make(name), null, cancellationToken);
        await many.Objects.UntilAsync(many.Names("warm", 20), state => state.IsReady, "Ready", cancellationToken);
        var edited = (await one.GrowAsync(1, name => Repositories.Make(name, providerNamespace: providerNamespace), cancellationToken))[0];

        var names = many.Names("r", arguments.Objects);
        var ideal = (double)arguments.Objects / arguments.Rate;
        var patience = TimeSpan.FromSeconds(Math.Max(600, 10 * ideal));
        var start = Stopwatch.GetTimestamp();
        await many.ApplyAsync(names, name => Repositories.Make(name), null, cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var editing = EditAsync(edited, patience, done);
        try
        {
            await many.Objects.UntilAsync(names, state => state.IsReady, "Ready", patience, cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(start, names.Max(name => many.Objects.First(name, state => state.IsReady)!.Value)).TotalSeconds;
            report.AddFigure($"{how}: first apply to last Ready of {arguments.Objects} objects at {arguments.Rate} calls a second", $"{Number(seconds)} s, {Number(seconds / ideal)} × objects/rate");
        }
        catch (BenchmarkException)
        {
            report.AddFigure($"{how}: objects that are Ready after {patience.TotalSeconds:0} s", $"{names.Count(name => many.Objects.First(name, state => state.IsReady) is not null)} of {arguments.Objects}");
        }

        var calls = bed.Aws.CallsSince(limited).ToArray();
        await done.CancelAsync();
        AddEdits(await editing);
        report.AddCount($"{how}: calls to ECR and the tagging API, those of the 21 objects before among them", calls.Length);
        report.AddFigure($"{how}: throttled of these", $"{(double)calls.Count(call => call.Outcome == AwsCall.Throttled) / calls.Length:0.0 %}");
        var throttled = calls.Where(call => call.Outcome == AwsCall.Throttled).CountBy(call => (int)(Stopwatch.GetElapsedTime(limited, call.Arrived).TotalSeconds / 5)).ToDictionary();
        report.AddFigure($"{how}: throttled, in each five seconds", string.Join(' ', Enumerable.Range(0, throttled.Keys.DefaultIfEmpty().Max() + 1).Select(part => throttled.GetValueOrDefault(part))));
        report.AddFigure($"{how}: served, by operation", string.Join(", ", calls.Where(call => call.Outcome != AwsCall.Throttled).CountBy(call => call.Operation).Select(count => $"{count.Value} {count.Key}")));
    }

    private async Task<IReadOnlyList<Edit>> EditAsync(string name, TimeSpan patience, CancellationTokenSource done)
    {
        var edits = new List<Edit>();
        try
        {
            // By then the others have used up what may be called at once.
            await Task.Delay(FirstEdit, done.Token);
            for (; ; await Task.Delay(EditPeriod, done.Token))
            {
                edits.Add(await one.EditAsync(name, $"{edits.Count}", done.Token));
                var edit = edits[^1];

                // The next edit would be one with this, as long as it waits.
                await one.Objects.UntilAsync([name], state => state.AppliedGeneration >= edit.Generation, "in AWS as edited", patience, done.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or BenchmarkException)
        {
            return edits;
        }
    }

    private void AddEdits(IReadOnlyList<Edit> edits)
    {
        var served = bed.Aws.CallsSince(0).Where(call => call.Outcome != AwsCall.Throttled).ToArray();
        var (waits, calls, open) = (new List<double>(), new List<int>(), 0);
        foreach (var edit in edits)
        {
            if (served.FirstOrDefault(call => call.IsWrite && call.Arrived >= edit.Began && call.Repositories is [var named] && named == edit.Name) is not { } write)
            {
                open++;
                continue;
            }

            waits.Add(Stopwatch.GetElapsedTime(edit.Accepted, write.Arrived).TotalMilliseconds);
            calls.Add(served.Count(call => call.Arrived >= edit.Accepted && call.Arrived < write.Arrived));
        }

        if (waits.Count > 0)
        {
            report.AddTimes($"{how}: the other's edit to AWS", waits.Select(wait => Math.Max(0, wait)));
            calls.Sort();
            report.AddFigure($"{how}: calls served while the other waits, p50 and most", $"{calls[(calls.Count - 1) / 2]}, {calls[^1]}");
        }

        report.AddFigure($"{how}: the other's edits that have not come to AWS when all objects are Ready", $"{open} of {edits.Count}");
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
