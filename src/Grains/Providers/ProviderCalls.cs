using InfraOperator.Abstractions;
using InfraOperator.Grains.Fencing;
using InfraOperator.Grains.Pace;

namespace InfraOperator.Grains.Providers;

/// <summary>The calls that a provider makes for its repositories, at the pace that its account allows.</summary>
/// <param name="proof">The identity that calls.</param>
/// <param name="images">Whether counting images is worth a call.</param>
/// <param name="gate">The brake on deletions.</param>
/// <param name="repositories">Where an object is read again before its repository is deleted.</param>
/// <param name="time">The clock of the proofs before deletions.</param>
/// <param name="fence">Whether this silo may write.</param>
/// <param name="mayExecute">Whether the provider is let make a write now.</param>
/// <param name="serves">Whether a namespace may use the provider.</param>
/// <param name="state">Why a namespace cannot use the provider, for people; empty where it can.</param>
/// <param name="reconcile">Has the provider looked at again, because a call told something about it.</param>
internal sealed class ProviderCalls(
    IdentityProof proof,
    OptionalRead images,
    DeletionGate gate,
    ResourceStore<ECRRepository> repositories,
    TimeProvider time,
    WriteFence fence,
    Func<EcrAction, bool> mayExecute,
    Func<string, bool> serves,
    Func<string, string> state,
    Action reconcile)
{
    private static readonly TimeSpan LongestDeepPeriod = TimeSpan.FromDays(1);
    private static readonly TimeSpan AfterChange = TimeSpan.FromSeconds(1);

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
        if (Refusal(nameof(IProviderGrain.Observe), dependent, place) is { } refusal)
        {
            return new() { Failure = refusal };
        }

        var calls = proof.Calls!;
        using var entry = calls.Pace.Entrance.Enter(dependent, request.Priority, request.IsHint, request.Continues, isLook: true);
        if (entry.After is { } after)
        {
            return new() { Failure = Paced(nameof(IProviderGrain.Observe), after) };
        }

        var counts = request.Images && images.IsWorthAsking(dependent);
        if (request.IsHint)
        {
            _deepReads++;
            _deepCalls += (request.LifecyclePolicy ? 1 : 0) + (request.RepositoryPolicy ? 1 : 0) + (counts ? 1 : 0) + (calls.FindsTags ? 0 : 1);
        }

        var origin = new CallOrigin(dependent.Namespace, request.Priority) { LastCheck = operation => Refusal(operation, dependent, place) ?? Change(operation, calls, request.Continues) };
        var observation = await calls.ObserveAsync(request with { Images = counts }, origin, cancellationToken);
        Notice(observation.Failure);
        if (counts && observation.Repository is not null
            && images.Learn(dependent, request.RepositoryName, observation.PartialFailures.FirstOrDefault(failure => failure.Operation == "DescribeImages")))
        {
            reconcile();
        }

        return observation;
    }

    /// <summary>Takes a step of a lifecycle policy's preview.</summary>
    public async Task<PreviewAnswer> PreviewAsync(ResourceKey dependent, PreviewRequest request, AwsPlace? place, CancellationToken cancellationToken)
    {
        if (Refusal(nameof(IProviderGrain.Preview), dependent, place) is { } refusal)
        {
            return new() { Failure = refusal };
        }

        var calls = proof.Calls!;
        var origin = new CallOrigin(dependent.Namespace, CallPriority.User) { LastCheck = operation => Refusal(operation, dependent, place) ?? Change(operation, calls, continues: true) };
        var answer = await calls.PreviewAsync(request, origin, cancellationToken);
        Notice(answer.Failure);
        return answer;
    }

    /// <summary>Carries out one write; a deletion only behind its proof and the brake.</summary>
    public async Task<ActionOutcome> ExecuteAsync(ResourceKey dependent, string uid, EcrAction action, AwsPlace? place, CallPriority priority, bool continues, CancellationToken cancellationToken)
    {
        if ((Refusal(action.GetType().Name, dependent, place) ?? Prohibition(action.GetType().Name)) is { } refusal)
        {
            return new() { Failure = refusal };
        }

        var calls = proof.Calls!;
        using var entry = calls.Pace.Entrance.Enter(dependent, priority, continues: continues);
        if (entry.After is { } after)
        {
            return new() { Failure = Paced(action.GetType().Name, after) };
        }

        var origin = new CallOrigin(dependent.Namespace, priority) { LastCheck = operation => Refusal(operation, dependent, place) ?? Change(operation, calls, continues) ?? Prohibition(operation) };
        var outcome = action is DeleteRepository delete
            ? await new GuardedDeletion(repositories, calls, (repository, token) => gate.AdmitAsync(dependent, repository, token), time).ExecuteAsync(dependent, uid, delete, origin, cancellationToken)
            : await calls.ExecuteAsync(action, origin, cancellationToken);
        Notice(outcome.Failure);
        return outcome;

        CallFailure? Prohibition(string operation) => !mayExecute(action) ? NotUsable(operation, dependent)
            : fence.Refusal is { } closed ? new(FailureKind.ProviderNotUsable, operation, $"not called, because {closed}")
            : null;
    }

    /// <summary>The failure of a call that is not made because the provider cannot be used.</summary>
    public CallFailure NotUsable(string operation, ResourceKey dependent) =>
        new(FailureKind.ProviderNotUsable, operation, state(dependent.Namespace) is { Length: > 0 } message ? message : "the provider is being made ready");

    // Between a repository's decision and its call, and while the call waits for its turn, the provider may have come to serve others only, or to
    // mean another account or region, where the same name is another repository.
    private CallFailure? Refusal(string operation, ResourceKey dependent, AwsPlace? place) => proof.Calls is not { } calls || !serves(dependent.Namespace) ? NotUsable(operation, dependent)
        : place is null || place == calls.Place ? null
        : new(FailureKind.ProviderNotUsable, operation, $"not called, because it is meant for {place}, and the provider now acts in {calls.Place}");

    // What waited goes as the identity that is meant now, or not at all.
    private CallFailure? Change(string operation, EcrCalls calls, bool continues) =>
        proof.Calls is { } current && current.Place == calls.Place && current.Identity == calls.Identity ? null
        : continues ? new(FailureKind.ProviderNotUsable, operation, "not called, because the provider came to mean another identity meanwhile")
        : Paced(operation, AfterChange);

    // The first authentication failure of a call is a reason to read the Secrets again now.
    private void Notice(CallFailure? failure)
    {
        if (failure?.Kind == FailureKind.CredentialsExpired && proof.Doubt())
        {
            reconcile();
        }
    }

    private static CallFailure Paced(string operation, TimeSpan after) =>
        new(FailureKind.Paced, operation, $"not called, because many wait for their turn; asked again in {after.TotalSeconds:0} seconds", After: after);
}
