using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tests.Planning;

namespace InfraOperator.Grains.Tests.Status;

/// <summary>Whatever was found out, the API server takes the status: the limits of the CRDs' schemas and the rules of kstatus hold.</summary>
public sealed class StatusLimitsTests
{
    private static readonly Gen<string> Words = Gen.Frequency(
        (4, Gen.String[Gen.Char.AlphaNumeric, 0, 40]),
        (1, Gen.Int[4000, 40000].Select(length => string.Concat(Enumerable.Repeat("😀", length / 2)))),
        (1, Gen.Int[4090, 4100].Select(length => new string('x', 1) + string.Concat(Enumerable.Repeat("😀", length / 2)))));

    private static readonly Gen<Problem> Problems = Gen.Select(
        Pick.One(Reasons.Throttled, Reasons.InvalidLifecyclePolicy, Reasons.NotFound, Reasons.Creating, Reasons.ProviderNotReady),
        Words,
        Pick.One(Mend.Time, Mend.Person, Mend.Nobody),
        Pick.One(Bearing.OnField, Bearing.OnKnowledge, Bearing.OnRepository)).Select((reason, message, mend, bearing) => new Problem(reason, message, mend, bearing));

    private static readonly Gen<ReconcileFindings> Findings =
        from problems in Problems.Array[0, 5]
        from observed in Gen.Bool
        from absent in Gen.Bool
        from relation in Pick.One(Relation.None, Relation.Observed, Relation.Ours, Relation.Foreign)
        from compared in Gen.Bool
        from drift in Gen.Select(Words, Words, Words).Select((field, expected, actual) => Differences.Item(field, expected, actual)).Array[0, 30]
        from applied in Pick.One<long?>(null, 2, 3)
        select new ReconcileFindings
        {
            Repository = Scenario.Object(new()) with { Status = StatusFindings.SchemaDefault },
            Problems = [.. problems],
            Observed = observed ? StatusFindings.Seen() : null,
            Absent = absent && !observed,
            Relation = relation,
            Compared = compared,
            Drift = [.. drift],
            Owned = Owned.Nothing.Holding(StatusFindings.Seen(), Origins.Created) with { AppliedGeneration = applied },
        };

    [Fact]
    public void A_repositorys_status_obeys_the_schema_and_kstatus() => Gen.Select(Findings, Findings).Sample((first, second) =>
    {
        var before = StatusFindings.Build(first);
        AssertValid(before);
        var after = StatusFindings.Build(second.After(before), TimeSpan.FromMinutes(1));
        AssertValid(after);
        Assert.All(after.Conditions!.Value, condition =>
        {
            var old = before.Condition(condition.Type);
            Assert.Equal(old?.Status == condition.Status ? old.LastTransitionTime : StatusFindings.Now + TimeSpan.FromMinutes(1), condition.LastTransitionTime);
        });

        // Told again, it is the same.
        var again = StatusFindings.Build(second.After(after), TimeSpan.FromMinutes(2));
        Assert.True(JsonNode.DeepEquals(ResourceJson.ToJson(after), ResourceJson.ToJson(again)));
    }, iter: 200);

    [Fact]
    public void A_record_never_outgrows_the_schema() => Generate.Scenarios(brokenPolicies: true, unreadable: true).Sample(scenario =>
    {
        // Generation after generation of other tags, while others clear them all and something always fails.
        var world = new World(scenario);
        for (var generation = 0; generation < 4; generation++)
        {
            var tags = Enumerable.Range(0, 45).ToImmutableSortedDictionary(number => $"{generation}-{number}", _ => "x");
            world.Edit(spec => spec with { Tags = tags, LifecyclePolicy = new() { PolicyText = SamplePolicies.Refused } });
            world.Reconcile();
            Assert.InRange(world.Repository.Status!.Owned?.TagKeys?.Length ?? 0, 0, 100);
            if (world.Ecr.Repository is { } aws)
            {
                world.Ecr.Repository = aws with { Tags = aws.Tags!.RemoveRange(aws.Tags.Keys.Where(key => key != ApiNames.OwnerTag)) };
            }
        }
    }, iter: 200);

    [Fact]
    public void A_providers_status_obeys_the_schema_and_kstatus() => Gen.Select(
        Pick.One(Reasons.Available, Reasons.AWSUnavailable, Reasons.Throttled, Reasons.SecretNotFound, Reasons.AccessDenied), Words, Gen.Bool).Sample((reason, message, inUse) =>
    {
        var status = ProviderStatus.Build(new() { Metadata = new() { Generation = 2 } }, new(reason, message), 7, StatusFindings.Now, StatusFindings.Heartbeat, inUse ? new(7, "team/backend") : null);
        Assert.Equal(2, status.ObservedGeneration);
        AssertValid(status.Conditions!.Value, 2);
        Assert.Equal(reason == Reasons.Available, status.Ready);
        Assert.InRange(Characters(status.Message), 0, 32768);
    }, iter: 300);

    private static void AssertValid(ECRRepositoryStatus status)
    {
        AssertValid(status.Conditions!.Value, 3);
        Assert.Equal(status.Condition(ConditionTypes.Ready)!.Status == ConditionStatus.True, status.Ready);
        Assert.NotNull(status.Condition(ConditionTypes.Synced));
        Assert.InRange(Characters(status.Message), 0, 32768);
        Assert.InRange(status.Drift?.Length ?? 0, 0, 20);
        Assert.All(status.Drift ?? [], item => Assert.All([item.Field, item.Expected, item.Actual], value => Assert.InRange(Characters(value), 0, 256)));
    }

    private static void AssertValid(ImmutableArray<Condition> conditions, long generation)
    {
        Assert.Equal(conditions.Length, conditions.DistinctBy(condition => condition.Type).Count());
        Assert.False(conditions.Any(condition => condition.Type == ConditionTypes.Reconciling) && conditions.Any(condition => condition.Type == ConditionTypes.Stalled));
        Assert.All(conditions, condition =>
        {
            Assert.Contains(condition.Status, (string[])["True", "False", "Unknown"]);
            Assert.True(condition.Type is ConditionTypes.Ready or ConditionTypes.Synced || condition.Status == ConditionStatus.True);
            Assert.Matches("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", condition.Reason);
            Assert.InRange(Characters(condition.Message), 0, 32768);
            Assert.Equal(generation, condition.ObservedGeneration);
            Assert.NotNull(condition.LastTransitionTime);
        });
    }

    // As the API server counts; text that is no text (half a surrogate pair) throws.
    private static int Characters(string? text) => text is null ? 0 : new UTF32Encoding(false, false, throwOnInvalidCharacters: true).GetByteCount(text) / 4;
}
