using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Planning;
using InfraOperator.Grains.Status;
using InfraOperator.Grains.Tests.Planning;
using static InfraOperator.Grains.Tests.Status.StatusFindings;

namespace InfraOperator.Grains.Tests.Status;

public sealed class RepositoryStatusTests
{
    [Fact]
    public void The_schemas_default_status_is_left_behind_at_first_sight()
    {
        foreach (var findings in (ReconcileFindings[])[InSync, Of([ProviderProblem])])
        {
            var status = Build(findings);
            Assert.All(status.Conditions!.Value, condition => Assert.Equal(Now, condition.LastTransitionTime));
            Assert.DoesNotContain("Waiting", status.Message ?? "", StringComparison.Ordinal);
        }

        Assert.Null(Build(InSync).Message);
    }

    [Fact]
    public void In_sync_is_Ready_and_Synced_and_nothing_else()
    {
        var status = Build(InSync);
        Assert.Equal([(ConditionTypes.Ready, "True", Reasons.Available), (ConditionTypes.Synced, "True", Reasons.Available)], Read(status));
        Assert.True(status.Ready);
        Assert.Equal(3, status.AppliedGeneration);
        Assert.Equal(Now, status.LastSyncTime);
        Assert.Equal((Origins.Created, 3L, 3000L), (status.Origin, status.ImageCount, status.ImageSizeBytes));
    }

    [Fact]
    public void A_bad_policy_on_a_good_repository_is_Ready_not_Synced_and_Stalled()
    {
        var status = Build(InSync with { Problems = [BadPolicy] });
        Assert.Equal(
            [(ConditionTypes.Ready, "True", Reasons.Available), (ConditionTypes.Synced, "False", Reasons.InvalidLifecyclePolicy), (ConditionTypes.Stalled, "True", Reasons.InvalidLifecyclePolicy)],
            Read(status));
        Assert.True(status.Ready);
        Assert.Equal(BadPolicy.Message, status.Message);
    }

    [Fact]
    public void What_heals_by_itself_is_Reconciling_and_goes_when_healed()
    {
        var throttled = Build(InSync with { Problems = [Problem.From(new CallFailure(FailureKind.Throttled, "PutLifecyclePolicy", "slow down"))] });
        Assert.Equal([(ConditionTypes.Ready, "True"), (ConditionTypes.Synced, "Unknown"), (ConditionTypes.Reconciling, "True")], Read(throttled).Select(condition => (condition.Type, condition.Status)));
        Assert.Equal([ConditionTypes.Ready, ConditionTypes.Synced], Read(Build(InSync.After(throttled))).Select(condition => condition.Type));
    }

    [Theory]
    [InlineData(FailureKind.Throttled)]
    [InlineData(FailureKind.Unavailable)]
    [InlineData(FailureKind.CredentialsExpired)]
    [InlineData(FailureKind.ProviderNotUsable)]
    [InlineData(FailureKind.AccessDenied)]
    [InlineData(FailureKind.ProofFailed)]
    public void What_says_nothing_about_the_repository_leaves_Ready_as_it_was(FailureKind kind)
    {
        var good = Build(InSync);
        var problem = Problem.From(new CallFailure(kind, "DescribeRepositories", "no"));
        var status = Build(Of([problem], good), TimeSpan.FromMinutes(1));
        Assert.Equal(good.Condition(ConditionTypes.Ready), status.Condition(ConditionTypes.Ready));
        Assert.True(status.Ready);
        Assert.NotEqual("True", status.Condition(ConditionTypes.Synced)!.Status);
        Assert.Equal((good.RepositoryUri, good.ImageCount, good.LastSyncTime), (status.RepositoryUri, status.ImageCount, status.LastSyncTime));

        var gone = Build(Of([new(Reasons.OwnedByAnother, "theirs", Mend.Person, Bearing.OnRepository)], good));
        Assert.False(gone.Ready);
        Assert.False(Build(Of([problem], gone)).Ready);
        Assert.Equal(Reasons.OwnedByAnother, Build(Of([problem], gone)).Condition(ConditionTypes.Ready)!.Reason);
    }

    [Theory]
    [InlineData(ProviderState.NotFound, Reasons.ProviderNotFound, ConditionTypes.Stalled)]
    [InlineData(ProviderState.NotAllowed, Reasons.ProviderNotAllowed, ConditionTypes.Stalled)]
    [InlineData(ProviderState.NotReady, Reasons.ProviderNotReady, ConditionTypes.Reconciling)]
    public void A_providers_problem_is_Synced_Unknown(ProviderState state, string reason, string type)
    {
        var status = Build(Of([Problem.From(new ProviderView { State = state, Message = "m" })]));
        Assert.Equal([(ConditionTypes.Ready, "Unknown", reason), (ConditionTypes.Synced, "Unknown", reason), (type, "True", reason)], Read(status));
    }

    [Fact]
    public void AWSs_word_that_it_is_gone_makes_Ready_False_even_while_it_cannot_be_made_again()
    {
        var good = Build(InSync);
        var throttled = Problem.From(new CallFailure(FailureKind.Throttled, "CreateRepository", "slow down"), new CreateRepository { RepositoryName = Scenario.Name });
        var status = Build(InSync.After(good) with { Observed = null, Absent = true, Compared = false, Problems = [throttled] });
        Assert.Equal(("False", Reasons.NotFound), (status.Condition(ConditionTypes.Ready)!.Status, status.Condition(ConditionTypes.Ready)!.Reason));
        Assert.Null(status.RepositoryUri);
        Assert.Null(status.ImageCount);

        // What it was stays on record: it decides what may be deleted.
        Assert.Equal((good.RepositoryArn, good.CreationDate), (status.RepositoryArn, status.CreationDate));
    }

