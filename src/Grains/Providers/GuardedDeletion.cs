using InfraOperator.Abstractions;
using InfraOperator.Grains.Pace;
using InfraOperator.Kubernetes;

namespace InfraOperator.Grains.Providers;

/// <summary>
/// DeleteRepository behind a fresh proof: the object, read again from the API server, still wants it; the repository, read
/// again from AWS, is still the object's. The proof is good for two seconds, and its age is looked at last of all, so the turns of its
/// calls are taken before it begins; where AWS throttles one, it begins anew. The call goes out without force first: AWS's own answer
/// tells which repositories hold images, and for those the brake is asked.
/// </summary>
/// <param name="repositories">Where the object is read.</param>
/// <param name="calls">Where the repository is read and deleted.</param>
/// <param name="admit">Asks the brake about an object; gives the failure where its deletion is held.</param>
/// <param name="time">The clock of the proof.</param>
internal sealed class GuardedDeletion(ResourceStore<ECRRepository> repositories, EcrCalls calls, Func<ECRRepository, CancellationToken, Task<CallFailure?>> admit, TimeProvider time)
{
    /// <summary>How long a proof is good, by the monotonic clock.</summary>
    public static readonly TimeSpan ProofLifetime = TimeSpan.FromSeconds(2);

    public async Task<ActionOutcome> ExecuteAsync(ResourceKey key, string uid, DeleteRepository delete, CallOrigin origin, CancellationToken cancellationToken)
    {
        OperationClass[] classes = delete.Force ? [OperationClass.List, OperationClass.Read, OperationClass.Write, OperationClass.Write] : [OperationClass.List, OperationClass.Read, OperationClass.Write];
        for (var attempt = 1; ; attempt++)
        {
            using (var turns = await calls.Pace.ReserveAsync(classes, origin, cancellationToken))
            {
                var outcome = await ProveAndDeleteAsync(key, uid, delete, new(origin.Namespace, origin.Priority) { LastCheck = origin.LastCheck, Reserved = turns }, cancellationToken);
                if (outcome.Failure?.Kind != FailureKind.Throttled || attempt == EcrCalls.Attempts)
                {
                    return outcome;
                }
            }

            await calls.PauseAsync(attempt, cancellationToken);
        }
    }

    private async Task<ActionOutcome> ProveAndDeleteAsync(ResourceKey key, string uid, DeleteRepository delete, CallOrigin origin, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        ECRRepository? repository;
        try
        {
            repository = await repositories.FindAsync(key, cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            return new() { Failure = new(FailureKind.Unavailable, nameof(DeleteRepository), $"not called, because the object could not be read again ({exception.Message}); looking again") };
        }

        if (ObjectProblem(repository, uid, delete) is { } problem)
        {
            return Failed(problem);
        }

        var observation = await calls.ObserveAsync(new(delete.RepositoryName, LifecyclePolicy: false, RepositoryPolicy: false, Images: false), origin, cancellationToken);
        if (observation.Failure is { } failure)
        {
            return new() { Failure = failure };
        }

        if (RepositoryProblem(observation.Repository, delete) is { } difference)
        {
            return Failed(difference);
        }

        if (IsStale())
        {
            return Stale();
        }

        // What this look missed may be there all the same, or be there by the time of the call and then be somebody else's:
        // without force an empty repository is the most that can be hit.
        var gentle = await calls.ExecuteAsync(delete with { Force = false }, origin, cancellationToken);
        if (gentle.Failure?.Kind != FailureKind.RepositoryNotEmpty || !delete.Force || observation.Repository is null)
        {
            return gentle;
        }

        if (IsStale())
        {
            return Stale();
        }

        if (await admit(repository!, cancellationToken) is { } held)
        {
            return new() { Failure = held };
        }

        return IsStale() ? Stale() : await calls.ExecuteAsync(delete, origin, cancellationToken);

        bool IsStale() => time.GetElapsedTime(started) > ProofLifetime;
    }

    private static ActionOutcome Stale() => Failed($"the proof took longer than {ProofLifetime.TotalSeconds:0} seconds");

    private static string? ObjectProblem(ECRRepository? repository, string uid, DeleteRepository delete) => repository switch
    {
        null => "the object is gone",
        { Metadata: var metadata } when metadata.Uid != uid => "the object was made anew",
        { Metadata.IsDeleting: false } => "the object is not being deleted",
        { Metadata.IsPaused: true } => "the object is paused",
        { Metadata.HasFinalizer: false } => "the object no longer bears the finalizer",
        { Spec: var spec } when Planning.DesiredRepository.OnlyObserves(spec) => $"the object's managementPolicy is {spec.ManagementPolicy}",
        { Spec: var spec } when spec.DeletionPolicy is not (null or nameof(Planning.DeletionPolicy.Delete)) => $"the object's deletionPolicy is {spec.DeletionPolicy}",
        { Spec: var spec } when spec.RepositoryName != delete.RepositoryName => "the object names another repository",
        { Spec: { ForceDelete: false } } when delete.Force => "the object's forceDelete is false",
        _ => null,
    };

    private static string? RepositoryProblem(ObservedRepository? repository, DeleteRepository delete) => repository switch
    {
        // Gone already, or not yet visible: the call itself will tell.
        null => null,
        _ when delete.CreationDate is null => "the repository has become visible",
        _ when repository.Arn != delete.RepositoryArn => "the repository has another ARN",
        _ when repository.CreationDate != delete.CreationDate => "the repository was made anew",
        { Tags: null } when delete.OwnerTag is not null => "the repository's tags cannot be read",
        _ when repository.Tags?.GetValueOrDefault(ApiNames.OwnerTag) != delete.OwnerTag => "the repository's owner tag changed",
        _ => null,
    };

    private static ActionOutcome Failed(string problem) =>
        new() { Failure = new(FailureKind.ProofFailed, nameof(DeleteRepository), $"not called, because {problem}; looking again") };
}
