namespace InfraOperator.Sandbox.Ecr;

/// <summary>How a <see cref="SandboxEcr"/> is set up.</summary>
public sealed class SandboxEcrOptions
{
    /// <value>The port on the loopback interface; 0 lets the system choose.</value>
    public int Port { get; init; }

    /// <value>Dates repositories, ends sessions, and measures what faults delay.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <value>How long a preview of a lifecycle policy takes.</value>
    public TimeSpan PreviewDuration { get; init; } = TimeSpan.FromSeconds(2);

    /// <value>How long the results of a preview can be read once it is complete. AWS says that they end, not when.</value>
    public TimeSpan PreviewLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <value>The account of callers who have not assumed a role, 12 digits.</value>
    public string AccountId { get; init; } = "000000000000";

    /// <value>Access keys by id. Null lets anybody in, whatever the signature; otherwise signatures are verified.</value>
    public IReadOnlyDictionary<string, SandboxKey>? Keys { get; init; }

    /// <value>How long a session of an assumed role lasts, whatever its caller asks for; null leaves that to the caller.</value>
    public TimeSpan? SessionLifetime { get; init; }
}

/// <summary>An access key that a <see cref="SandboxEcr"/> knows.</summary>
/// <param name="Secret">The secret access key.</param>
/// <param name="AccountId">The account it belongs to.</param>
/// <param name="SessionToken">The session token that must come with it, else null.</param>
public sealed record SandboxKey(string Secret, string AccountId = "000000000000", string? SessionToken = null);

/// <summary>A request that arrived, whatever became of it.</summary>
/// <param name="At">When.</param>
/// <param name="Operation">Such as <c>CreateRepository</c> or <c>AssumeRole</c>.</param>
/// <param name="Repository">The repository's name, where the request names one.</param>
/// <param name="AccessKeyId">Who signed it; empty where nobody did.</param>
/// <param name="Region">For which region it was signed.</param>
/// <param name="Body">The request's body as sent.</param>
public sealed record SandboxCall(DateTimeOffset At, string Operation, string? Repository, string AccessKeyId, string Region, string Body);
