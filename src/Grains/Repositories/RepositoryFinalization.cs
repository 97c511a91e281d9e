using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tenants;
using Microsoft.Extensions.Logging;

namespace InfraOperator.Grains.Repositories;

/// <summary>Writes a status for what was found out and says when to look again.</summary>
internal delegate Task<ReconcileResult> Tell(ResourceKey key, ReconcileFindings findings, CancellationToken cancellationToken);

/// <summary>What an object's deletion comes to: the repository deleted, released or left, then our finalizer gone.</summary>
internal sealed partial class RepositoryFinalization(ResourceStore<ECRRepository> store, RepositoryEvents events, OperatorOptions options, TimeProvider time, ILogger logger)
{
    // Releasing a retained repository is a courtesy to whoever takes it next, and must not hold up the object longer than its turn takes.
    private static readonly TimeSpan ReleaseDeadline = TimeSpan.FromSeconds(5);

    // A proof that no longer held is no sign of trouble, so there is nothing to back off from: the next look may find it fresh.
    private static readonly TimeSpan ProofAgain = TimeSpan.FromSeconds(1);

    public async Task<ReconcileResult> RunAsync(ResourceKey key, ECRRepository repository, IProviderGrain? provider, CallPriority priority, Tell tell, CancellationToken cancellationToken)
    {
        var owned = Owned.From(repository.Status);
        var place = AwsPlace.Of(owned.Arn);
        var desired = DesiredRepository.From(repository, key, ImmutableSortedDictionary<string, string>.Empty);
        var needsAws = !desired.ObserveOnly && desired.DeletionPolicy == DeletionPolicy.Delete;
        var releases = !desired.ObserveOnly && desired.DeletionPolicy == DeletionPolicy.Retain;

        Sight sight = new Sight.Unseen();
        if (needsAws)
        {
            var look = provider is null
                ? Look.Prevented(RepositoryReconciler.NoProvider(repository))
                : await LookAsync(key, desired, provider, owned, place, priority, cancellationToken);
            if (look.PacedFor is { } after)
            {
                return new ReconcileResult.Paced(after);
            }

            if (look.Problem is { } problem)
            {
                return await HoldAsync(problem);
            }

            sight = look.Sight;
            desired = desired with { Rules = options.Ownership(look.UsesOwnerTag) };
        }
        else if (releases && provider is not null)
        {
            var look = await TryLookAsync(key, desired, provider, owned, place, priority, cancellationToken);
            if (look.PacedFor is { } after)
            {
                return new ReconcileResult.Paced(after);
            }

            sight = look.Sight;
        }

        var plan = Planner.Plan(desired, sight, owned, time.GetUtcNow());
        if (plan.Removal == Removal.Wait)
        {
            return await HoldAsync(Problem.From(plan.Findings[0]));
        }

        foreach (var action in plan.Actions)
        {
            var failure = await ExecuteAsync(key, repository.Metadata.Uid, provider!, place, action, priority, continues: action != plan.Actions[0], regardless: plan.Removal == Removal.Regardless, cancellationToken);
            if (failure is { Kind: FailureKind.Paced } paced)
            {
                return new ReconcileResult.Paced(paced.After);
            }

            if (failure is not null && plan.Removal == Removal.AfterActions)
            {
                var told = await HoldAsync(await ExplainAsync(failure, action));
                return failure.Kind == FailureKind.ProofFailed && told is ReconcileResult.Retry retry ? retry with { After = ProofAgain } : told;
            }
        }

        await events.RemovedAsync(repository, desired, plan, cancellationToken);
        var released = await store.RemoveFinalizerAsync(repository, cancellationToken);
        LogFinalized(logger, key, desired.DeletionPolicy, plan.Actions.Length);
        return new ReconcileResult.Idle { Latest = released };

        Task<ReconcileResult> HoldAsync(Problem problem) =>
            tell(key, new() { Repository = repository, Owned = owned, Problems = [problem], Observed = (sight as Sight.Present)?.Repository, Relation = Relation.Ours }, cancellationToken);

        async Task<Problem> ExplainAsync(CallFailure failure, EcrAction action)
        {
            if (failure.Kind != FailureKind.RepositoryNotEmpty || action is not DeleteRepository)
            {
                return Problem.From(failure, action);
            }

            var observation = await provider!.Observe(key, new(desired.RepositoryName, false, false, Images: true, Priority: priority, Continues: true), place, cancellationToken);
            var count = observation.Repository?.Images is { } images ? $"{(images.IsAtLeast ? "at least " : "")}{images.Count}" : "an unknown number of";
            sight = observation.Repository is { } seen ? new Sight.Present(seen) : sight;
            return Problem.From(failure, action) with { Message = $"repository '{desired.RepositoryName}' holds {count} images and is not deleted with them; delete the images, or set forceDelete to true, or deletionPolicy to Retain" };
        }
    }

