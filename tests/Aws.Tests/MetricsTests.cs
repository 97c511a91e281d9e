using Amazon.ECR.Model;
using InfraOperator.Conformance;
using InfraOperator.Sandbox.Ecr;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Aws.Tests;

/// <summary>Each attempt of a call is counted and timed, under what it came to.</summary>
public sealed class MetricsTests : AwsTest
{
    [Fact]
    public async Task Calls_are_counted_by_operation_and_outcome()
    {
        using var measured = new Measurements();
        using var factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance, measured);
        var clients = factory.Create(Keys, new AwsTarget("us-east-1", Sandbox.Url));
        Sandbox.Faults.Add("CreateRepository", EcrFault.BareThrottle, times: 1);

        await FailureOf(() => Create("app", clients));
        await Create("app", clients);
        await FailureOf(() => Create("app", clients));
        Sandbox.Faults.Add("DescribeRepositories", EcrFault.Throttle);
        await FailureOf(() => clients.Ecr.DescribeRepositoriesAsync(new DescribeRepositoriesRequest(), Cancel));

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["operation=CreateRepository outcome=Throttled"] = 1,
                ["operation=CreateRepository outcome=Success"] = 1,
                ["operation=CreateRepository outcome=RepositoryAlreadyExists"] = 1,
                ["operation=DescribeRepositories outcome=Throttled"] = 1,
            },
            measured.Totals("infra_operator.aws.calls"));
        Assert.Equal(
            ["operation=CreateRepository", "operation=CreateRepository", "operation=CreateRepository", "operation=DescribeRepositories"],
            measured.Of("infra_operator.aws.call.duration").Select(measured => measured.Labels));
    }

    [Fact]
    public async Task A_call_without_credentials_is_none_but_the_one_that_was_to_fetch_them_is()
    {
        using var measured = new Measurements();
        using var factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance, measured);
        var role = factory.Create(new AssumedRole(Keys, "arn:aws:iam::111122223333:role/a", null, "test.session"), new AwsTarget("us-east-1", Sandbox.Url));
        Sandbox.Faults.Add("AssumeRole", EcrFault.Throttle);

        await FailureOf(() => Create("app", role));

        Assert.Equal(["operation=AssumeRole outcome=Throttled"], measured.Totals("infra_operator.aws.calls").Keys);
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_canceled()
    {
        using var measured = new Measurements();
        using var factory = new AwsClientFactory(Clock, NullLoggerFactory.Instance, measured);
        var clients = factory.Create(Keys, new AwsTarget("us-east-1", Sandbox.Url));
        Sandbox.Faults.Add("DescribeRepositories", new EcrFault.Latency(TimeSpan.FromMinutes(1)));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var call = clients.Ecr.DescribeRepositoriesAsync(new DescribeRepositoriesRequest(), end.Token);
        await Sandbox.WaitForDelayedAsync(1).WaitAsync(Hang, Cancel);
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(["operation=DescribeRepositories outcome=Canceled"], measured.Totals("infra_operator.aws.calls").Keys);
    }
}
