using InfraOperator.Grains.Repositories;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Metrics;

/// <summary>What a reconcile can come to, for metrics: a closed set.</summary>
internal static class Outcomes
{
    /// <summary>Spec and AWS agree; a provider's identity is proven.</summary>
    public const string InSync = nameof(ReconcileResult.InSync);

    /// <summary>It is tried again, and may go well by itself.</summary>
    public const string Retry = nameof(ReconcileResult.Retry);

    /// <summary>It is tried again slowly: a person must act.</summary>
    public const string Stalled = "Stalled";

    /// <summary>An exception that nobody foresaw. Tried again.</summary>
    public const string Error = "Error";

    /// <summary>The silo stopped, or the grain moved.</summary>
    public const string Canceled = "Canceled";

    /// <summary>What a repository's reconcile came to.</summary>
    public static string Of(ReconcileResult result) => result is ReconcileResult.Retry { Mend: Mend.Person } ? Stalled : result.GetType().Name;
}