    private async Task<Look> LookAsync(ResourceKey key, DesiredRepository desired, IProviderGrain provider, Owned owned, AwsPlace? place, CallPriority priority, CancellationToken cancellationToken)
    {
        var view = await provider.Resolve(key, null).WaitAsync(cancellationToken);
        if (view.State is ProviderState.NotFound or ProviderState.NotAllowed)
        {
            return Look.Prevented(Problem.From(view));
        }

        if (place is not null && (place.Region != view.Region || (view.AccountId is not null && place.AccountId != view.AccountId)))
        {
            return Look.Prevented(new(Reasons.ProviderNotAllowed, $"the repository is '{owned.Arn}', and the provider acts in account {view.AccountId}, region {view.Region}", Mend.Person, Bearing.OnKnowledge));
        }

        // What an object holds on record it may delete, though a tenancy rule has come to exclude it since.
        var tenancy = Tenancy.Of(key.Namespace, options);
        if (owned is { Arn: null, Origin: null } && (tenancy.RefusalOfRepository(desired.RepositoryName) ?? tenancy.RefusalOf(view.Place)) is { } refusal)
        {
            return Look.Prevented(refusal);
        }

        // A provider that is not ready may still hold keys that AWS accepts: asking is the only way to know.
        var observation = await provider.Observe(key, new(desired.RepositoryName, false, false, Images: false, Priority: priority), place, cancellationToken);
        if (observation.Failure is { Kind: FailureKind.Paced } paced)
        {
            return new(new Sight.Unseen(), null, false, paced.After);
        }

        return observation.Failure is { } failure
            ? Look.Prevented(failure.Kind == FailureKind.ProviderNotUsable && view.State != ProviderState.Ready ? Problem.From(view) : Problem.From(failure))
            : new(observation.Repository is { } repository ? new Sight.Present(repository) : new Sight.Absent(), null, !view.OmitsOwnerTag);
    }

    private async Task<Look> TryLookAsync(ResourceKey key, DesiredRepository desired, IProviderGrain provider, Owned owned, AwsPlace? place, CallPriority priority, CancellationToken cancellationToken)
    {
        try
        {
            return await LookAsync(key, desired, provider, owned, place, priority, cancellationToken).WaitAsync(ReleaseDeadline + options.MaxPaceWait, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            LogNotReleased(logger, exception, key);
            return new(new Sight.Unseen(), null, false);
        }
    }

    private async Task<CallFailure?> ExecuteAsync(ResourceKey key, string uid, IProviderGrain provider, AwsPlace? place, EcrAction action, CallPriority priority, bool continues, bool regardless, CancellationToken cancellationToken)
    {
        if (!regardless)
        {
            return (await provider.Execute(key, uid, action, place, priority, continues, cancellationToken)).Failure;
        }

        // What is given up must not arrive later all the same: by then the name may be another object's.
        using var release = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return (await provider.Execute(key, uid, action, place, priority, continues, release.Token).WaitAsync(ReleaseDeadline + options.MaxPaceWait, time, cancellationToken)).Failure;
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            await release.CancelAsync();
            LogNotReleased(logger, exception, key);
            return null;
        }
    }

    /// <summary>What AWS showed, or why it could not be asked, or in what time to ask.</summary>
    private sealed record Look(Sight Sight, Problem? Problem, bool UsesOwnerTag, TimeSpan? PacedFor = null)
    {
        public static Look Prevented(Problem problem) =>
            new(new Sight.Unseen(), problem with { Message = $"{problem.Message}. To delete the object and leave the repository as it is, set deletionPolicy to Orphan" }, false);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Finalized ecrrepository {Repository}: deletionPolicy {Policy}, {Actions} AWS writes")]
    private static partial void LogFinalized(ILogger logger, ResourceKey repository, DeletionPolicy? policy, int actions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The repository of ecrrepository {Repository} was left without saying so in its owner tag")]
    private static partial void LogNotReleased(ILogger logger, Exception exception, ResourceKey repository);
}
