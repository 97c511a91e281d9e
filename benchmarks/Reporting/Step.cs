using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks.Reporting;

/// <summary>What one object may cost. Null: there is no budget, the figure is only reported.</summary>
/// <param name="ObjectWrites">Kubernetes writes on the object.</param>
/// <param name="Events">Kubernetes events written.</param>
/// <param name="AwsCalls">Calls to AWS, reads and writes.</param>
/// <param name="AwsWrites">Calls to AWS that write.</param>
internal sealed record Budget(int? ObjectWrites = null, int? Events = null, int? AwsCalls = null, int? AwsWrites = null)
{
    public override string ToString() => string.Join(", ", new[] { Part(ObjectWrites, "object writes"), Part(Events, "events"), Part(AwsCalls, "AWS calls"), Part(AwsWrites, "AWS writes") }.OfType<string>());

    private static string? Part(int? count, string what) => count is null ? null : $"{count} {what}";
}

/// <summary>The calls that one thing done to some objects led to.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Objects">To which objects.</param>
/// <param name="Budget">What it may cost.</param>
/// <param name="Kubernetes">All calls to the API server about these objects.</param>
/// <param name="Aws">All calls to AWS about these objects.</param>
internal sealed record Step(string Name, IReadOnlyCollection<string> Objects, Budget Budget, IReadOnlyList<Call> Kubernetes, IReadOnlyList<Call> Aws)
{
    /// <summary>The calls about some objects since a timestamp.</summary>
    public static Step Since(long timestamp, string name, IReadOnlyCollection<string> objects, Budget budget, Workbench bench)
    {
        var subjects = objects.ToHashSet();
        return new(
            name,
            objects,
            budget,
            [.. bench.Kubernetes.Calls.Since(timestamp).Where(call => subjects.Contains(call.Name.Subject))],
            [.. bench.Aws.Calls.Since(timestamp).Where(call => subjects.Contains(call.Name.Subject))]);
    }

    /// <summary>What is over budget: the most that any one object cost counts, not the mean.</summary>
    public IReadOnlyList<string> Excesses =>
    [
        .. Excess("object writes", Budget.ObjectWrites, Kubernetes.Where(call => call.Name.Kind == CallKind.Write)),
        .. Excess("events", Budget.Events, Kubernetes.Where(call => call.Name.Kind == CallKind.Event)),
        .. Excess("AWS calls", Budget.AwsCalls, Aws),
        .. Excess("AWS writes", Budget.AwsWrites, Aws.Where(call => call.Name.Kind == CallKind.Write)),
    ];

    private IEnumerable<string> Excess(string what, int? budget, IEnumerable<Call> calls)
    {
        var worst = calls.CountBy(call => call.Name.Subject).OrderByDescending(count => count.Value).FirstOrDefault();
        return worst.Value > budget ? [$"{Name}: {worst.Value} {what} for {worst.Key}, budget {budget}"] : [];
    }
}
