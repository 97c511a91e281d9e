using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tenants;
using InfraOperator.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace InfraOperator.Grains.Repositories;

/// <summary>
/// The reconcile of one repository, top to bottom: resolve the provider, look, plan, write, tell. It keeps nothing between
/// two runs; what has to be remembered is in the object's status.
/// </summary>
internal sealed partial class RepositoryReconciler(
    ResourceStore<ECRRepository> store,
    RepositoryEvents events,
    Neighbourhood neighbourhood,
    IGrainFactory grains,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<RepositoryReconciler> logger)
{
    /// <summary>Brings AWS to what the object says, or finds out why that cannot be, and says so in the status.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="repository">The newest version of the object.</param>
    /// <param name="memory">What is remembered of the provider.</param>
    /// <param name="occasion">Why.</param>
    /// <param name="cancellationToken">Ends the reconcile.</param>
    public async Task<ReconcileResult> ReconcileAsync(ResourceKey key, ECRRepository repository, ProviderMemory memory, CallPriority occasion, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        ReconcileResult result;
        try
        {
            result = await RunAsync(key, repository, memory, occasion, cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            result = await AfterKubernetesFailureAsync(key, repository, exception, cancellationToken);
        }

        LogReconciled(logger, key, result.GetType().Name, time.GetElapsedTime(started).TotalMilliseconds);
        return result;
    }

    /// <summary>The provider that an object names; null where no object can have such a name.</summary>
    public IProviderGrain? ProviderOf(ResourceKey key, ECRRepository repository) => ProviderOf(grains, key, repository);

    /// <inheritdoc cref="ProviderOf(ResourceKey, ECRRepository)"/>
    internal static IProviderGrain? ProviderOf(IGrainFactory grains, ResourceKey key, ECRRepository repository)
    {
        var reference = repository.Spec.ProviderRef;
        var ns = reference.Namespace is { Length: > 0 } named ? named : key.Namespace;
        return KubernetesNames.IsPossible(reference.Name) && KubernetesNames.IsPossible(ns)
            ? grains.GetGrain<IProviderGrain>(new ResourceKey(key.Cluster, ns, reference.Name).ToString())
            : null;
    }

    private async Task<ReconcileResult> RunAsync(ResourceKey key, ECRRepository repository, ProviderMemory memory, CallPriority occasion, CancellationToken cancellationToken)
    {
        var metadata = repository.Metadata;
        if (repository.Malformed is { } malformed)
        {
            return await TellMalformedAsync(key, repository, malformed, cancellationToken);
        }

        if (metadata.IsDeleting && !metadata.HasFinalizer)
        {
            return new ReconcileResult.Idle();
        }

        if (metadata.IsPaused)
        {
            return await PauseAsync(key, repository, cancellationToken);
        }

        if (metadata.IsDeleting)
        {
            return await new RepositoryFinalization(store, events, options.Value, time, logger).RunAsync(key, repository, ProviderOf(key, repository), occasion, TellAsync, cancellationToken);
        }

        return await SyncAsync(key, repository, memory, occasion, cancellationToken);
    }

    /// <summary>Says whether an object that was in order still is, going by what a sweep saw. Asks nobody.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="repository">The newest version of the object.</param>
    /// <param name="swept">What was seen.</param>
    public bool Holds(ResourceKey key, ECRRepository repository, SweptRepository swept)
    {
        var (owned, view) = (Owned.From(repository.Status), swept.Provider);
        if (ProblemOf(key, owned, view) is not null || IsOutOfBounds(key, repository) || ProviderOf(key, repository) is not { } provider)
        {
            return false;
        }

        var desired = DesiredRepository.From(repository, key, view.DefaultTags, options.Value.Ownership(!view.OmitsOwnerTag));
        var work = new RepositoryWork(key, repository.Metadata.Uid, provider, view.Place, desired, owned, CallPriority.Sweep, time);
        work.Take(swept.Repository);
        if (!work.Plan().IsNothing)
        {
            return false;
        }

        work.Confirm();
        var before = repository.Status!;
        var told = RepositoryStatus.Build(work.ToFindings(repository), time.GetUtcNow(), options.Value.HeartbeatPeriod);

        // The message may speak of the images, which no sweep sees.
        return JsonNode.DeepEquals(ResourceJson.ToJson(told with { LastSyncTime = before.LastSyncTime, Message = before.Message }), ResourceJson.ToJson(before));
    }

    private async Task<ReconcileResult> PauseAsync(ResourceKey key, ECRRepository repository, CancellationToken cancellationToken)
    {
        // What was in order is so as far as anybody knows; what was not stays as it is until a person lets it go on.
        var mend = IsInOrder(repository) ? Mend.Nobody : Mend.Person;
        var paused = new Problem(Reasons.Paused, $"nothing is done while the annotation {ApiNames.PausedAnnotation} is 'true'; take it off to go on", mend, Bearing.OnKnowledge);
        var findings = new ReconcileFindings { Repository = repository, Owned = Owned.From(repository.Status), Problems = [paused] };

        // A policy that is to be tried before it is applied waits in the spec of a paused object, and trying it changes nothing.
        var previews = repository.AwaitsPreview && !repository.Metadata.IsDeleting;
        if (previews)
        {
            findings = findings with { LifecyclePreview = await PreviewAsync(key, repository, cancellationToken) };
        }

        var told = await TellAsync(key, findings, cancellationToken);
        return previews && told.Latest is { AwaitsPreview: true } ? told : new ReconcileResult.Idle { Latest = told.Latest };
    }

    private async Task<LifecyclePreviewStatus?> PreviewAsync(ResourceKey key, ECRRepository repository, CancellationToken cancellationToken)
    {
        var owned = Owned.From(repository.Status);
        if (Tenancy.Of(key.Namespace, options.Value).RefusalOfRepository(repository.Spec.RepositoryName) is { } refusal)
        {
            return LifecyclePreviews.Waiting(repository, refusal.Message);
        }

        if (ProviderOf(key, repository) is not { } provider)
        {
            return LifecyclePreviews.Waiting(repository, NoProvider(repository).Message);
        }

        var view = await provider.Resolve(key, repository.Spec.RepositoryName).WaitAsync(cancellationToken);
        if ((ProblemOf(key, owned, view) ?? await OneTooManyAsync(key, repository, owned, cancellationToken)) is { } problem)
        {
            return LifecyclePreviews.Waiting(repository, problem.Message);
        }

        var desired = DesiredRepository.From(repository, key, view.DefaultTags, options.Value.Ownership(!view.OmitsOwnerTag));
        var work = new RepositoryWork(key, repository.Metadata.Uid, provider, view.Place, desired, owned, CallPriority.User, time);
        if (await work.LookAsync(asHint: false, cancellationToken, continues: true))
        {
            work.Plan();
        }

        return await LifecyclePreviews.AdvanceAsync(key, desired, work.ToFindings(repository), provider, cancellationToken);
    }

    private async Task<ReconcileResult> SyncAsync(ResourceKey key, ECRRepository repository, ProviderMemory memory, CallPriority occasion, CancellationToken cancellationToken)
    {
        if (DesiredRepository.OnlyObserves(repository.Spec))
        {
            // Whoever only looks has nothing to do at its end, whatever it held before.
            repository = Patched(repository, await store.RemoveFinalizerAsync(repository, cancellationToken));
        }

        var owned = Owned.From(repository.Status);
        if (Tenancy.Of(key.Namespace, options.Value).RefusalOfRepository(repository.Spec.RepositoryName) is { } refusal)
        {
            return await TellUnaskedAsync(refusal);
        }

        if (ProviderOf(key, repository) is not { } provider)
        {
            return await TellUnaskedAsync(NoProvider(repository));
        }

        var view = await provider.Resolve(key, repository.Spec.RepositoryName).WaitAsync(cancellationToken);
        (memory.Seen, memory.DeepPeriod) = (view.Version, view.DeepPeriod);
        if ((ProblemOf(key, owned, view) ?? await OneTooManyAsync(key, repository, owned, cancellationToken)) is { } problem)
        {
            return await TellUnaskedAsync(problem);
        }

        var desired = DesiredRepository.From(repository, key, view.DefaultTags, options.Value.Ownership(!view.OmitsOwnerTag));
        var work = new RepositoryWork(key, repository.Metadata.Uid, provider, view.Place, desired, owned, occasion, time);

        // A new object's repository is made without asking first. That saves a call, and AWS's answer tells if there is one already.
        if (owned.Arn is not null || desired.ObserveOnly || desired.AdoptionPolicy == AdoptionPolicy.Adopt || !await TryCreateAsync())
        {
            // A comparison that finds nothing to do may go by what lags. Whatever else it finds is looked at again before anything is done.
            var mayLag = occasion == CallPriority.Sweep;
            var looked = await work.LookAsync(asHint: mayLag, cancellationToken);
            if (looked && mayLag && !work.Plan().IsNothing)
            {
                looked = await work.LookAsync(asHint: false, cancellationToken);
            }

            if (looked)
            {
                await PlanAndApplyAsync();
            }
        }

        if (work.PacedFor is { } after)
        {
            return new ReconcileResult.Paced(after) { Latest = repository };
        }

        await events.WorkDoneAsync(repository, work, isDrift: work.IsDriftCorrection && !memory.HasChanged, cancellationToken);
        var findings = work.ToFindings(repository);
        return await TellAsync(key, findings with { LifecyclePreview = await LifecyclePreviews.AdvanceAsync(key, desired, findings, provider, cancellationToken) }, cancellationToken);

        Task<ReconcileResult> TellUnaskedAsync(Problem why) => TellAsync(
            key,
            new() { Repository = repository, Owned = owned, Problems = [why], LifecyclePreview = LifecyclePreviews.Waiting(repository, why.Message) },
            cancellationToken);

        async Task<bool> TryCreateAsync()
        {
            await PlanAndApplyAsync();
            return !work.MustLook;
        }

        async Task PlanAndApplyAsync()
        {
            var plan = work.Plan();
            if (plan.AsksForNeighbours)
            {
                plan = work.Plan(await neighbourhood.FindAsync(key, provider, work.Seen!, desired.RepositoryName, cancellationToken));
            }

            if (plan.Rival is { } rival)
            {
                // Its end is this object's turn.
                grains.GetGrain<IRepositoryGrain>(rival.ToString()).Follow(key).Ignore();
            }

            if (!plan.Actions.IsEmpty || plan.Relation == Relation.Ours)
            {
                repository = Patched(repository, await store.AddFinalizerAsync(repository, cancellationToken));
                if (plan.Takes)
                {
                    repository = Patched(repository, await RecordAsync(repository, desired, plan, work.Seen!, cancellationToken));
                }
            }

            await work.ApplyAsync(plan, cancellationToken);
        }
    }

    // How we come by a repository is on record before it is ours: an adopted repository's images are not deleted with the object,
    // and after a crash the owner tag alone could not tell. Without owner tags the record is all there is.
    private async Task<ECRRepository> RecordAsync(ECRRepository repository, DesiredRepository desired, Plan plan, ObservedRepository seen, CancellationToken cancellationToken)
    {
        var before = repository.Status ?? new();
        var record = !desired.Rules.UsesOwnerTag ? before with { Origin = plan.Origin, RepositoryArn = seen.Arn, CreationDate = seen.CreationDate, Owned = null }
            : before.Origin is null ? before with { Origin = plan.Origin }
            : before;
        return await store.WriteStatusAsync(repository, ResourceJson.ToJson(record), cancellationToken);
    }

    private async Task<ReconcileResult> TellAsync(ResourceKey key, ReconcileFindings findings, CancellationToken cancellationToken)
    {
        var repository = findings.Repository;
        var status = RepositoryStatus.Build(findings, time.GetUtcNow(), options.Value.HeartbeatPeriod);
        var written = await store.WriteStatusAsync(repository, ResourceJson.ToJson(status), cancellationToken);
        await events.TransitionAsync(repository, status, findings.Problems, cancellationToken);
        await events.PreviewedAsync(repository, status.LifecyclePreview, cancellationToken);
        foreach (var problem in findings.Problems)
        {
            LogProblem(logger, key, problem.Reason, problem.Message);
        }

        var awaitsPreview = written is { AwaitsPreview: true, Metadata.IsDeleting: false };
        return findings.Problems.IsEmpty
            ? new ReconcileResult.InSync(awaitsPreview) { Latest = written }
            : new ReconcileResult.Retry(awaitsPreview || findings.Problems.Any(problem => problem.Mend == Mend.Time) ? Mend.Time : Mend.Person) { Latest = written };
    }

    private async Task<ReconcileResult> TellMalformedAsync(ResourceKey key, ECRRepository repository, string error, CancellationToken cancellationToken)
    {
        // The rest of the status could not be read either, so only these fields are written; what is owned stays on record.
        var problem = new Problem(Reasons.InvalidSpec, $"the object cannot be read: {error}", Mend.Person, Bearing.OnField);
        var status = RepositoryStatus.Build(new() { Repository = repository, Problems = [problem] }, time.GetUtcNow(), options.Value.HeartbeatPeriod);
        var fields = new ECRRepositoryStatus { Conditions = status.Conditions, Message = status.Message };
        LogProblem(logger, key, problem.Reason, problem.Message);
        try
        {
            await store.WriteStatusFieldsAsync(repository, ResourceJson.ToJson(fields), cancellationToken);
            return new ReconcileResult.Idle();
        }
        catch (KubernetesApiException exception) when (exception.Failure == KubernetesFailure.NotFound)
        {
            return new ReconcileResult.Gone();
        }
        catch (KubernetesApiException exception)
        {
            LogKubernetes(logger, exception, key);
            return new ReconcileResult.Retry(Mend.Person, exception.RetryAfter);
        }
    }

    private async Task<ReconcileResult> AfterKubernetesFailureAsync(ResourceKey key, ECRRepository repository, KubernetesApiException exception, CancellationToken cancellationToken)
    {
        switch (exception.Failure)
        {
            case KubernetesFailure.NotFound:
                return new ReconcileResult.Gone();

            case KubernetesFailure.Conflict or KubernetesFailure.PreconditionFailed:
                return await ReadAgainAsync(key, cancellationToken);

            case KubernetesFailure.NamespaceTerminating:
                return new ReconcileResult.Idle();

            case KubernetesFailure.Forbidden or KubernetesFailure.Invalid:
                LogKubernetes(logger, exception, key);
                return await TryTellAsync(key, new() { Repository = repository, Owned = Owned.From(repository.Status), Problems = [Problem.From(exception)] }, cancellationToken);

            default:
                LogKubernetes(logger, exception, key);
                return new ReconcileResult.Retry(Mend.Time, exception.RetryAfter);
        }
    }

    private async Task<ReconcileResult> ReadAgainAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindAsync(key, cancellationToken) is { } fresh
                ? new ReconcileResult.Again { Latest = fresh }
                : new ReconcileResult.Gone();
        }
        catch (KubernetesApiException exception)
        {
            LogKubernetes(logger, exception, key);
            return new ReconcileResult.Retry(Mend.Time, exception.RetryAfter);
        }
    }

    // What Kubernetes refuses may be the status itself; then the log is all there is.
    private async Task<ReconcileResult> TryTellAsync(ResourceKey key, ReconcileFindings findings, CancellationToken cancellationToken)
    {
        try
        {
            return await TellAsync(key, findings, cancellationToken);
        }
        catch (KubernetesApiException exception)
        {
            LogKubernetes(logger, exception, key);
            return new ReconcileResult.Retry(Mend.Person, exception.RetryAfter);
        }
    }

    // The answer to a patch may hold a later edit. That is for the next pass: this one speaks of the spec that it planned by.
    private static ECRRepository Patched(ECRRepository planned, ECRRepository answer) =>
        planned with { Metadata = planned.Metadata with { Finalizers = answer.Metadata.Finalizers }, Status = answer.Status };

    private static bool IsInOrder(ECRRepository repository) =>
        repository.Status is { Ready: true } status
        && status.ObservedGeneration == repository.Metadata.Generation
        && status.Condition(ConditionTypes.Stalled) is null
        && status.Condition(ConditionTypes.Reconciling) is null;

    [LoggerMessage(Level = LogLevel.Information, Message = "Reconciled ecrrepository {Repository}: {Outcome} in {Milliseconds:0} ms")]
    private static partial void LogReconciled(ILogger logger, ResourceKey repository, string outcome, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ecrrepository {Repository} does not hold: {Reason}: {Problem}")]
    private static partial void LogProblem(ILogger logger, ResourceKey repository, string reason, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kubernetes API failed the reconcile of ecrrepository {Repository}")]
    private static partial void LogKubernetes(ILogger logger, Exception exception, ResourceKey repository);
}