    [Fact]
    public void Not_yet_visible_is_Ready_Unknown_and_keeps_the_description()
    {
        var good = Build(InSync);
        var creating = Problem.From(new Finding(Reasons.Creating, "wait", ConcernsRepository: true, HealsByItself: true));
        var status = Build(InSync.After(good) with { Observed = null, Absent = true, Relation = Relation.None, Problems = [creating] });
        Assert.Equal((ConditionStatus.Unknown, Reasons.Creating), (status.Condition(ConditionTypes.Ready)!.Status, status.Condition(ConditionTypes.Ready)!.Reason));
        Assert.Equal(good.RepositoryUri, status.RepositoryUri);
    }

    [Fact]
    public void Another_objects_repository_is_not_described()
    {
        var finding = Problem.From(new Finding(Reasons.OwnedByAnother, "theirs", ConcernsRepository: true));
        var status = Build(Of([finding]) with { Observed = Seen(), Relation = Relation.Foreign, Compared = true });
        Assert.Null(status.RepositoryArn);
        Assert.Null(status.RepositoryUri);
        Assert.False(status.Ready);
    }

    [Fact]
    public void Observe_claims_no_comparison_and_no_record()
    {
        var status = Build(Of([]) with { Observed = Seen(), Relation = Relation.Observed, Compared = true });
        Assert.True(status.Ready);
        Assert.Contains("Observe", status.Condition(ConditionTypes.Synced)!.Message, StringComparison.Ordinal);
        Assert.Null(status.Origin);
        Assert.Null(status.Owned);
    }

    [Fact]
    public void A_transition_time_moves_with_the_status_only()
    {
        var good = Build(InSync);
        var bad = Build((InSync with { Problems = [BadPolicy] }).After(good), TimeSpan.FromMinutes(1));
        var worse = Build((InSync with { Problems = [BadPolicy with { Message = "rule 2: bad" }] }).After(bad), TimeSpan.FromMinutes(2));
        Assert.Equal(Now, worse.Condition(ConditionTypes.Ready)!.LastTransitionTime);
        Assert.Equal(Now + TimeSpan.FromMinutes(1), worse.Condition(ConditionTypes.Synced)!.LastTransitionTime);
        Assert.Equal("rule 2: bad", worse.Condition(ConditionTypes.Synced)!.Message);
    }

    [Fact]
    public void Every_part_says_of_which_generation_it_speaks()
    {
        foreach (var findings in (ReconcileFindings[])[InSync, InSync with { Problems = [BadPolicy] }, Of([ProviderProblem], Build(InSync))])
        {
            var next = findings with { Repository = findings.Repository with { Metadata = findings.Repository.Metadata with { Generation = 4 } } };
            var status = Build(next);
            Assert.Equal(4, status.ObservedGeneration);
            Assert.All(status.Conditions!.Value, condition => Assert.Equal(4, condition.ObservedGeneration));
        }
    }

    [Fact]
    public void The_same_findings_write_nothing_until_the_heartbeat()
    {
        foreach (var findings in (ReconcileFindings[])[InSync, InSync with { Problems = [BadPolicy] }, Of([ProviderProblem])])
        {
            var first = Build(findings);
            Assert.True(SameJson(first, Build(findings.After(first), TimeSpan.FromMinutes(59))));
            var later = Build(findings.After(first), TimeSpan.FromMinutes(61));
            Assert.Equal(findings.Compared, !SameJson(first, later));
            Assert.True(SameJson(first with { LastSyncTime = later.LastSyncTime }, later));
        }
    }

    [Fact]
    public void An_unreadable_image_count_keeps_the_last_good_one()
    {
        var status = Build((InSync with { Observed = Seen() with { Images = null } }).After(Build(InSync)));
        Assert.Equal((3, 3000), (status.ImageCount, status.ImageSizeBytes));
    }

    [Fact]
    public void A_capped_image_count_is_said_to_be_at_least() =>
        Assert.Contains("at least 10000", Build(InSync with { Observed = Seen() with { Images = new(10000, 1, true) } }).Message, StringComparison.Ordinal);

    [Fact]
    public void A_force_sync_is_echoed_and_its_removal_changes_nothing()
    {
        var asked = InSync with { Repository = InSync.Repository with { Metadata = InSync.Repository.Metadata with { Annotations = InSync.Repository.Metadata.Annotations.Add("force-sync", "1") } } };
        var status = Build(asked);
        Assert.Equal("1|", status.LastHandledForceSync);
        Assert.Equal("1|", Build(InSync.After(status)).LastHandledForceSync);
    }

    [Fact]
    public void What_AWS_said_of_a_field_outweighs_what_could_not_be_found_out()
    {
        var status = Build(InSync with { Problems = [ProviderProblem, BadPolicy] });
        Assert.Equal(("False", Reasons.InvalidLifecyclePolicy), (status.Condition(ConditionTypes.Synced)!.Status, status.Condition(ConditionTypes.Synced)!.Reason));
        Assert.Equal($"{ProviderProblem.Message}; {BadPolicy.Message}", status.Message);
    }

    private static bool SameJson(ECRRepositoryStatus left, ECRRepositoryStatus right) => JsonNode.DeepEquals(ResourceJson.ToJson(left), ResourceJson.ToJson(right));

    private static IEnumerable<(string Type, string Status, string Reason)> Read(ECRRepositoryStatus status) =>
        status.Conditions!.Value.Select(condition => (condition.Type, condition.Status, condition.Reason));
}
