using Microsoft.Extensions.Logging;

namespace InfraOperator.Clustering.Kubernetes;

/// <content>
/// The end of a silo. Orleans tries to write a leaving silo's status until it succeeds, which is in vain where the object, or the right
/// to it, was removed first, as when everything is uninstalled at once. So a silo that leaves insists for a few seconds only. Those
/// that stay, if any do, notice its end as they notice that of a silo that was killed.
/// </content>
public sealed partial class KubernetesMembershipTable : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan InsistsFor = TimeSpan.FromSeconds(5);

    private MembershipTableData? _last;
    private long _leaving;

    private bool InsistsNoLonger => Volatile.Read(ref _leaving) is not 0 and var since && _time.GetElapsedTime(since) >= InsistsFor;

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(KubernetesMembershipTable),
        ServiceLifecycleStage.Last,
        static _ => Task.CompletedTask,
        _ =>
        {
            Volatile.Write(ref _leaving, _time.GetTimestamp());
            return Task.CompletedTask;
        });

    [LoggerMessage(Level = LogLevel.Warning, Message = "This silo leaves {Table} without saying so, since it cannot be written")]
    private static partial void LogLeft(ILogger logger, Exception exception, string table);
}
