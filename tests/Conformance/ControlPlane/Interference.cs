using System.Text.Json.Nodes;

namespace InfraOperator.Conformance.ControlPlane;

/// <summary>What becomes of one request of the control plane, instead of simply being served. Members that are not set do nothing.</summary>
public sealed record Interference
{
    /// <summary>Runs first; the request waits for it.</summary>
    public Func<Task>? Before { get; init; }

    /// <summary>Answers, and the server never hears of the request.</summary>
    public Answer? Instead { get; init; }

    /// <summary>Breaks the connection; the server never hears of the request.</summary>
    public bool DropBefore { get; init; }

    /// <summary>Runs when the server has acted, before its answer goes on.</summary>
    public Func<Task>? After { get; init; }

    /// <summary>Breaks the connection when the server has acted.</summary>
    public bool DropAfter { get; init; }

    /// <summary>An error in the way ECR puts it.</summary>
    public static Interference AwsError(string code, string message = "injected by a test", int status = 400) =>
        new() { Instead = new(status, new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString(), "application/x-amz-json-1.1") };

    /// <summary>An error in the way STS puts it.</summary>
    public static Interference StsError(string code, string message = "injected by a test", int status = 403) =>
        new() { Instead = new(status, $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>", "text/xml") };

    /// <summary>A refusal in the way the Kubernetes API puts it.</summary>
    public static Interference KubernetesError(int status, string reason, string message = "injected by a test", string? retryAfter = null, JsonObject? details = null) => new()
    {
        Instead = new(
            status,
            new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["code"] = status, ["details"] = details }.ToJsonString(),
            "application/json",
            retryAfter),
    };
}

/// <summary>An answer that a test gives in a server's place.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="RetryAfter">The Retry-After header.</param>
public sealed record Answer(int Status, string Body, string ContentType, string? RetryAfter = null);
