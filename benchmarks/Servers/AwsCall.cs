using System.Diagnostics;

namespace InfraOperator.Benchmarks.Servers;

/// <summary>One call that arrived at <see cref="FastAws"/>.</summary>
/// <param name="Arrived">When it was read, as a <see cref="Stopwatch"/> timestamp.</param>
/// <param name="Account">Whose account was called.</param>
/// <param name="Operation">Such as <c>CreateRepository</c>.</param>
/// <param name="Repositories">The repositories that it names; none where it asks for a page of all.</param>
internal sealed record AwsCall(long Arrived, string Account, string Operation, IReadOnlyList<string> Repositories)
{
    /// <summary>The outcome of a call that was served.</summary>
    public const string Success = "Success";

    /// <summary>The outcome of a call that was one too many.</summary>
    public const string Throttled = "ThrottlingException";

    /// <summary><see cref="Success"/>, or the code of the error; empty while the call is under way.</summary>
    public string Outcome { get; set; } = "";

    /// <summary>Whether the operation changes something.</summary>
    public bool IsWrite => IsWriteOperation(Operation);

    /// <inheritdoc cref="IsWrite"/>
    public static bool IsWriteOperation(string operation) =>
        !operation.StartsWith("Describe", StringComparison.Ordinal) && !operation.StartsWith("Get", StringComparison.Ordinal) && !operation.StartsWith("List", StringComparison.Ordinal)
        && !operation.StartsWith("Assume", StringComparison.Ordinal);
}
