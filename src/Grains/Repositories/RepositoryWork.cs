using System.Collections.Immutable;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Repositories;

/// <summary>One pass over one repository: what was seen, planned, written, and what went wrong.</summary>
internal sealed class RepositoryWork(ResourceKey key, string uid, IProviderGrain provider, AwsPlace? place, DesiredRepository desired, Owned owned, CallPriority priority, TimeProvider time)
{
    private readonly ImmutableArray<Problem>.Builder _problems = ImmutableArray.CreateBuilder<Problem>();
    private readonly ImmutableArray<EcrAction>.Builder _done = ImmutableArray.CreateBuilder<EcrAction>();
    private Sight _sight = new Sight.Unseen();
    private Owned _owned = owned;
    private Plan _plan = new();
    private ImmutableArray<CallFailure> _unread = [];
    private bool _failed;

    /// <summary>Whether the create call's answer says that AWS has to be asked what there is.</summary>
    public bool MustLook { get; private set; }

    /// <summary>In what time to begin the pass again, where its calls cannot have their turns soon and nothing was written; null otherwise.</summary>
    public TimeSpan? PacedFor { get; private set; }

    /// <summary>The writes that AWS confirmed.</summary>
    public ImmutableArray<EcrAction> Done => _done.ToImmutable();

    /// <summary>Whether the writes mend what changed in AWS, not what changed in the spec.</summary>
    public bool IsDriftCorrection => !_plan.Drift.IsEmpty;

    /// <summary>The plan that was carried out.</summary>
    public Plan Current => _plan;

    /// <summary>Reads the repository. What cannot be read becomes a problem.</summary>
    /// <param name="asHint">Whether what is read only tells if there is anything to do.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="continues">Whether the pass is not to be begun again, however many wait.</param>
    /// <returns>Whether a plan can be made of what was seen.</returns>
    public async Task<bool> LookAsync(bool asHint, CancellationToken cancellationToken, bool continues = false)
    {
        continues |= MustLook;
        MustLook = false;
        var observation = await CallAsync("Observe", () => provider.Observe(
            key,
            new(
                desired.RepositoryName,
                LifecyclePolicy: !desired.ObserveOnly && (desired.LifecyclePolicyText is not null || _owned.LifecyclePolicy is not null),
                RepositoryPolicy: !desired.ObserveOnly && (desired.RepositoryPolicyText is not null || _owned.RepositoryPolicy is not null),
                Images: true,
                IsHint: asHint,
                Priority: priority,
                Continues: continues),
            place,
            cancellationToken), failure => new Observation { Failure = failure });
        if (IsPaced(observation.Failure))
        {
            return false;
        }

        if (observation.Failure is { } failure)
        {
            _failed = true;
            _problems.Add(Problem.From(failure));
            return false;
        }

        // Counting images is a courtesy: that a role may not is told on the provider, once for all its repositories.
        _unread = [.. observation.PartialFailures.Where(partial => partial is not { Operation: "DescribeImages", Kind: FailureKind.AccessDenied })];
        _sight = observation.Repository is { } repository ? new Sight.Present(repository) : new Sight.Absent();
        return true;
    }

    /// <summary>Takes what a sweep saw for what there is, and what a sweep cannot see for what is wanted.</summary>
    /// <param name="repository">The repository; null where there is none.</param>
    public void Take(ObservedRepository? repository) => _sight = repository is null
        ? new Sight.Absent()
        : new Sight.Present(repository with { Tags = repository.Tags ?? (desired.Rules.UsesOwnerTag ? desired.Tags.SetItem(ApiNames.OwnerTag, desired.OwnerTag) : desired.Tags) });

    /// <summary>The repository, where AWS described it.</summary>
    public ObservedRepository? Seen => (_sight as Sight.Present)?.Repository;

    /// <summary>Decides what to do about what was seen.</summary>
    /// <param name="neighbours">The other objects that name the repository; null where they were not asked for.</param>
    public Plan Plan(ImmutableArray<Neighbour>? neighbours = null)
    {
        _plan = Planner.Plan(desired, _sight, _owned, time.GetUtcNow(), neighbours);
        return _plan;
    }

    /// <summary>Takes note that there is nothing to do.</summary>
    public void Confirm()
    {
        Begin(_plan);
        Conclude(_plan);
    }

