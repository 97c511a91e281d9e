using System.Collections.Concurrent;
using System.Diagnostics;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>What a call does to the server.</summary>
internal enum CallKind
{
    Read,
    Write,

    /// <summary>A write of a Kubernetes event, which has a budget of its own.</summary>
    Event,

    /// <summary>A watch: it lasts as long as the silo does.</summary>
    Watch,
}

/// <summary>What a request is, in its server's words.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Operation">Such as <c>patch ecrrepositories/status</c> or <c>CreateRepository</c>.</param>
/// <param name="Subject">The name of the object or repository that it is about; empty where it is about none or many.</param>
internal sealed record CallName(CallKind Kind, string Operation, string Subject);

/// <summary>One call that passed a proxy.</summary>
/// <param name="Name">What it was.</param>
/// <param name="Arrived">When its headers arrived, as a <see cref="Stopwatch"/> timestamp.</param>
internal sealed record Call(CallName Name, long Arrived)
{
    /// <summary>When its answer had been passed on; 0 while it is under way.</summary>
    public long Answered { get; set; }
}

/// <summary>The calls that passed a proxy, in order of arrival. Thread-safe.</summary>
internal sealed class CallLog
{
    private readonly ConcurrentQueue<Call> _calls = new();

    public void Add(Call call) => _calls.Enqueue(call);

    /// <summary>The calls since a timestamp, watches left out.</summary>
    public IReadOnlyList<Call> Since(long timestamp) => [.. _calls.Where(call => call.Arrived >= timestamp && call.Name.Kind != CallKind.Watch)];

    /// <summary>Whether nothing is under way and nothing has arrived for a while.</summary>
    public bool IsQuiet(TimeSpan time) =>
        _calls.Where(call => call.Name.Kind != CallKind.Watch).All(call => call.Answered != 0 && Stopwatch.GetElapsedTime(call.Arrived) > time);
}
