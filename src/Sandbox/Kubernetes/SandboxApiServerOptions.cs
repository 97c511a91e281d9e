namespace InfraOperator.Sandbox.Kubernetes;

/// <summary>What a <see cref="SandboxApiServer"/> starts with.</summary>
public sealed class SandboxApiServerOptions
{
    /// <value>The port on the loopback address; 0 lets the system choose.</value>
    public int Port { get; set; }

    /// <value>The clock of timestamps, ages, watch timeouts, bookmarks and injected latency.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <value>YAML texts, each of one or more documents, applied in order at the start: definitions first, then namespaces and objects.</value>
    public IReadOnlyList<string> Manifests { get; set; } = [];

    /// <value>How many of the last changes, of all kinds together, a watch can still ask for; before them it gets 410. Counted loosely: up to twice as many.</value>
    public int History { get; set; } = 1000;

    /// <value>
    /// What <c>kubectl logs deploy/NAME</c> shows, by <c>namespace/name</c> of a Deployment. Each gets its namespace, a Deployment and a running Pod.
    /// The argument is the number of lines asked for from the end, null for all.
    /// </value>
    public IReadOnlyDictionary<string, Func<int?, IEnumerable<string>>> Logs { get; set; } = new Dictionary<string, Func<int?, IEnumerable<string>>>();
}

/// <summary>A request to the sandbox's API server.</summary>
/// <param name="Verb">The Kubernetes verb: get, list, watch, create, update, patch, delete or deletecollection.</param>
/// <param name="Resource">The plural name, with the subresource where there is one: <c>ecrrepositories/status</c>.</param>
/// <param name="Namespace">The namespace of the path; null for all namespaces and for kinds without.</param>
/// <param name="Name">The name of the path; null for collections.</param>
/// <param name="Query">The query string, with its question mark.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">The body; empty where there is none.</param>
public sealed record SandboxRequest(string Verb, string Resource, string? Namespace, string? Name, string Query, string ContentType, string Body);

/// <summary>What goes wrong with one request. Members that are not set do nothing.</summary>
public sealed record SandboxFault
{
    /// <summary>Answer with this HTTP status and a Status object, without acting.</summary>
    public int? Code { get; init; }

    /// <summary>The reason of the Status, such as <c>Forbidden</c> or <c>TooManyRequests</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The message of the Status.</summary>
    public string Message { get; init; } = "injected by a test";

    /// <summary>The Retry-After header.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Wait first.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Break the connection instead of acting.</summary>
    public bool ResetBeforeActing { get; init; }

    /// <summary>Act, then break the connection instead of answering.</summary>
    public bool ResetAfterActing { get; init; }
}