    /// <summary>Carries the plan out. A write that fails stops only what depends on it.</summary>
    public async Task ApplyAsync(Plan plan, CancellationToken cancellationToken)
    {
        Begin(plan);
        if (await CarryOutAsync(plan, cancellationToken))
        {
            Conclude(plan);
        }
    }

    private void Begin(Plan plan)
    {
        if (_sight is Sight.Present(var seen) && plan.Relation == Relation.Ours)
        {
            _owned = _owned.Holding(seen, plan.Origin!);
        }

        if (_sight is Sight.Present(var looked) && plan.Relation == Relation.Observed && !_owned.Means(looked))
        {
            // Another repository under the same name was never ours. Its description replaces that of ours in the status, so
            // a record that stayed beside it would be taken for its own once the object manages again.
            _owned = Owned.Nothing;
        }

        // Who may not read the tags of a repository that is not ours is told so by the plan.
        _problems.AddRange(_unread
            .Where(partial => partial.Operation != "ListTagsForResource" || plan.Relation == Relation.Ours)
            .Select(partial => Problem.From(partial)));
    }

    // False where AWS has to be asked first.
    private async Task<bool> CarryOutAsync(Plan plan, CancellationToken cancellationToken)
    {
        foreach (var action in plan.Actions)
        {
            var continues = action != plan.Actions[0];
            var outcome = await CallAsync(action.GetType().Name, () => provider.Execute(key, uid, action, place, priority, continues, cancellationToken), failure => new ActionOutcome { Failure = failure });
            if (IsPaced(outcome.Failure))
            {
                return false;
            }

            if (outcome.Failure is { } failure)
            {
                if (action is CreateRepository && (failure.Kind == FailureKind.RepositoryAlreadyExists || failure.OutcomeUnknown) && _sight is Sight.Unseen)
                {
                    MustLook = true;
                    return false;
                }

                _failed = true;
                _problems.Add(Problem.From(failure, action));
                if (StopsTheRest(plan, action, failure))
                {
                    break;
                }

                continue;
            }

            _done.Add(action);
            _owned = _owned.After(action, outcome);
            _sight = new Sight.Present(outcome.Repository ?? ((Sight.Present)_sight).Repository.After(action, outcome));
        }

        return true;
    }

    private bool IsPaced(CallFailure? failure)
    {
        PacedFor = failure is { Kind: FailureKind.Paced } paced ? paced.After : null;
        return PacedFor is not null;
    }

    private void Conclude(Plan plan)
    {
        _problems.AddRange(plan.Findings.Select(Problem.From));
        if (_failed || plan.Relation != Relation.Ours || _sight is not Sight.Present(var now))
        {
            return;
        }

        if (!plan.IsReportOnly)
        {
            _owned = _owned.Confirmed(desired, now).Trimmed(desired, now);
        }

        if (_problems.Count == 0)
        {
            _owned = _owned with { AppliedGeneration = desired.Generation };
        }
    }

    /// <summary>What the pass found out.</summary>
    public ReconcileFindings ToFindings(ECRRepository repository) => new()
    {
        Repository = repository,
        Observed = Seen,
        Absent = _sight is Sight.Absent,
        Relation = _plan.Relation,
        Owned = _owned,
        Problems = _problems.ToImmutable(),
        Notes = desired.ObserveOnly ? [] : desired.Notes,
        Drift = _failed ? _plan.Drift : _plan.Remaining,
        Compared = _sight is not Sight.Unseen && !_failed,
    };

    private static bool StopsTheRest(Plan plan, EcrAction action, CallFailure failure) =>
        action is CreateRepository
        || (plan.Claims && action == plan.Actions[0])
        || failure.Kind is FailureKind.Throttled or FailureKind.Unavailable or FailureKind.CredentialsExpired or FailureKind.ProviderNotUsable or FailureKind.RepositoryNotFound;

    // A grain call that gets no answer is a write whose outcome is unknown, like an AWS call that gets none. Where its silo is gone the
    // whole pass begins again, which looks first.
    internal static async Task<T> CallAsync<T>(string operation, Func<Task<T>> call, Func<CallFailure, T> failed)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException and not SiloUnavailableException)
        {
            return failed(new(FailureKind.Unavailable, operation, "the provider's grain gave no answer", OutcomeUnknown: true));
        }
    }
}
