namespace InfraOperator.Kubernetes;

/// <summary>How <see cref="KubernetesApi"/> makes its requests.</summary>
public sealed class KubernetesApiOptions
{
    /// <summary>How long one request, or one page of a list, may take from its start to the last byte of its answer.</summary>
    /// <value>The default is 30 seconds. Watches have no such limit.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many objects are asked for in one page of a list.</summary>
    /// <value>The default is 500, as kubectl asks for.</value>
    public int PageSize { get; set; } = 500;

    /// <summary>How many requests that change something are with the server at a time. More wait, and each namespace in its turn.</summary>
    /// <value>The default is 16. A server lets 200 of all its clients in and refuses what comes beyond; and while many write, its watches fall behind.</value>
    public int WritesAtOnce { get; set; } = 16;

    /// <summary>Asked before each request that changes something: why it may not be made now; null where it may.</summary>
    /// <value>The default refuses nothing.</value>
    public Func<string?> WriteRefusal { get; set; } = static () => null;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of bounds; the message names the option and what it may be.</exception>
    public void Validate()
    {
        if (RequestTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(KubernetesApiOptions)}.{nameof(RequestTimeout)} is {RequestTimeout}; it must be positive.");
        }

        if (PageSize < 1)
        {
            throw new ArgumentException($"{nameof(KubernetesApiOptions)}.{nameof(PageSize)} is {PageSize}; it must be at least 1.");
        }

        if (WritesAtOnce < 1)
        {
            throw new ArgumentException($"{nameof(KubernetesApiOptions)}.{nameof(WritesAtOnce)} is {WritesAtOnce}; it must be at least 1.");
        }
    }
}
