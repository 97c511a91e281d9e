using InfraOperator.Abstractions;
using InfraOperator.Grains.Status;

namespace InfraOperator.Grains.Tests.Status;

public sealed class ProblemTests
{
    private static readonly CreateRepository Create = new() { RepositoryName = "r" };

    public static TheoryData<FailureKind> Kinds => [.. Enum.GetValues<FailureKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_failure_says_AWSs_own_words(FailureKind kind)
    {
        foreach (var action in (EcrAction?[])[null, Create, new PutLifecyclePolicy { RepositoryName = "r", PolicyText = "" }])
        {
            var problem = Problem.From(new CallFailure(kind, "Call", "AWS said so"), action);
            Assert.Contains("AWS said so", problem.Message, StringComparison.Ordinal);
            Assert.NotEmpty(problem.Reason);

            // A read that failed says nothing about the repository.
            Assert.True(action is not null || problem.Bearing != Bearing.OnRepository || kind == FailureKind.KmsKeyNotUsable);
        }
    }

    [Theory]
    [InlineData(FailureKind.AccessDenied)]
    [InlineData(FailureKind.QuotaExceeded)]
    [InlineData(FailureKind.InvalidParameter)]
    public void A_repository_that_AWS_refuses_to_make_is_not_Ready(FailureKind kind)
    {
        var problem = Problem.From(new CallFailure(kind, "CreateRepository", "no"), Create);
        Assert.Equal((Bearing.OnRepository, Mend.Person), (problem.Bearing, problem.Mend));
    }

    [Theory]
    [InlineData(FailureKind.Throttled)]
    [InlineData(FailureKind.Unavailable)]
    [InlineData(FailureKind.ProofFailed)]
    [InlineData(FailureKind.ProviderNotUsable)]
    [InlineData(FailureKind.RepositoryNotFound)]
    [InlineData(FailureKind.Unknown)]
    public void What_passes_is_tried_again_by_itself(FailureKind kind) =>
        Assert.Equal((Bearing.OnKnowledge, Mend.Time), (Problem.From(new CallFailure(kind, "x", "y"), Create).Bearing, Problem.From(new CallFailure(kind, "x", "y"), Create).Mend));

    [Fact]
    public void A_refused_policy_has_the_reason_of_its_field()
    {
        var refused = new CallFailure(FailureKind.InvalidParameter, "Put", "bad");
        Assert.Equal(Reasons.InvalidLifecyclePolicy, Problem.From(refused, new PutLifecyclePolicy { RepositoryName = "r", PolicyText = "" }).Reason);
        Assert.Equal(Reasons.InvalidRepositoryPolicy, Problem.From(refused, new SetRepositoryPolicy { RepositoryName = "r", PolicyText = "" }).Reason);
        Assert.Equal(Reasons.InvalidSpec, Problem.From(refused, Create).Reason);
    }
}
