using System.Diagnostics;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>What a call does to the server. Events are writes with a budget of their own; a watch lasts as long as the silo.</summary>
internal enum CallKind
{
    Read,
    Write,
    Event,
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
