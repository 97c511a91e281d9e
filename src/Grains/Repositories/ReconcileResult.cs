using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Repositories;

/// <summary>What a reconcile came to. A closed set.</summary>
internal abstract record ReconcileResult
{
    private ReconcileResult()
    {
    }

    /// <summary>The newest version of the object that the reconcile saw or wrote; null where it learnt of none.</summary>
    public ECRRepository? Latest { get; init; }

    /// <summary>Spec and AWS agree: look again in a period.</summary>
    /// <param name="AwaitsPreview">Whether AWS is still at a preview: look again soon, each time later.</param>
    public sealed record InSync(bool AwaitsPreview = false) : ReconcileResult;

    /// <summary>Something keeps the spec from holding: try again, in time.</summary>
    /// <param name="Mend">Who can mend it.</param>
    /// <param name="After">When the other side asked to be tried again; null: by backoff.</param>
    public sealed record Retry(Mend Mend, TimeSpan? After = null) : ReconcileResult;

    /// <summary>Too many wait for their turn already, and nothing was written to AWS: begin again when the provider calls, or later.</summary>
    /// <param name="After">In what time, where it does not call.</param>
    public sealed record Paced(TimeSpan After) : ReconcileResult;

    /// <summary>The object changed meanwhile: begin again with its newest version.</summary>
    public sealed record Again : ReconcileResult;

    /// <summary>There is nothing to do until the object changes.</summary>
    public sealed record Idle : ReconcileResult;

    /// <summary>The object is gone.</summary>
    public sealed record Gone : ReconcileResult;
}
