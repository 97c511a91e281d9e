using InfraOperator.Abstractions;
using InfraOperator.Grains.Fencing;
using InfraOperator.Grains.Metrics;

namespace InfraOperator.Grains.Providers;

/// <summary>The calls that a provider makes for its repositories, a bounded number at a time.</summary>
/// <param name="proof">The identity that calls.</param>
/// <param name="images">Whether counting images is worth a call.</param>
/// <param name="gate">The brake on deletions.</param>
/// <param name="repositories">Where an object is read again before its repository is deleted.</param>
/// <param name="limit">How many calls are under way at most.</param>
/// <param name="time">The clock of the proofs before deletions.</param>
/// <param name="fence">Whether this silo may write.</param>
/// <param name="metrics">Told of calls that wait for their turn.</param>
/// <param name="state">Why the provider cannot be used, for people; empty where it can.</param>
/// <param name="reconcile">Has the provider looked at again, because a call told something about it.</param>
internal sealed class ProviderCalls(
    IdentityProof proof,
    OptionalRead images,
    DeletionGate gate,
    ResourceStore<ECRRepository> repositories,
    int limit,
    TimeProvider time,
    WriteFence fence,
    GrainMetrics metrics,
    Func<string> state,
    Action reconcile)
{
    private static readonly TimeSpan LongestDeepPeriod = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _slots = new(limit);
    private long _deepReads;
    private long _deepCalls;

    /// <summary>How often what a sweep cannot see is compared, so that it takes no more calls than it may.</summary>
    /// <param name="repositories">How many repositories the provider has.</param>
    /// <param name="options">The bounds.</param>
    public TimeSpan DeepPeriod(int repositories, OperatorOptions options)
    {
        // Without experience one call each: whoever has no policy is asked about its images only.
        var callsEach = _deepReads == 0 ? 1 : (double)_deepCalls / _deepReads;
        var period = TimeSpan.FromSeconds(Math.Min(repositories * callsEach / options.DeepCallsPerSecond, LongestDeepPeriod.TotalSeconds));
        return period > options.ComparePeriod ? period : options.ComparePeriod;
    }

    /// <summary>Reads a repository.</summary>
    public async Task<Observation> ObserveAsync(ResourceKey dependent, ObserveRequest request, AwsPlace? place, CancellationToken cancellationToken)
    {
        using var slot = await TakeSlotAsync(cancellationToken);
        if (Refusal(nameof(IProviderGrain.Observe), place) is { } refusal)
        {
            return new() { Failure = refusal };
        }

        var counts = request.Images && images.IsWorthAsking(dependent);
        if (request.IsHint)
        {
            _deepReads++;
            _deepCalls += (request.LifecyclePolicy ? 1 : 0) + (request.RepositoryPolicy ? 1 : 0) + (counts ? 1 : 0) + (proof.Calls!.FindsTags ? 0 : 1);
        }

        var observation = await proof.Calls!.ObserveAsync(request with { Images = counts }, cancellationToken);
        Notice(observation.Failure);
        if (counts && observation.Repository is not null
            && images.Learn(dependent, request.RepositoryName, observation.PartialFailures.FirstOrDefault(failure => failure.Operation == "DescribeImages")))
        {
            reconcile();
        }

        return observation;
    }

    /// <summary>Takes a step of a lifecycle policy's preview.</summary>
    public async Task<PreviewAnswer> PreviewAsync(PreviewRequest request, AwsPlace? place, CancellationToken cancellationToken)
    {
        using var slot = await TakeSlotAsync(cancellationToken);
        if (Refusal(nameof(IProviderGrain.Preview), place) is { } refusal)
        {
            return new() { Failure = refusal };
        }

        var answer = await proof.Calls!.PreviewAsync(request, cancellationToken);
        Notice(answer.Failure);
        return answer;
    }

    /// <summary>Carries out one write; a deletion only behind its proof and the brake.</summary>
    public async Task<ActionOutcome> ExecuteAsync(ResourceKey dependent, string uid, EcrAction action, AwsPlace? place, CancellationToken cancellationToken)
    {
        using var slot = await TakeSlotAsync(cancellationToken);
        if (Refusal(action.GetType().Name, place) is { } refusal)
        {
            return new() { Failure = refusal };
        }

        if (fence.Refusal is { } closed)
        {
            return new() { Failure = new(FailureKind.ProviderNotUsable, action.GetType().Name, $"not called, because {closed}") };
        }

        var calls = proof.Calls!;
        var outcome = action is DeleteRepository delete
            ? await new GuardedDeletion(repositories, calls, (repository, token) => gate.AdmitAsync(dependent, repository, token), time).ExecuteAsync(dependent, uid, delete, cancellationToken)
            : await calls.ExecuteAsync(action, cancellationToken);
        Notice(outcome.Failure);
        return outcome;
    }

    /// <summary>The failure of a call that is not made because the provider cannot be used.</summary>
    public CallFailure NotUsable(string operation) =>
        new(FailureKind.ProviderNotUsable, operation, state() is { Length: > 0 } message ? message : "the provider is being made ready");

    // Between a repository's decision and its call, and while the call waits for its turn, the provider may have come to mean
    // another account or region, where the same name is another repository.
    private CallFailure? Refusal(string operation, AwsPlace? place) => proof.Calls is not { } calls ? NotUsable(operation)
        : place is null || place == calls.Place ? null
        : new(FailureKind.ProviderNotUsable, operation, $"not called, because it is meant for {place}, and the provider now acts in {calls.Place}");

    // The first authentication failure of a call is a reason to read the Secrets again now.
    private void Notice(CallFailure? failure)
    {
        if (failure?.Kind == FailureKind.CredentialsExpired && proof.Doubt())
        {
            reconcile();
        }
    }

    private async Task<Slot> TakeSlotAsync(CancellationToken cancellationToken)
    {
        metrics.BeginWait();
        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        finally
        {
            metrics.EndWait();
        }

        return new(_slots);
    }

    private readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
