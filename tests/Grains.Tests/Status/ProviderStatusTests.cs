using System.Text.Json.Nodes;
using InfraOperator.Abstractions;
using InfraOperator.Grains.Providers;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Tests.Status;

public sealed class ProviderStatusTests
{
    private static readonly DateTimeOffset Now = StatusFindings.Now;

    private static readonly ProviderFindings Proven = new(Reasons.Available, "authenticated", "123456789012", "arn:aws:iam::123456789012:user/ci", Now, "http://aws.test", "eu-west-1");

    [Fact]
    public void A_proven_identity_is_Ready_and_nothing_else()
    {
        var status = Build(Proven);
        var ready = Assert.Single(status.Conditions!.Value);
        Assert.Equal((ConditionTypes.Ready, "True", Reasons.Available), (ready.Type, ready.Status, ready.Reason));
        Assert.True(status.Ready);
        Assert.Null(status.Message);
        Assert.Equal(("123456789012", "arn:aws:iam::123456789012:user/ci", Now, 2, "http://aws.test", "eu-west-1"), (status.AccountID, status.CallerIdentity, status.LastAuthenticationTime, status.RepositoryCount, status.Endpoint, status.Region));
    }

    [Theory]
    [InlineData(Reasons.AWSUnavailable, ConditionTypes.Reconciling)]
    [InlineData(Reasons.Throttled, ConditionTypes.Reconciling)]
    [InlineData(Reasons.SecretNotFound, ConditionTypes.Stalled)]
    [InlineData(Reasons.AccessDenied, ConditionTypes.Stalled)]
    [InlineData(Reasons.CredentialsExpired, ConditionTypes.Stalled)]
    public void What_fails_says_who_can_mend_it_and_keeps_what_was_known(string reason, string type)
    {
        var status = Build(new(reason, "because"), before: Build(Proven));
        Assert.Equal([(ConditionTypes.Ready, "False", reason), (type, "True", reason)], status.Conditions!.Value.Select(condition => (condition.Type, condition.Status, condition.Reason)));
        Assert.Equal(("because", "123456789012", "eu-west-1", Now), (status.Message, status.AccountID, status.Region, status.LastAuthenticationTime));
        Assert.False(status.Ready);
    }

    [Fact]
    public void A_provider_in_use_says_by_how_many_while_it_is_being_deleted()
    {
        var status = Build(Proven, inUse: new(2, "team/backend"));
        Assert.Equal(Reasons.Deleting, status.Conditions!.Value[0].Reason);
        Assert.Contains("2 ECRRepository", status.Message, StringComparison.Ordinal);
        Assert.Contains("team/backend", status.Message, StringComparison.Ordinal);
        Assert.True(status.Ready);
    }

    [Fact]
    public void The_same_findings_write_nothing_until_the_heartbeat()
    {
        var first = Build(Proven);
        Assert.True(Same(first, Build(Proven with { AuthenticatedAt = Now + TimeSpan.FromMinutes(59) }, first, TimeSpan.FromMinutes(59))));
        var beat = Build(Proven with { AuthenticatedAt = Now + TimeSpan.FromMinutes(60) }, first, TimeSpan.FromMinutes(60));
        Assert.True(Same(first with { LastAuthenticationTime = Now + TimeSpan.FromMinutes(60) }, beat));
    }

    [Fact]
    public void Healing_is_told_with_the_time_of_the_proof()
    {
        var broken = Build(new(Reasons.AccessDenied, "no"), Build(Proven), TimeSpan.FromMinutes(1));
        var healed = Build(Proven with { AuthenticatedAt = Now + TimeSpan.FromMinutes(2) }, broken, TimeSpan.FromMinutes(2));
        Assert.Equal(Now + TimeSpan.FromMinutes(2), healed.LastAuthenticationTime);
        Assert.Equal(Now + TimeSpan.FromMinutes(2), healed.Conditions!.Value[0].LastTransitionTime);
    }

    [Fact]
    public void The_schemas_default_status_is_left_behind_at_first_sight()
    {
        var waiting = new AWSProviderStatus
        {
            Message = "Waiting for the operator to see this provider.",
            Conditions = [new() { Type = ConditionTypes.Ready, Reason = Reasons.Pending, Message = "Waiting", LastTransitionTime = DateTimeOffset.UnixEpoch }],
        };
        var status = Build(Proven, waiting);
        Assert.Null(status.Message);
        Assert.Equal(Now, status.Conditions!.Value[0].LastTransitionTime);
    }

    private static bool Same(AWSProviderStatus left, AWSProviderStatus right) => JsonNode.DeepEquals(ResourceJson.ToJson(left), ResourceJson.ToJson(right));

    private static AWSProviderStatus Build(ProviderFindings findings, AWSProviderStatus? before = null, TimeSpan later = default, ProviderUsers? inUse = null) =>
        ProviderStatus.Build(new() { Metadata = new() { Generation = 1 }, Status = before }, findings, repositories: 2, Now + later, StatusFindings.Heartbeat, inUse);
}
