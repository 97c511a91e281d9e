namespace InfraOperator.Sandbox.Ecr;

/// <summary>What can go wrong with a call.</summary>
public abstract record EcrFault
{
    private EcrFault()
    {
    }

    /// <summary>AWS's throttle, in the way its services spell it.</summary>
    public static EcrFault Throttle { get; } = new Error(400, "ThrottlingException", "Rate exceeded");

    /// <summary>A throttle from in front of the service, in XML.</summary>
    public static EcrFault ThrottleAsXml { get; } = new Raw(400, "<ThrottlingException>\n  <Message>Rate exceeded</Message>\n</ThrottlingException>\n");

    /// <summary>A throttle that is a status code and nothing else.</summary>
    public static EcrFault BareThrottle { get; } = new Raw(429, "");

    /// <summary>A quota of the account is used up.</summary>
    public static EcrFault LimitExceeded { get; } = new Error(400, "LimitExceededException", "The operation failed because it would have exceeded a service limit for your account.");

    /// <summary>The session has ended.</summary>
    public static EcrFault ExpiredToken { get; } = new Error(400, "ExpiredTokenException", "The security token included in the request is expired");

    /// <summary>AWS fails without having acted.</summary>
    public static EcrFault ServerError { get; } = new Error(500, "ServerException", "Internal server error");

    /// <summary>An error of AWS's making; the call does not act.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Code">The error code.</param>
    /// <param name="Message">The words.</param>
    public sealed record Error(int Status, string Code, string Message) : EcrFault;

    /// <summary>An answer that is not AWS's; the call does not act.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Body">The body.</param>
    public sealed record Raw(int Status, string Body) : EcrFault;

    /// <summary>The caller's policy does not allow the action.</summary>
    public sealed record AccessDenied : EcrFault;

    /// <summary>The call waits, then goes its way.</summary>
    /// <param name="Delay">How long, by the sandbox's clock.</param>
    public sealed record Latency(TimeSpan Delay) : EcrFault;

    /// <summary>The call acts and its headers are sent at once, its body later.</summary>
    /// <param name="Delay">How much later, by the sandbox's clock.</param>
    public sealed record SlowBody(TimeSpan Delay) : EcrFault;

    /// <summary>The connection breaks before the call acts.</summary>
    public sealed record ResetBefore : EcrFault;

    /// <summary>The call acts, then the connection breaks.</summary>
    public sealed record ResetAfter : EcrFault;

    /// <summary>The repository that the call creates cannot be seen at first.</summary>
    /// <param name="Delay">How long, by the sandbox's clock.</param>
    public sealed record NotYetVisible(TimeSpan Delay) : EcrFault;
}

/// <summary>Which calls go wrong, and how. Rules are asked in the order in which they were added; the first that fits is used up by one.</summary>
public sealed class EcrFaults
{
    private readonly Lock _lock = new();
    private readonly List<Rule> _rules = [];

    /// <summary>Adds a rule.</summary>
    /// <param name="operation">Such as <c>CreateRepository</c> or <c>AssumeRole</c>; <c>*</c> for all.</param>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="times">How often; by default always.</param>
    /// <param name="accessKeyId">For whom only; by default for all.</param>
    public void Add(string operation, EcrFault fault, int times = int.MaxValue, string? accessKeyId = null)
    {
        lock (_lock)
        {
            _rules.Add(new Rule(operation, fault, accessKeyId) { Left = times });
        }
    }

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    internal EcrFault? Take(string operation, string accessKeyId)
    {
        lock (_lock)
        {
            var rule = _rules.Find(rule => (rule.Operation == "*" || rule.Operation == operation) && (rule.AccessKeyId is null || rule.AccessKeyId == accessKeyId));
            if (rule is not null && rule.Left < int.MaxValue && --rule.Left <= 0)
            {
                _rules.Remove(rule);
            }

            return rule?.Fault;
        }
    }

    private sealed record Rule(string Operation, EcrFault Fault, string? AccessKeyId)
    {
        public int Left { get; set; }
    }
}
