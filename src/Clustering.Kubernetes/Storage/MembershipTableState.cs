namespace InfraOperator.Clustering.Kubernetes;

/// <summary>What is asked of the API server.</summary>
public enum MembershipTableOperation
{
    /// <summary>Reading the whole table.</summary>
    Read,

    /// <summary>Creating the object at the first start.</summary>
    Create,

    /// <summary>Reading the owner of an object that is about to be created.</summary>
    ReadOwner,

    /// <summary>Inserting a row: a silo joins.</summary>
    Insert,

    /// <summary>Updating a row: a silo changes its status, or is suspected or declared dead.</summary>
    Update,

    /// <summary>Writing that this silo is alive.</summary>
    Heartbeat,

    /// <summary>Removing rows of dead silos.</summary>
    Cleanup,

    /// <summary>Deleting the object.</summary>
    Delete,
}

/// <summary>What a read of the membership table said.</summary>
/// <param name="Version">The version of the table; a smaller one than before means that the object was deleted and created anew.</param>
/// <param name="ActiveSilos">How many silos are Active.</param>
/// <param name="Timestamp">When the answer was there: a monotonic <see cref="TimeProvider.GetTimestamp"/>.</param>
public sealed record MembershipTableReading(int Version, int ActiveSilos, long Timestamp);

/// <summary>What this process last read of its membership table, and how much it asked for. For metrics and health checks; thread-safe.</summary>
/// <param name="timeProvider">The clock of <see cref="ReadAge"/>.</param>
public sealed class MembershipTableState(TimeProvider timeProvider)
{
    private readonly long[] _requests = new long[Enum.GetValues<MembershipTableOperation>().Length];
    private readonly long[] _failures = new long[Enum.GetValues<MembershipTableOperation>().Length];
    private MembershipTableReading? _lastRead;

    /// <summary>The last read that succeeded; null before the first.</summary>
    public MembershipTableReading? LastRead => Volatile.Read(ref _lastRead);

    /// <summary>How long ago that was; null before the first.</summary>
    public TimeSpan? ReadAge => LastRead is { } read ? timeProvider.GetElapsedTime(read.Timestamp) : null;

    /// <summary>How many requests of an operation were sent to the API server.</summary>
    /// <param name="operation">The operation.</param>
    public long Requests(MembershipTableOperation operation) => Interlocked.Read(ref _requests[(int)operation]);

    /// <summary>How many of them had no answer, or were refused otherwise than by another silo's being first.</summary>
    /// <param name="operation">The operation.</param>
    public long Failures(MembershipTableOperation operation) => Interlocked.Read(ref _failures[(int)operation]);

    internal void Sent(MembershipTableOperation operation) => Interlocked.Increment(ref _requests[(int)operation]);

    internal void Failed(MembershipTableOperation operation) => Interlocked.Increment(ref _failures[(int)operation]);

    internal void Read(int version, int activeSilos) => Volatile.Write(ref _lastRead, new(version, activeSilos, timeProvider.GetTimestamp()));
}
