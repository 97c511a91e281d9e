using InfraOperator.Benchmarks.Servers;

namespace InfraOperator.Benchmarks.Reporting;

/// <summary>What one object may cost. Null: there is no budget, the figure is only told.</summary>
/// <param name="ObjectWrites">Kubernetes writes on the object.</param>
/// <param name="Events">Kubernetes events written.</param>
/// <param name="AwsCalls">Calls to AWS, reads and writes.</param>
/// <param name="AwsWrites">Calls to AWS that write.</param>
internal sealed record Budget(int? ObjectWrites = null, int? Events = null, int? AwsCalls = null, int? AwsWrites = null);

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
        return new(name, objects, budget, Of(bench.Kubernetes), Of(bench.Aws));

        Call[] Of(CountingProxy proxy) => [.. proxy.CallsSince(timestamp).Where(call => subjects.Contains(call.Name.Subject))];
    }

    /// <summary>Each part of the budget: how much it is, and the most that any one object cost. The mean would hide a bad one.</summary>
    public IReadOnlyList<(string What, int Budget, int Most)> Parts =>
    [
        .. Part("object writes", Budget.ObjectWrites, Kubernetes.Where(call => call.Name.Kind == CallKind.Write)),
        .. Part("events", Budget.Events, Kubernetes.Where(call => call.Name.Kind == CallKind.Event)),
        .. Part("AWS calls", Budget.AwsCalls, Aws),
        .. Part("AWS writes", Budget.AwsWrites, Aws.Where(call => call.Name.Kind == CallKind.Write)),
    ];

    public bool IsOverBudget => Parts.Any(part => part.Most > part.Budget);

    private static IEnumerable<(string What, int Budget, int Most)> Part(string what, int? budget, IEnumerable<Call> calls) =>
        budget is { } value ? [(what, value, calls.CountBy(call => call.Name.Subject).Select(count => count.Value).DefaultIfEmpty().Max())] : [];
}
