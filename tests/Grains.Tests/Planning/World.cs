using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Repositories;
using InfraOperator.Grains.Status;
using Microsoft.Extensions.Time.Testing;

namespace InfraOperator.Grains.Tests.Planning;

/// <summary>What one pass came to.</summary>
/// <param name="Plan">The plan that was carried out last.</param>
/// <param name="Findings">What was found out.</param>
/// <param name="Crashed">Whether the pass was cut short.</param>
internal sealed record Pass(Plan Plan, ReconcileFindings Findings, bool Crashed);

/// <summary>One object, one repository name in AWS, and the passes of <see cref="RepositoryWork"/> between them, as the reconciler runs them.</summary>
internal sealed class World
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time;
    private readonly IProviderGrain _provider;
    private int? _writesLeft;

    public World(Scenario scenario)
    {
        _time = new(Scenario.Now);
        Repository = scenario.Repository;
        DefaultTags = scenario.DefaultTags;
        Ecr = scenario.NewEcr();
        _provider = DispatchProxy.Create<IProviderGrain, ProviderStandIn>();
        ((ProviderStandIn)(object)_provider).World = this;
    }

    public static ResourceKey Key { get; } = new("test", "team", "backend");

    public ECRRepository Repository { get; private set; }

    public ImmutableSortedDictionary<string, string> DefaultTags { get; set; }

    public ModelEcr Ecr { get; }

    public DesiredRepository Desired => DesiredRepository.From(Repository, Key, DefaultTags);

    public Owned Owned => Owned.From(Repository.Status);

    public DateTimeOffset Now => _time.GetUtcNow();

    public void Advance(TimeSpan by)
    {
        _time.Advance(by);
        Ecr.Now = Now;
    }

    /// <summary>Edits the spec, which counts the generation.</summary>
    public void Edit(Func<ECRRepositorySpec, ECRRepositorySpec> edit) => Repository = Repository with
    {
        Spec = edit(Repository.Spec),
        Metadata = Repository.Metadata with { Generation = Repository.Metadata.Generation + 1 },
    };

    /// <summary>Runs one pass.</summary>
    /// <param name="crashAfter">After how many writes the process ends; null: it does not.</param>
    /// <param name="keepRecord">Whether what the crashed pass had learnt is on record all the same.</param>
    public Pass Reconcile(int? crashAfter = null, bool keepRecord = false)
    {
        _writesLeft = crashAfter;
        var work = new RepositoryWork(Key, "uid", _provider, null, Desired, Owned, CallPriority.User, _time);
        var crashed = false;
        try
        {
            Run(work).GetAwaiter().GetResult();
        }
        catch (ProcessEndedException)
        {
            crashed = true;
        }

        var findings = work.ToFindings(Repository);
        if (!crashed || keepRecord)
        {
            Write(RepositoryStatus.Build(findings, Now, Heartbeat));
        }

        return new(work.Current, findings, crashed);
    }

    /// <summary>Runs passes until AWS stays as it is.</summary>
    public Pass Settle()
    {
        for (var passes = 0; passes < 4; passes++)
        {
            var pass = Reconcile();
            if (pass.Crashed || PlanNext().Actions.IsEmpty)
            {
                return pass;
            }
        }

        throw new InvalidOperationException($"After four passes there is still to do: {PlanNext().Describe()}");
    }

    /// <summary>What the next pass would do once it has looked.</summary>
    public Plan PlanNext()
    {
        var desired = Desired;
        var seen = Ecr.Observe(new(
            desired.RepositoryName,
            desired.LifecyclePolicyText is not null || Owned.LifecyclePolicy is not null,
            desired.RepositoryPolicyText is not null || Owned.RepositoryPolicy is not null,
            Images: true));
        return Planner.Plan(desired, seen.Repository is { } repository ? new Sight.Present(repository) : new Sight.Absent(), Owned, Now);
    }

    private async Task Run(RepositoryWork work)
    {
        var desired = Desired;
        if (Owned.Arn is not null || desired.ObserveOnly || desired.AdoptionPolicy == AdoptionPolicy.Adopt || !await TryCreate())
        {
            if (await work.LookAsync(asHint: false, TestContext.Current.CancellationToken))
            {
                await PlanAndApply();
            }
        }

        async Task<bool> TryCreate()
        {
            await PlanAndApply();
            return !work.MustLook;
        }

        async Task PlanAndApply()
        {
            var plan = work.Plan();
            if (plan.Claims && Repository.Status?.Origin is null)
            {
                Write((Repository.Status ?? new()) with { Origin = plan.Origin });
            }

            await work.ApplyAsync(plan, TestContext.Current.CancellationToken);
        }
    }

    // Through JSON, as the API server keeps it.
    private void Write(ECRRepositoryStatus status) =>
        Repository = Repository with { Status = JsonSerializer.Deserialize((Repository with { Status = status }).ToStoredJson(), ResourceJson.ECRRepository)!.Status };

    private ActionOutcome Execute(EcrAction action)
    {
        if (_writesLeft is { } left && left-- <= 0)
        {
            throw new ProcessEndedException();
        }

        _writesLeft = _writesLeft is null ? null : _writesLeft - 1;
        return Ecr.Execute(action);
    }

    private sealed class ProcessEndedException : Exception;

    /// <summary>The provider's grain, without being one for the code generator.</summary>
    public class ProviderStandIn : DispatchProxy
    {
        internal World World { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IProviderGrain.Observe) => Task.FromResult(World.Ecr.Observe((ObserveRequest)args![1]!)),
            nameof(IProviderGrain.Execute) => Task.FromResult(World.Execute((EcrAction)args![2]!)),
            _ => throw new InvalidOperationException($"A pass does not call {targetMethod.Name}."),
        };
    }
}

internal static class Descriptions
{
    public static string ToStoredJson(this ECRRepository repository) => ResourceJson.ToJson(repository).ToJsonString();

    /// <summary>All that a plan says, as text: equal plans are equal texts.</summary>
    public static string Describe(this Plan plan) =>
        $"{string.Join('\n', plan.Actions.Select(Describe))}\n{ResourceJson.ToJson(new { plan.Findings, plan.Drift, plan.Remaining, plan.IsReportOnly, Relation = plan.Relation.ToString(), plan.Origin, plan.Removal, plan.RemovalWarning })}";

    public static string Describe(this EcrAction action) => $"{action.GetType().Name} {ResourceJson.ToJson<object>(action)}";

    public static string Describe(this ObservedRepository? repository) => repository is null ? "none" : ResourceJson.ToJson(repository).ToJsonString();
}
