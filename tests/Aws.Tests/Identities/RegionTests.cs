using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;

namespace InfraOperator.Aws.Tests.Identities;

/// <summary>STS is asked in the provider's own region and partition, or at its endpoint: requests to AWS's hosts end at an STS that knows what host it was asked as.</summary>
public sealed class RegionTests : StsTest
{
    private readonly ConcurrentQueue<Uri> _asked = new();
    private AwsClientFactory _toAws = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _toAws = new(Clock, NullLoggerFactory.Instance, null, null, inner => new InAwsPlace(Sts.Url, _asked, inner));
    }

    public override async ValueTask DisposeAsync()
    {
        _toAws.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("us-east-1", "aws", "https://sts.us-east-1.amazonaws.com/")]
    [InlineData("eu-west-1", "aws", "https://sts.eu-west-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", "aws-us-gov", "https://sts.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", "aws-cn", "https://sts.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-iso-east-1", "aws-iso", "https://sts.us-iso-east-1.c2s.ic.gov/")]
    [InlineData("eusc-de-east-1", "aws-eusc", "https://sts.eusc-de-east-1.amazonaws.eu/")]
    public async Task STS_is_asked_in_the_providers_region(string region, string partition, string url)
    {
        string InPartition(string text) => text.Replace("arn:aws:", $"arn:{partition}:", StringComparison.Ordinal);
        Sts.Accounts.AddRole(InPartition(OperatorRole), InPartition(TrustTokens()), MayAssume);
        Sts.Accounts.AddRole(InPartition(OtherRole), InPartition(TrustOperator()));
        var identity = On(ByToken with { RoleArn = InPartition(OperatorRole) }) with { RoleArn = InPartition(OtherRole) };

        var caller = await _toAws.Create(identity, new(region, null)).GetCallerIdentityAsync(Cancel);

        Assert.Equal(InPartition($"arn:aws:sts::{OtherAccount}:assumed-role/ecr-of-that-account/test.session"), caller.Arn);
        Assert.Equal(["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"], Sts.Log.Select(call => call.Operation));
        Assert.Equal([null, region, region], Sts.Log.Select(call => call.Region));
        Assert.Equal(Enumerable.Repeat(url, 3), _asked.Select(asked => asked.AbsoluteUri));
    }

    [Fact]
    public async Task A_role_of_another_partition_is_refused_there()
    {
        var failure = await RefusalOf(_toAws.Create(On(StaticKeys), new("cn-north-1", null)));

        Assert.Equal((AwsFailureKind.InvalidParameter, $"{OtherRole} is invalid"), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task An_endpoint_takes_the_place_of_all()
    {
        await ClientsOf(On(ByToken), "eu-central-1").GetCallerIdentityAsync(Cancel);

        Assert.Equal(3, Sts.Log.Count);
        Assert.All(Sts.Log, call => Assert.Equal(Sts.Url.Host, call.Host));
        Assert.Equal([null, "eu-central-1", "eu-central-1"], Sts.Log.Select(call => call.Region));
    }

    /// <summary>Takes what is sent to any host to one place, and leaves it its name.</summary>
    private sealed class InAwsPlace(Uri place, ConcurrentQueue<Uri> asked, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Enqueue(request.RequestUri!);
            request.Headers.Host = request.RequestUri!.Host;
            request.RequestUri = new(place, request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
