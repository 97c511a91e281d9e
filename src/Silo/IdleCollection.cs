using Microsoft.Extensions.Hosting;

namespace InfraOperator.Silo;

/// <summary>
/// Gives back what a burst of work took. The runtime collects where it allocates, and a silo whose objects are in order hardly does: what
/// its start or a rollout needed for a moment would stay with the process for hours.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="memory">The process's memory.</param>
internal sealed class IdleCollection(TimeProvider time, IProcessMemory memory) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // Of one processor. A collection holds everything up for some tens of milliseconds with ten thousand objects, which nobody is to wait for.
    private const double MostWhenIdle = 0.2;

    // What is taken over and over would be given back over and over.
    private const double WorthIt = 1.25;

    private long _least;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        var used = memory.ProcessorTime;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var before = used;
            used = memory.ProcessorTime;
            if (used - before <= Period * MostWhenIdle && memory.CommittedBytes > _least * WorthIt)
            {
                memory.Collect();
                _least = memory.CommittedBytes;
            }
        }
    }
}

/// <summary>The memory of a process, and its work.</summary>
internal interface IProcessMemory
{
    /// <summary>How long the process has worked so far.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>What the managed heap holds of the machine's memory.</summary>
    long CommittedBytes { get; }

    /// <summary>Gives back all that is not in use.</summary>
    void Collect();
}

/// <summary>This process's.</summary>
internal sealed class ProcessMemory : IProcessMemory
{
    public TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    public long CommittedBytes => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;

    public void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
