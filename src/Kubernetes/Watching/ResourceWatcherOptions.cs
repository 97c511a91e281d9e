namespace InfraOperator.Kubernetes;

/// <summary>How a <see cref="ResourceWatcher{T}"/> reads and how patient it is.</summary>
public sealed class ResourceWatcherOptions
{
    /// <summary>Whether to ask for the initial list as part of the watch, which costs the server less. Where the server cannot do
    /// that, it is noticed and remembered.</summary>
    /// <value>The default is true.</value>
    public bool StreamingLists { get; set; } = true;

    /// <summary>How many objects are asked for in one page of a list that is not streamed.</summary>
    /// <value>The default is 500.</value>
    public int PageSize { get; set; } = 500;

    /// <summary>How long the server may take to accept a watch, connecting included.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan AcceptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a watch may be without a single byte before it is taken for dead. Servers send a bookmark about once a
    /// minute.</summary>
    /// <value>The default is 2.5 minutes.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2.5);

    /// <summary>Shortest time after which the server is asked to end a watch, so that watches spread over its replicas again.</summary>
    /// <value>The default is 5 minutes. The time is picked at random for each watch, up to <see cref="MaxWatchDuration"/>.</value>
    public TimeSpan MinWatchDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest time after which the server is asked to end a watch.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan MaxWatchDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Pause after a first failure; it doubles with each further one. The pause taken is random between half of it and all.</summary>
    /// <value>The default is 250 ms.</value>
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause, unless the server asks for more by Retry-After.</summary>
    /// <value>The default is 3 seconds: a watch is one connection, and a server that starts refuses it in several ways one after the other.</value>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>A connection that lasted this long was a good one: the next failure counts as the first.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest event that is read, in bytes. A larger one is reported as malformed and skipped. etcd holds no object
    /// above 1.5 MiB.</summary>
    /// <value>The default is 8 MiB.</value>
    public int MaxEventBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of bounds; the message names the option and what it may be.</exception>
    public void Validate()
    {
        Require(PageSize >= 1, nameof(PageSize), PageSize, "at least 1");
        Require(AcceptTimeout > TimeSpan.Zero, nameof(AcceptTimeout), AcceptTimeout, "positive");
        Require(IdleTimeout > TimeSpan.Zero, nameof(IdleTimeout), IdleTimeout, "positive");
        Require(MinWatchDuration >= TimeSpan.FromSeconds(1), nameof(MinWatchDuration), MinWatchDuration, "at least a second");
        Require(MaxWatchDuration >= MinWatchDuration, nameof(MaxWatchDuration), MaxWatchDuration, $"at least {nameof(MinWatchDuration)} ({MinWatchDuration})");
        Require(InitialBackoff > TimeSpan.Zero, nameof(InitialBackoff), InitialBackoff, "positive");
        Require(MaxBackoff >= InitialBackoff, nameof(MaxBackoff), MaxBackoff, $"at least {nameof(InitialBackoff)} ({InitialBackoff})");
        Require(StableAfter > TimeSpan.Zero, nameof(StableAfter), StableAfter, "positive");
        Require(MaxEventBytes >= 1024, nameof(MaxEventBytes), MaxEventBytes, "at least 1024");
    }

    private static void Require(bool holds, string option, object value, string bounds)
    {
        if (!holds)
        {
            throw new ArgumentException($"{nameof(ResourceWatcherOptions)}.{option} is {value}; it must be {bounds}.");
        }
    }
}
